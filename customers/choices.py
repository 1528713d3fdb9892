"""Kinds and states of customers, roles of contacts."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CustomerKind(TextChoices):
    """An organisation or an individual of high value."""

    GROUP = "group", pgettext_lazy("一户", "集团客户")
    PERSON = "person", pgettext_lazy("一户", "个人大客户")


class CustomerState(TextChoices):
    """Whether the customer is still ours (annex 3.10)."""

    ACTIVE = "active", _("在网")
    WARNED = "warned", _("预警")
    LOST = "lost", _("流失")
    REGAINED = "regained", _("已挽回")


class ContactRole(TextChoices):
    """What a contact is to the customer; a personal key customer is his own contact."""

    KEY_PERSON = "key", _("关键联络人")
    CONTACT = "contact", _("集团联系人")
    CLERK = "clerk", _("经办人")
    SELF = "self", _("本人")


class Gender(TextChoices):
    """As files write it."""

    MALE = "m", _("男")
    FEMALE = "f", _("女")
