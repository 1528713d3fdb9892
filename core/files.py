"""Files as they came in or went out: bytes under their digest, a row that says what they are."""

import hashlib
import os
import tempfile
from datetime import datetime
from pathlib import Path

from django.conf import settings

from core.actors import Actor
from core.models import StoredFile


def path_of(sha256: str) -> Path:
    """Where the bytes of this digest lie."""
    return Path(settings.FILES_DIR) / sha256[:2] / sha256


def keep_bytes(content: bytes) -> str:
    """Write the bytes under their digest, whole or not at all; the digest.

    What lies there damaged is mended. Call it before the transaction that writes the row: bytes
    nobody points at do no harm.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(sha256)
    if path.exists() and path.read_bytes() == content:
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)
    return sha256


def store(
    *,
    content: bytes,
    name: str,
    content_type: str,
    kind: str,
    actor: Actor,
    at: datetime,
    branch_id: int | None = None,
    level: int = 2,
) -> StoredFile:
    """Keep the bytes and write their row. ``level`` is the confidentiality level (annex 9.1)."""
    return StoredFile.objects.create(
        name=name,
        content_type=content_type,
        size=len(content),
        sha256=keep_bytes(content),
        kind=kind,
        level=level,
        branch_id=branch_id,
        owner_id=actor.person_id,
        owner_name=actor.name,
        stored_at=at,
    )


def content_of(file: StoredFile) -> bytes:
    """The bytes; raises ValueError when they no longer are what was stored."""
    content = path_of(file.sha256).read_bytes()
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise ValueError(f"file {file.pk} is not what was stored")
    return content
