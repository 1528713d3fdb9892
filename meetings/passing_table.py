"""Documents, their readers, cases and questions as lists: what each column says."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from confidentiality.choices import Level
from core.actors import Actor
from core.chips import chip
from core.formats import moment, plain_day, short_day
from core.lists import Column
from core.periods import local_date
from meetings.choices import ContributionKind, ContributionState, ToldWay
from meetings.models import Contribution, Document, DocumentReader

_CONTRIBUTION_CHIPS = {
    ContributionState.OPEN: "waiting",
    ContributionState.ANSWERED: "confirmed",
    ContributionState.WITHDRAWN: "stopped",
}


def document_standing(document: Document, today: date) -> tuple[str, str]:
    """How a document of ``documents_for`` stands to its reader: chip and words.

    Whoever follows others reads of them, everybody else of himself.
    """
    row: Any = document
    if document.withdrawn_at is not None:
        return "stopped", _("已撤回")
    # A secret is not handed to whoever follows nobody: he is told at a meeting (annex 9.1).
    if row.is_asked and (document.level <= Level.INTERNAL or row.people):
        is_late = document.tell_by < today
        return "overdue" if is_late else "unsigned", _("等您阅签")
    if not row.people:
        return ("confirmed", _("您已知悉")) if row.told_me_at else ("waiting", _("等会上传达"))
    if row.told == row.people:
        return "confirmed", _("已传达完")
    return ("overdue", _("逾期未传达完")) if document.tell_by < today else ("running", _("传达中"))


def document_chip(document: Document, at: datetime) -> SafeString:
    """The same as a chip."""
    return chip(*document_standing(document, local_date(at)))


def told_text(document: Document) -> str:
    """How many of whom it must reach have been told: 3/5, "" where the reader follows nobody."""
    row: Any = document
    return f"{row.told}/{row.people}" if row.people else ""


def document_columns(actor: Actor, at: datetime) -> tuple[Column[Document], ...]:
    """The list's columns; how many have been told only for those who follow it."""
    today = local_date(at)
    follows = actor.reads_all or bool(actor.led_branches)
    told: tuple[Column[Document], ...] = (
        (Column("told", gettext_lazy("已传达到"), told_text, is_number=True),) if follows else ()
    )
    return (
        Column(
            "title",
            gettext_lazy("标题"),
            lambda row: row.title,
            cell=lambda row: format_html('<span class="passing-title">{}</span>', row.title),
        ),
        Column(
            "state",
            gettext_lazy("状态"),
            lambda row: document_standing(row, today)[1],
            cell=lambda row: document_chip(row, at),
            is_bare=True,
        ),
        *told,
        Column(
            "tell_by",
            gettext_lazy("传达期限"),
            lambda row: row.tell_by,
            cell=lambda row: short_day(row.tell_by),
        ),
        Column("reference", gettext_lazy("文号"), lambda row: row.reference),
        Column("level", gettext_lazy("密级"), lambda row: str(Level(row.level).label)),
        Column("branch", gettext_lazy("下发"), issuer),
        Column(
            "added_at",
            gettext_lazy("下发时间"),
            lambda row: row.added_at,
            cell=lambda row: moment(row.added_at, at),
            is_shown=False,
        ),
        Column("added_by", gettext_lazy("下发人"), lambda row: row.added_by.name, is_shown=False),
    )


def issuer(document: Document) -> str:
    """Whose document it is: a branch's, or the company's."""
    return document.branch.name if document.branch else _("公司")


def reader_chip(reader: DocumentReader, document: Document, at: datetime) -> SafeString:
    """Whether somebody has been told."""
    return chip(*_reader_standing(reader, document, at))


def _reader_standing(reader: DocumentReader, document: Document, at: datetime) -> tuple[str, str]:
    if reader.told_at is not None:
        return "confirmed", str(ToldWay(reader.way).label)
    if document.withdrawn_at is not None:
        return "stopped", _("没有传达")
    if document.tell_by < local_date(at):
        return "overdue", _("逾期没有传达到")
    return "waiting", _("还没有传达到")


def reader_columns(document: Document, at: datetime) -> tuple[Column[DocumentReader], ...]:
    """Who has been told by when, and how; who has not."""

    def held(row: DocumentReader) -> Any:
        if row.meeting is None:
            return ""
        return format_html(
            '<a href="{}">{} {}</a>',
            reverse("meeting", args=[row.meeting.pk]),
            row.meeting.get_kind_display(),
            short_day(row.meeting.on),
        )

    return (
        Column("person", gettext_lazy("姓名"), lambda row: row.person.name),
        Column(
            "state",
            gettext_lazy("状态"),
            lambda row: _reader_standing(row, document, at)[1],
            cell=lambda row: reader_chip(row, document, at),
            is_bare=True,
        ),
        Column(
            "told_at",
            gettext_lazy("知悉时间"),
            lambda row: row.told_at,
            cell=lambda row: moment(row.told_at, at) if row.told_at else "",
        ),
        Column(
            "meeting",
            gettext_lazy("哪场会议"),
            lambda row: (
                f"{row.meeting.get_kind_display()} {plain_day(row.meeting.on)}"
                if row.meeting
                else ""
            ),
            cell=held,
        ),
        Column("post", gettext_lazy("岗位"), lambda row: row.person.post),
        Column("branch", gettext_lazy("分公司"), lambda row: row.branch.name),
        Column("number", gettext_lazy("工号"), lambda row: row.person.job_number, is_shown=False),
    )


# Cases and questions


def contribution_chip(contribution: Contribution) -> SafeString:
    """Whether it is answered."""
    state = ContributionState(contribution.state)
    return chip(_CONTRIBUTION_CHIPS[state], str(state.label))


def contribution_columns(at: datetime) -> tuple[Column[Contribution], ...]:
    """The list's columns."""
    return (
        Column(
            "title",
            gettext_lazy("标题"),
            lambda row: row.title,
            cell=lambda row: format_html('<span class="passing-title">{}</span>', row.title),
        ),
        Column(
            "state",
            gettext_lazy("状态"),
            lambda row: str(ContributionState(row.state).label),
            cell=contribution_chip,
            is_bare=True,
        ),
        Column(
            "kind",
            gettext_lazy("种类"),
            lambda row: str(ContributionKind(row.kind).label),
        ),
        Column("author", gettext_lazy("提交人"), lambda row: row.author.name),
        Column("branch", gettext_lazy("分公司"), lambda row: row.branch.name),
        Column(
            "handed_in_at",
            gettext_lazy("提交时间"),
            lambda row: row.handed_in_at,
            cell=lambda row: moment(row.handed_in_at, at),
        ),
        Column(
            "shared",
            pgettext_lazy("分析会", "共享"),
            lambda row: _("各分公司") if row.shared_at else "",
        ),
        Column("text", gettext_lazy("情况"), lambda row: row.text, is_shown=False),
        Column("answer", gettext_lazy("答复"), lambda row: row.answer, is_shown=False),
    )
