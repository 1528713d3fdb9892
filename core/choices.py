"""States of the ground's rows, and their groups."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class JobState(TextChoices):
    """How far a job has come."""

    WAITING = "waiting", _("等待")
    RUNNING = "running", _("进行中")
    DONE = "done", _("完成")
    FAILED = "failed", _("失败")
    DROPPED = "dropped", _("过期未做")


class MessageState(TextChoices):
    """Whether anything is left to deliver."""

    WAITING = "waiting", _("待发")
    DONE = "done", _("已发完")


class RecipientState(TextChoices):
    """What the mail server answered for one address."""

    WAITING = "waiting", _("待发")
    SENT = "sent", _("已发")
    REFUSED = "refused", _("被拒收")


class ImportState(TextChoices):
    """Where a file stands on its way into a table."""

    READING = "reading", _("读取中")
    PREVIEW = "preview", _("待写入")
    WRITING = "writing", _("写入中")
    WRITTEN = "written", _("已写入")
    DISCARDED = "discarded", _("已放弃")
    FAILED = "failed", _("读不了")


JOB_FINAL: Final = (JobState.DONE, JobState.FAILED, JobState.DROPPED)
AUDIT_DOORS: Final = (
    ("page", _("页面")),
    ("api", _("接口")),
    ("shell", _("命令行")),
    ("clock", _("定时")),
)
