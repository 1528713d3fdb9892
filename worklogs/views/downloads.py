"""Archived files on their way out of a page: every one passes ``disclose``."""

from urllib.parse import quote

from django.http import HttpResponse

from confidentiality.operations import disclose
from core import clock
from core.errors import NotFound
from core.files import content_of
from core.models import StoredFile
from core.requests import SignedInRequest


def archived(
    request: SignedInRequest, file: StoredFile | None, *, rows: int, is_named: bool = False
) -> HttpResponse:
    """The archived bytes as a download, noted and permitted by the file's level.

    ``rows`` is the number of records in it, ``is_named`` whether the reader is one of the named
    group of a secret; NotFound while there is no file yet.
    """
    if file is None:
        raise NotFound
    content = content_of(file)
    disclose(
        actor=request.actor,
        at=clock.now(),
        name=file.name,
        sha256=file.sha256,
        rows=rows,
        file=file,
        level=file.level,
        branch_id=file.branch_id,
        is_named=is_named,
    )
    return HttpResponse(
        content,
        content_type=file.content_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
            "X-Content-Type-Options": "nosniff",
        },
    )
