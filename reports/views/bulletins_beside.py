"""The series of bulletins beside the month's overview: the last, and how far the next is (B1)."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.actors import Actor
from core.formats import moment, month_name
from core.marked_days import filled
from core.periods import Month
from reports import permissions
from reports.choices import BulletinState
from reports.models import Bulletin
from reports.queries.bulletins import Newest, month_to_draft, newest_bulletins
from reports.texts import bulletin_name
from reports.views.bulletin_editor import parts_said
from reports.views.bulletins import next_to_draft, state_chip, when_text

# So many branches are named that have not signed; more are counted.
NAMED = 3


def bulletins_beside(actor: Actor, at: datetime) -> dict[str, Any]:
    """What the block shows to an actor who reads every branch."""
    newest = newest_bulletins(actor)
    published = newest.published
    return {
        "published": published,
        "published_name": bulletin_name(published) if published else "",
        "published_when": when_text(published, at) if published else "",
        "published_edition": newest.edition,
        "signed": _signed_words(newest),
        **(_written(actor, newest.written, at) if newest.written else _next(actor, at)),
    }


def _signed_words(newest: Newest) -> str:
    """How many have signed, and which branches have not."""
    if not newest.signers:
        return ""
    said = _("签收 %(signed)d/%(signers)d") % {"signed": newest.signed, "signers": newest.signers}
    n = len(newest.unsigned)
    if not n:
        return said
    if n > NAMED:
        waiting = ngettext("%(n)d 家未签", "%(n)d 家未签", n) % {"n": n}
    else:
        waiting = _("%(names)s未签") % {"names": _("、").join(newest.unsigned)}
    return _("，").join((said, waiting))


def _written(actor: Actor, written: Bulletin, at: datetime) -> dict[str, Any]:
    """How far the one is that is being written."""
    is_open = written.state in (BulletinState.DRAFT, BulletinState.COMMENTING)
    parts = ""
    if is_open:
        said, total = parts_said(written)
        parts = _("%(said)d/%(total)d 部分") % {"said": said, "total": total}
    return {
        "next_name": bulletin_name(written),
        "next_chip": state_chip(written),
        "next_parts": parts,
        "next_when": when_text(written, at),
        "next_url": reverse("bulletin", args=[written.pk]),
        "next_word": _("继续编写") if is_open and permissions.can_write(actor) else _("查看"),
    }


def _next(actor: Actor, at: datetime) -> dict[str, Any]:
    """Which one can be drafted, or from when on; nothing for who writes none."""
    to_draft = month_to_draft(actor, at)
    if to_draft is not None:
        return _not_begun(to_draft, _("可以起草")) | {"next_word": _("去起草")}
    coming = next_to_draft(actor, at)
    if coming is None:
        return {}
    month, end = coming
    when = filled(_("数据 %(when)s 冻结，之后可以起草"), when=moment(end.frozen_at, at))
    return _not_begun(month, when)


def _not_begun(month: Month, when: str) -> dict[str, Any]:
    return {
        "next_name": month_name(month),
        "next_when": when,
        "next_url": reverse("bulletins"),
    }
