"""A file that somebody adds as evidence: pictures, scans, documents; name and content checked."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import PurePath
from typing import Final
from zipfile import BadZipFile, ZipFile

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
# How the bytes of each begin; a text has no such mark.
_SIGNS: Final = {
    ".pdf": b"%PDF-",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".webp": b"RIFF",
    ".xlsx": b"PK",
    ".docx": b"PK",
    ".zip": b"PK",
}
# What a document of this ending holds.
_PARTS: Final = {".xlsx": "xl/workbook.xml", ".docx": "word/document.xml"}
_MACROS: Final = "vbaProject.bin"
_INFLATED_AT_MOST: Final = 300 * 1024 * 1024


@dataclass(frozen=True)
class Evidence:
    """A file as it was handed in."""

    name: str
    content: bytes


def store_evidence(
    given: Evidence | None,
    *,
    kind: str,
    branch_id: int | None,
    actor: Actor,
    at: datetime,
    level: int = 2,
) -> StoredFile | None:
    """Keep the file; None where there is none. ``level`` is that of annex 9.1; a file without
    ``branch_id`` is the company's.

    Refused for an empty one, another type, or a content that is not what its name says.
    """
    if given is None:
        return None
    ending = PurePath(given.name).suffix.lower()
    if ending not in TYPES:
        kinds = " ".join(one.removeprefix(".") for one in TYPES)
        raise Refused(_("这种文件收不了，可以是：%(kinds)s") % {"kinds": kinds}, field="file")
    if not given.content:
        raise Refused(_("文件是空的。"), field="file")
    if not is_what_it_says(ending, given.content):
        raise Refused(_("文件的内容和扩展名不符，或者带宏，收不了。"), field="file")
    return files.store(
        content=given.content,
        name=given.name[-_NAME_AT_MOST:],
        content_type=TYPES[ending],
        kind=kind,
        actor=actor,
        at=at,
        branch_id=branch_id,
        level=level,
    )


def is_what_it_says(ending: str, content: bytes) -> bool:
    """Whether the bytes are of the type that the ending names; documents without macros."""
    sign = _SIGNS.get(ending)
    if sign is None:
        return _is_text(content)
    if not content.startswith(sign):
        return False
    if ending == ".webp":
        return content[8:12] == b"WEBP"
    return _is_sound_archive(ending, content) if sign == b"PK" else True


def _is_text(content: bytes) -> bool:
    if b"\0" in content:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def _is_sound_archive(ending: str, content: bytes) -> bool:
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
            inflated = sum(one.file_size for one in archive.infolist())
    except (BadZipFile, ValueError, NotImplementedError):
        return False
    if inflated > _INFLATED_AT_MOST or any(name.endswith(_MACROS) for name in names):
        return False
    return ending not in _PARTS or _PARTS[ending] in names
