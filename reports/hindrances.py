"""What still stands in the way of a bulletin's next step, all of it at once, before it is pressed.

The operations refuse by the same words.
"""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import moment
from core.periods import Month
from duties.month_queries import month_end_of
from reports.bulletin_notices import day_of_end
from reports.figures_scored import Figures, sheets_at
from reports.models import Bulletin
from reports.queries.bulletins import branches_told

_SAID: Final = ("total", "band")


def before_proposing(bulletin: Bulletin, at: datetime) -> list[str]:
    """Comments without an answer, branches that may still speak, sheets that have moved."""
    found = []
    unanswered = bulletin.comments.filter(answered_at__isnull=True).count()
    if unanswered:
        found.append(
            ngettext(
                "还有 %(n)d 条分公司的意见没有答复。",
                "还有 %(n)d 条分公司的意见没有答复。",
                unanswered,
            )
            % {"n": unanswered}
        )
    silent = len(branches_told(bulletin)) - bulletin.comments.count()
    if silent > 0 and bulletin.comments_until and at < bulletin.comments_until:
        found.append(
            ngettext(
                "征求意见到 %(until)s 为止，还有 %(n)d 个分公司没有提。",
                "征求意见到 %(until)s 为止，还有 %(n)d 个分公司没有提。",
                silent,
            )
            % {"until": day_of_end(bulletin.comments_until), "n": silent}
        )
    moved = sheets_moved(bulletin, at)
    if moved:
        found.append(_("%(what)s，请重新取数。") % {"what": moved})
    return found


def before_publishing(bulletin: Bulletin, at: datetime) -> list[str]:
    """Sheets that were locked or changed after the figures were taken: they are one cut."""
    moved = sheets_moved(bulletin, at)
    return [_("%(what)s，请退回，重新取数后再提请批准。") % {"what": moved}] if moved else []


def sheets_moved(bulletin: Bulletin, at: datetime) -> str:
    """How the month's score sheets have moved since the figures were taken; "" where they stand.

    Three queries.
    """
    month = Month.parse(bulletin.month)
    then: Figures = bulletin.figures["sheets"]
    now = sheets_at(month, at, month_end_of(month))
    before, after = _by_manager(then), _by_manager(now)
    changed = sum(1 for one in {*before, *after} if before.get(one) != after.get(one))
    taken_at = moment(datetime.fromisoformat(bulletin.figures["cut_at"]), at)
    if after and not before:
        return _("考核表在取数（%(when)s）之后算出") % {"when": taken_at}
    if changed:
        return ngettext(
            "取数（%(when)s）之后有 %(n)d 张考核表变了",
            "取数（%(when)s）之后有 %(n)d 张考核表变了",
            changed,
        ) % {"when": taken_at, "n": changed}
    if now["is_locked"] and not then["is_locked"]:
        return _("考核表在取数（%(when)s）之后锁定了") % {"when": taken_at}
    return ""


def _by_manager(sheets: Figures) -> dict[int, tuple[str | None, ...]]:
    return {one["manager"]: tuple(one[key] for key in _SAID) for one in sheets["managers"]}
