"""Where a draft of the scheme is worked on: the version itself, and what was typed beyond it.

What is typed lies in the author's own draft (core.drafts) until it is saved into the version;
then it stays there under the same keys, so that a second window still finds its rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core.actors import Actor
from core.drafts import NO_WINDOW, Window, discard_draft, draft_of, save_draft
from core.errors import NotAllowed, Stale
from core.requests import whole_number
from kpi.choices import SchemeState
from kpi.models import Scheme
from kpi.permissions import can_change_scheme
from kpi.queries.schemes import scheme_seen
from kpi.scheme_editing import Working, as_body, built, fields_of, from_body, working_of


@dataclass(frozen=True)
class Desk:
    """A version, its working copy, and the number of times that was saved."""

    scheme: Scheme
    owner_id: int
    working: Working
    version: int = 0
    saved_at: datetime | None = None

    @property
    def token(self) -> str:
        """What a window has seen: another one's save changes it."""
        return f"{self.working.base}.{self.version}"

    @property
    def is_outdated(self) -> bool:
        """Whether the version was changed by another way than this desk."""
        return self.working.base != self.scheme.version

    @property
    def is_changed(self) -> bool:
        """Whether there is something to save into the version."""
        fresh = fresh_copy(self.scheme)
        own = [self.working.head.get(key, "") for key in ("name", "valid_from", "why")]
        old = [fresh.head[key] for key in ("name", "valid_from", "why")]
        return own != old or built(self.working) != built(fresh)

    def as_fields(self) -> dict[str, Any]:
        """What stands now, for a window that has seen something else."""
        saved_at = self.saved_at or self.scheme.updated_at
        return {
            "version": self.token,
            "saved_at": saved_at.isoformat(),
            "fields": fields_of(self.working),
        }


def _key(scheme: Scheme) -> str:
    return f"scheme-{scheme.number}"


def draft_to_edit(actor: Actor, number: int) -> Scheme:
    """The draft that the actor may write; NotFound where it is not seen, NotAllowed otherwise."""
    scheme = scheme_seen(actor, number)
    if not can_change_scheme(actor, scheme):
        raise NotAllowed(_("草稿由起草人修改。可以以它为基础另起一稿。"))
    if scheme.state != SchemeState.DRAFT:
        raise NotAllowed(_("只有草稿能改。可以以它为基础另起一稿。"))
    return scheme


def fresh_copy(scheme: Scheme, next_key: int = 1) -> Working:
    """A working copy of the version as it stands."""
    return working_of(
        scheme.content,
        name=scheme.name,
        valid_from=scheme.valid_from,
        why=scheme.why,
        base=scheme.version,
        next_key=next_key,
    )


def desk_of(scheme: Scheme, owner_id: int) -> Desk:
    """The desk as it stands."""
    draft = draft_of(owner_id, _key(scheme))
    if draft is None:
        return Desk(scheme, owner_id, fresh_copy(scheme))
    working = from_body(draft.body) or fresh_copy(scheme)
    return Desk(scheme, owner_id, working, draft.version, draft.saved_at)


def seen_as(desk: Desk, token: str) -> None:
    """Raise Stale, with what stands now, for a window that has seen something else."""
    if token != desk.token:
        raise Stale(desk.as_fields())


def seen_version(desk: Desk, token: str) -> int:
    """Which working copy a window has seen; Stale where the version was changed beside it."""
    base, _dot, version = token.partition(".")
    number = whole_number(version)
    if base != str(desk.working.base) or number is None:
        raise Stale(desk.as_fields())
    return number


def kept(
    desk: Desk,
    working: Working,
    at: datetime,
    *,
    expected_version: int | None = None,
    window: Window = NO_WINDOW,
) -> Desk:
    """The desk with another working copy, on its own version or the one that ``window`` has seen;
    Stale where another window was first."""
    try:
        draft = save_draft(
            owner_id=desk.owner_id,
            key=_key(desk.scheme),
            body=as_body(working),
            expected_version=desk.version if expected_version is None else expected_version,
            at=at,
            window=window,
        )
    except Stale as stale:
        raise Stale(desk_of(desk.scheme, desk.owner_id).as_fields()) from stale
    return Desk(desk.scheme, desk.owner_id, working, draft.version, draft.saved_at)


def cleared(scheme: Scheme, owner_id: int) -> None:
    """Nothing is typed about this version any more: it is no draft now."""
    discard_draft(owner_id, _key(scheme))


def own_values(working: Working) -> Mapping[str, str]:
    """The version's own values as its operation takes them."""
    return {key: working.head.get(key, "") for key in ("name", "valid_from", "why")}
