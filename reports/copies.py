"""Files of editions: what they are called, of which kinds, and the number of a download."""

from typing import Final

from core.exports import XLSX as XLSX_TYPE
from core.periods import local_date
from reports.models import Edition, StampedCopy

PDF, XLSX = "pdf", "xlsx"
KINDS: Final = (PDF, XLSX)
TYPES: Final = {PDF: "application/pdf", XLSX: XLSX_TYPE}
ZIP: Final = "application/zip"


def file_name(edition: Edition) -> str:
    """What the edition's files are called, without an ending."""
    place = edition.branch.name if edition.branch else "全公司"
    number = edition.bulletin.document_number or edition.bulletin.month
    return f"{number}_{place}"


def copy_number(copy: StampedCopy) -> str:
    """The number of the record of a download: D-20261113-0086."""
    return f"D-{local_date(copy.asked_at):%Y%m%d}-{copy.pk:04d}"
