"""A file that somebody adds as evidence: pictures, scans, documents; its name and type checked."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Final

from django.utils.translation import gettext as _

from core import files
from core.actors import Actor
from core.errors import Refused
from core.models import StoredFile

# Ending → content type; what a browser would run is not among them.
TYPES: Final = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".zip": "application/zip",
}
_NAME_AT_MOST: Final = 200


@dataclass(frozen=True)
class Evidence:
    """A file as it was handed in."""

    name: str
    content: bytes


def store_evidence(
    given: Evidence | None, *, kind: str, branch_id: int, actor: Actor, at: datetime
) -> StoredFile | None:
    """Keep the file; None where there is none. Refused for an empty one or another type."""
    if given is None:
        return None
    ending = PurePath(given.name).suffix.lower()
    if ending not in TYPES:
        kinds = " ".join(one.removeprefix(".") for one in TYPES)
        raise Refused(_("这种文件收不了，可以是：%(kinds)s") % {"kinds": kinds}, field="file")
    if not given.content:
        raise Refused(_("文件是空的。"), field="file")
    return files.store(
        content=given.content,
        name=given.name[-_NAME_AT_MOST:],
        content_type=TYPES[ending],
        kind=kind,
        actor=actor,
        at=at,
        branch_id=branch_id,
    )
