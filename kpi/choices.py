"""States and kinds of targets, schemes, marks, cases and score sheets."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Direction(TextChoices):
    """Whether more or less is better."""

    UP = "up", _("越高越好")
    DOWN = "down", _("越低越好")


class Adding(TextChoices):
    """How the managers' values make the branch's."""

    SUM = "sum", _("相加")
    MEAN = "mean", _("平均")


class ResultSource(TextChoices):
    """Where a result comes from."""

    TYPED = "typed", _("录入")
    IMPORTED = "imported", _("导入")
    COMPUTED = "computed", _("系统计算")


class Method(TextChoices):
    """How a branch's target is decomposed to its managers (T2)."""

    EQUAL = "equal", _("平均分")
    LAST_YEAR = "last_year", _("按去年同期完成")
    CUSTOMERS = "customers", _("按管户数")
    REVENUE = "revenue", _("按管户收入")
    DAYS = "days", _("按在岗工作日")
    HAND = "hand", _("手工")


class TargetState(TextChoices):
    """A branch's target sheet."""

    DRAFT = "draft", _("草稿")
    ISSUED = "issued", _("已下达")
    REVISING = "revising", _("修订中")


class SchemeState(TextChoices):
    """A version of the scheme."""

    DRAFT = "draft", _("草稿")
    PROPOSED = "proposed", _("待批准")
    APPROVED = "approved", _("已批准")
    WITHDRAWN = "withdrawn", _("已撤回")


class MarkKind(TextChoices):
    """What a person gives: a rating of 0 to 5, or the mark of an exam of 100."""

    RATING = "rating", _("评分")
    EXAM = "exam", _("考试")


class CaseState(TextChoices):
    """A bonus or penalty case on its way (K3, annex 3.13)."""

    FILED = "filed", _("已申报")
    STATED = "stated", _("客户经理已说明")
    REVIEWED = "reviewed", _("主管已出意见")
    CORRECTING = "correcting", _("更正待复核")
    APPROVED = "approved", _("已认定")
    REJECTED = "rejected", _("不认定")
    WITHDRAWN = "withdrawn", _("已撤回")


CASE_OPEN: Final = (CaseState.FILED, CaseState.STATED, CaseState.REVIEWED)
# Not settled: what is decided as a correction of a locked sheet waits for the second person.
CASE_UNSETTLED: Final = (*CASE_OPEN, CaseState.CORRECTING)


class Complainant(TextChoices):
    """Who complains (K3.6)."""

    CUSTOMER = "customer", pgettext_lazy("一户", "客户")
    EMPLOYEE = "employee", pgettext_lazy("一人", "员工")


class ComplaintState(TextChoices):
    """A complaint on its way."""

    OPEN = "open", _("调查中")
    UPHELD = "upheld", _("有理")
    REJECTED = "rejected", _("无理")
    WITHDRAWN = "withdrawn", _("已撤回")


class SheetState(TextChoices):
    """A score sheet on its way (K4, annex 5: workflow)."""

    COMPUTED = "computed", _("待确认")
    OBJECTED = "objected", _("申诉中")
    CONFIRMED = "confirmed", _("已确认")
    SUPERVISED = "supervised", _("主管已审")
    APPROVED = "approved", _("总经理已审")
    LOCKED = "locked", _("已锁定")


# Signed by the supervisor, or beyond: nothing is objected to any more.
SIGNED: Final = (SheetState.SUPERVISED, SheetState.APPROVED)


class VersionKind(TextChoices):
    """Why a version of a score sheet was made."""

    COMPUTED = "computed", _("系统计算")
    OBJECTION = "objection", _("申诉采纳")
    CORRECTION = "correction", _("锁定后更正")


class ObjectionState(TextChoices):
    """An objection to one line of a score sheet."""

    OPEN = "open", _("待主管答复")
    REVIEWED = "reviewed", _("待总经理决定")
    UPHELD = "upheld", _("采纳")
    REJECTED = "rejected", _("不采纳")
    WITHDRAWN = "withdrawn", _("已撤回")


OBJECTION_OPEN: Final = (ObjectionState.OPEN, ObjectionState.REVIEWED)


class CorrectionState(TextChoices):
    """A correction after the lock: one proposes, a second person decides."""

    PROPOSED = "proposed", _("待复核")
    APPROVED = "approved", _("已更正")
    REJECTED = "rejected", _("不更正")


class ConsequenceState(TextChoices):
    """What a person makes of a proposal; nothing happens by itself (annex 5)."""

    OPEN = "open", _("待决定")
    ACCEPTED = "accepted", _("采纳")
    DISMISSED = "dismissed", _("不采纳")
