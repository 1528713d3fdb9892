"""Entity tags: ``"<version>.<hash of these bytes>"``.

A read compares the whole tag, a write only the version in front of the point: language, chosen
fields and compression change the bytes and not the thing.
"""

import hashlib
import re
from typing import Final

from rest_framework.request import Request

from core.api.problems import BadParameters, Fault, PreconditionRequired

_ONE: Final = re.compile(r'(?:W/)?"([^"]*)"')
_LIST: Final = re.compile(r'\s*(?:W/)?"[^"]*"\s*(?:,\s*(?:W/)?"[^"]*"\s*)*')
# No thing has this version: an operation given it answers that the writer's state is stale.
NO_VERSION: Final = -1


def tag_of(version: int, content: bytes) -> str:
    """The tag of these bytes of a thing at this version."""
    return f'"{version}.{hashlib.sha256(content).hexdigest()[:16]}"'


def expected_version(request: Request, current: int) -> int:
    """The version the writer has seen, from If-Match; ``current`` when it is among several.

    ``*`` means any. Raises PreconditionRequired (428) without the header, BadParameters (422)
    for one that is no list of tags; a tag that is not ours gives NO_VERSION, hence 412.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise PreconditionRequired
    if header == "*":
        return current
    if not _LIST.fullmatch(header):
        raise BadParameters(Fault('If-Match: "<ETag>"', header="If-Match"))
    versions = [_version_in(tag) for tag in _ONE.findall(header)]
    return current if current in versions else versions[0]


def _version_in(tag: str) -> int:
    number = tag.partition(".")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else NO_VERSION


def is_unchanged(request: Request, tag: str) -> bool:
    """Whether the reader has these bytes already (If-None-Match, weak comparison)."""
    header = request.headers.get("If-None-Match", "").strip()
    return header == "*" or tag.strip('"') in _ONE.findall(header)
