"""Cases and complaints as lists: what each column says, on the page and in a workbook."""

from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.chips import chip
from core.formats import moment, plain_day, signed
from core.lists import Column
from kpi.case_words import CASE_CHIPS, COMPLAINT_CHIPS
from kpi.choices import CaseState, Complainant, ComplaintState
from kpi.models import Case, Complaint
from kpi.queries.cases import Names
from kpi.queries.complaints import ANSWERABLE


def case_chip(case: Case) -> SafeString:
    """Where a case stands; a veto says so."""
    if case.state == CaseState.APPROVED and case.is_veto:
        return chip("missing", _("一票否决"))
    state = CaseState(case.state)
    return chip(CASE_CHIPS[state], str(state.label))


def case_state_text(case: Case) -> str:
    """The same in words alone."""
    if case.state == CaseState.APPROVED and case.is_veto:
        return _("一票否决")
    return str(CaseState(case.state).label)


def points_text(case: Case) -> str:
    """The points that count, else what was proposed."""
    if case.is_veto:
        return "–"
    if case.state == CaseState.CORRECTING:
        return _("待计 %(n)s") % {"n": signed(case.points, 2)}
    if case.points is not None:
        return signed(case.points, 2)
    if case.state in (CaseState.REJECTED, CaseState.WITHDRAWN):
        return "–"
    return _("建议 %(n)s") % {"n": signed(case.proposed, 2)}


def case_columns(names: Names, at: datetime) -> tuple[Column[Case], ...]:
    """The list's columns; names in the reader's language."""
    return (
        Column(
            "item",
            gettext_lazy("项目"),
            lambda row: names.item(row.item),
            cell=lambda row: format_html(
                '<span class="case-title">{}</span>', names.item(row.item)
            ),
        ),
        Column("manager", gettext_lazy("客户经理"), lambda row: row.manager.name),
        Column(
            "points",
            gettext_lazy("分数"),
            lambda row: row.points if row.points is not None else row.proposed,
            cell=points_text,
            is_number=True,
        ),
        Column("state", gettext_lazy("状态"), case_state_text, cell=case_chip, is_bare=True),
        Column("customer", pgettext_lazy("一户", "客户"), _customer_of_case),
        Column("month", gettext_lazy("计入月份"), lambda row: row.month),
        Column("happened", gettext_lazy("发生"), lambda row: row.happened_on, is_shown=False,
               cell=lambda row: plain_day(row.happened_on)),
        Column("number", gettext_lazy("编号"), lambda row: row.number,
               cell=lambda row: format_html('<span class="case-number">{}</span>', row.number)),
        Column("branch", gettext_lazy("分公司"), lambda row: row.branch.name),
        Column("option", gettext_lazy("种类"),
               lambda row: names.option(row.item, row.option), is_shown=False),
        Column("raised_by", gettext_lazy("申报人"),
               lambda row: row.raised_by.name, is_shown=False),
        Column("raised_at", gettext_lazy("申报时间"), lambda row: row.raised_at, is_shown=False,
               cell=lambda row: moment(row.raised_at, at)),
        Column("facts", gettext_lazy("事实"), lambda row: row.facts, is_shown=False),
    )  # fmt: skip


def _customer_of_case(case: Case) -> str:
    """Whom it is about: its customer, else whoever complained, else the contest or paper."""
    if case.customer:
        return case.customer.name
    return getattr(case, "complaining", None) or str(case.particulars.get("subject", ""))


def is_answer_late(complaint: Complaint, at: datetime) -> bool:
    """Whether the answer is, or came, after its moment."""
    if complaint.answered_at:
        return complaint.answered_at > complaint.answer_due_at
    return complaint.state in ANSWERABLE and at > complaint.answer_due_at


def complaint_chip(complaint: Complaint, at: datetime) -> SafeString:
    """Where a complaint stands; late where its answer is overdue."""
    if not complaint.answered_at and is_answer_late(complaint, at):
        return chip("overdue", complaint_state_text(complaint, at))
    state = ComplaintState(complaint.state)
    return chip(COMPLAINT_CHIPS[state], str(state.label))


def complaint_state_text(complaint: Complaint, at: datetime) -> str:
    """The same in words alone."""
    label = str(ComplaintState(complaint.state).label)
    if not complaint.answered_at and is_answer_late(complaint, at):
        return _("%(state)s，逾期未答复") % {"state": label}
    return label


def complaint_columns(at: datetime) -> tuple[Column[Complaint], ...]:
    """The list's columns as of a moment; who complained is in none of them."""
    return (
        Column("number", gettext_lazy("编号"), lambda row: row.number,
               cell=lambda row: format_html('<span class="case-number">{}</span>', row.number)),
        Column("manager", gettext_lazy("被投诉人"), lambda row: row.manager.name),
        Column("state", gettext_lazy("状态"), lambda row: complaint_state_text(row, at),
               cell=lambda row: complaint_chip(row, at), is_bare=True),
        Column("complainant", gettext_lazy("谁投诉"),
               lambda row: str(Complainant(row.complainant).label)),
        Column("customer", pgettext_lazy("一户", "客户"),
               lambda row: row.customer.name if row.customer else ""),
        Column("received", gettext_lazy("收到"), lambda row: row.received_at,
               cell=lambda row: moment(row.received_at, at)),
        Column("due", gettext_lazy("答复期限"), lambda row: row.answer_due_at,
               cell=lambda row: moment(row.answer_due_at, at)),
        Column("answered", gettext_lazy("已答复"), lambda row: row.answered_at or "",
               cell=lambda row: moment(row.answered_at, at) if row.answered_at else "–"),
        Column("investigator", gettext_lazy("调查人"), lambda row: row.investigator.name),
        Column("branch", gettext_lazy("分公司"), lambda row: row.branch.name),
        Column("escalated", gettext_lazy("升级"),
               lambda row: _("监管部门") if row.is_escalated else "", is_shown=False),
        Column("facts", gettext_lazy("内容"), lambda row: row.facts, is_shown=False),
    )  # fmt: skip
