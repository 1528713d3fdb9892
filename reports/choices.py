"""States of spot-check reports and bulletins."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Phase(TextChoices):
    """A report before and after the inputs are frozen (annex 2, the month's end)."""

    PROVISIONAL = "provisional", _("暂计")
    FROZEN = "frozen", _("定稿")


class MonthPhase(TextChoices):
    """What can be looked at of a month: a report that was kept, or the month as it is now."""

    PROVISIONAL = "provisional", _("暂计")
    FROZEN = "frozen", _("定稿")
    NOW = "now", _("此刻")


class BulletinState(TextChoices):
    """A bulletin on its way (annex 8: workflow)."""

    DRAFT = "draft", _("草稿")
    COMMENTING = "commenting", _("征求意见")
    PROPOSED = "proposed", _("待批准")
    PUBLISHED = "published", _("已发布")


class EditionState(TextChoices):
    """The files of one edition."""

    WAITING = "waiting", _("生成中")
    READY = "ready", _("可下载")
    FAILED = "failed", _("未生成")
