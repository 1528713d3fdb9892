"""States of findings, and how a check item takes points off."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Taking(TextChoices):
    """How points are kept: one off per fault, or in proportion to what is right (annex 3.8)."""

    PER_FAULT = "per_fault", _("每处扣分")
    SHARE = "share", _("按比例得分")


class FindingSource(TextChoices):
    """Where a finding comes from."""

    REPORT = "report", _("抽查报告")
    HAND = "hand", _("人工")


class FindingState(TextChoices):
    """A finding on its way (P3.5, annex 10: 8.2)."""

    OPEN = "open", _("待分公司确认")
    OBJECTED = "objected", _("分公司有异议")
    CONFIRMED = "confirmed", _("待整改")
    ANSWERED = "answered", _("待复查")
    CLOSED = "closed", _("已关闭")
    CARRIED = "carried", _("转入下月")
    DROPPED = "dropped", _("异议成立")


FINDING_OPEN: Final = (
    FindingState.OPEN,
    FindingState.OBJECTED,
    FindingState.CONFIRMED,
    FindingState.ANSWERED,
    FindingState.CARRIED,
)


class StepKind(TextChoices):
    """What somebody did to a finding."""

    RAISED = "raised", pgettext_lazy("经过", "提出")
    CONFIRMED = "confirmed", pgettext_lazy("经过", "确认")
    OBJECTED = "objected", pgettext_lazy("经过", "提出异议")
    UPHELD = "upheld", pgettext_lazy("经过", "异议成立")
    OVERRULED = "overruled", pgettext_lazy("经过", "异议不成立")
    ANSWERED = "answered", pgettext_lazy("经过", "答复整改")
    CLOSED = "closed", pgettext_lazy("经过", "复查通过")
    REOPENED = "reopened", pgettext_lazy("经过", "复查不通过")
    CARRIED = "carried", pgettext_lazy("经过", "转入下月")
