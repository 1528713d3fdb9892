"""What somebody is typing: saved as typed, guarded against a second window, never audited."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from core.errors import Stale
from core.models import Draft


def draft_of(owner_id: int, key: str) -> Draft | None:
    """The draft under this key, if there is one."""
    return Draft.objects.filter(owner_id=owner_id, key=key).first()


def _stale(draft: Draft) -> Stale:
    return Stale(
        {
            "version": draft.version,
            "saved_at": draft.saved_at.isoformat(),
            "body": draft.body,
        }
    )


def save_draft(
    *, owner_id: int, key: str, body: dict[str, Any], expected_version: int, at: datetime
) -> Draft:
    """Save what was typed; ``expected_version`` 0 means "there was no draft yet".

    Raises Stale with the other version when it was saved elsewhere in between.
    """
    if expected_version == 0:
        try:
            with transaction.atomic():
                return Draft.objects.create(owner_id=owner_id, key=key, body=body, saved_at=at)
        except IntegrityError:
            raise _stale(Draft.objects.get(owner_id=owner_id, key=key)) from None
    updated = Draft.objects.filter(owner_id=owner_id, key=key, version=expected_version).update(
        body=body, saved_at=at, version=F("version") + 1
    )
    draft = draft_of(owner_id, key)
    if not updated or draft is None:
        raise _stale(draft) if draft else Stale({"version": 0, "saved_at": "", "body": {}})
    return draft


def discard_draft(owner_id: int, key: str) -> None:
    """Drop the draft: it was submitted, or is not wanted any more."""
    Draft.objects.filter(owner_id=owner_id, key=key).delete()
