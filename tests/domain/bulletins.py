"""Short ways to the story of November's bulletin: checked, drafted, asked about, published."""

from datetime import datetime
from typing import Any, Final

from core import jobs
from core.actors import Actor
from core.periods import Month
from inspections.models import Finding
from reports.document import Document
from reports.models import Bulletin
from reports.operations.bulletins import (
    ask_for_comments,
    draft_bulletin,
    propose_bulletin,
    write_bulletin,
)
from reports.operations.comments import comment_on_bulletin
from reports.operations.publishing import publish_bulletin
from reports.raising import raise_of_line
from reports.suggestions import suggestions
from tests.cast import Cast, at
from tests.domain.month import file_all, make_november
from tests.domain.schemes import with_second

NOVEMBER: Final = Month(2026, 11)
# The month's end (annex 2): WD2 12:00, WD5 08:30, the ends of WD8 and WD10 of December 2026.
FROZEN: Final = at("2026-12-02 12:00:00")
DRAFTED: Final = at("2026-12-07 08:30:00")
ASKED: Final = at("2026-12-07 10:00:00")
COMMENTS_UNTIL: Final = at("2026-12-11 00:00:00")
PROPOSED: Final = at("2026-12-11 09:00:00")
PUBLISHED: Final = at("2026-12-14 10:00:00")
DUE: Final = at("2026-12-15 00:00:00")


def checked_november(cast: Cast) -> Cast:
    """November, filed but for 何俊峰's last week; 陈嘉怡 late in week 46; reports frozen.

    城东分公司 loses 1.50 of the 25 points that are checked, 城西分公司 none.
    """
    with_second(cast)
    make_november(cast)
    file_all(cast, but=[("何俊峰", 48)], late={("陈嘉怡", 46): "2026-11-13 17:31:00"})
    run_until(FROZEN)
    return cast


def run_until(moment: datetime) -> None:
    """The clock ticks once, and everything due is done."""
    jobs.tick(moment)
    jobs.run_due(moment)


def raised(cast: Cast, moment: str = "2026-12-03 10:00:00") -> Finding:
    """韩静 makes a finding of 城东分公司's line of punctuality."""
    return raise_of_line(
        month=NOVEMBER,
        branch_id=cast.east.pk,
        item="punctual",
        actor=cast.actor("韩静", on=at(moment)),
        at=at(moment),
    )


def drafted(cast: Cast, moment: datetime = DRAFTED) -> Bulletin:
    """韩静 begins November's bulletin."""
    return draft_bulletin(month=NOVEMBER, actor=cast.actor("韩静", on=moment), at=moment)


def asked(cast: Cast, bulletin: Bulletin, moment: datetime = ASKED) -> Bulletin:
    """韩静 shows it to the branches."""
    return ask_for_comments(
        bulletin_id=bulletin.pk,
        expected_version=bulletin.version,
        actor=cast.actor("韩静", on=moment),
        at=moment,
    )


def agreed(cast: Cast, bulletin: Bulletin, who: str, moment: datetime = ASKED) -> None:
    """Whoever leads a branch says that there is nothing to say."""
    comment_on_bulletin(
        bulletin_id=bulletin.pk,
        branch_id=cast[who].branch_id or 0,
        text="",
        has_none=True,
        actor=cast.actor(who, on=moment),
        at=moment,
    )


def proposed(cast: Cast, bulletin: Bulletin, moment: datetime = PROPOSED) -> Bulletin:
    """韩静 hands it to a second person."""
    return propose_bulletin(
        bulletin_id=bulletin.pk,
        expected_version=bulletin.version,
        actor=cast.actor("韩静", on=moment),
        at=moment,
    )


def published(cast: Cast, bulletin: Bulletin, moment: datetime = PUBLISHED) -> Bulletin:
    """苏婉 approves and publishes."""
    return publish_bulletin(
        bulletin_id=bulletin.pk,
        expected_version=bulletin.version,
        actor=cast.actor("苏婉", on=moment),
        at=moment,
    )


def whole_way(cast: Cast, moment: datetime = PUBLISHED) -> Bulletin:
    """Drafted, asked about, proposed and published."""
    return published(cast, proposed(cast, asked(cast, drafted(cast))), moment)


def han(cast: Cast, moment: datetime = ASKED) -> Actor:
    """韩静, who writes."""
    return cast.actor("韩静", on=moment)


def texts_of(document: Document, part: str) -> list[str]:
    """What a part says."""
    return [one.text for one in document.part(part).paragraphs]


def rows_of(document: Document, part: str, key: str) -> list[tuple[str, ...]]:
    """The rows of a part's table; none where it has no such table."""
    return [row for table in document.part(part).tables if table.key == key for row in table.rows]


def wrote(cast: Cast, bulletin: Bulletin, **more: Any) -> Bulletin:
    """韩静 writes in it."""
    return write_bulletin(
        bulletin_id=bulletin.pk,
        expected_version=bulletin.version,
        actor=han(cast),
        at=ASKED,
        **more,
    )


def took_all(cast: Cast, bulletin: Bulletin) -> Bulletin:
    """Every sentence that the figures suggest."""
    offered = suggestions(bulletin.figures)
    return wrote(
        cast, bulletin, taken={part: [one.key for one in each] for part, each in offered.items()}
    )
