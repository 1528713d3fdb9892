"""Kinds of branches, roles and their groups."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class BranchKind(TextChoices):
    """Head office or a branch."""

    HEAD = "head", _("本部")
    BRANCH = "branch", _("分公司")


class Role(TextChoices):
    """What a person may be (annex 1)."""

    MANAGER = "manager", _("客户经理")
    SUPERVISOR = "supervisor", _("客户经理主管")
    GM = "gm", _("总经理")
    DEPUTY = "deputy", _("副总经理")
    MARKET = "market", _("市场部")
    GROUP_OFFICE = "group_office", _("集团客户室")
    CONFIDENTIALITY = "confidentiality", _("保密员")
    SYSADMIN = "sysadmin", _("系统管理员")
    SECADMIN = "secadmin", _("安全管理员")
    AUDITOR = "auditor", _("审计员")


class Gender(TextChoices):
    """As the roster writes it."""

    MALE = "m", _("男")
    FEMALE = "f", _("女")


HEADS: Final = (Role.GM, Role.DEPUTY)
# Whoever leads: the supervisor and the heads of the branch.
LEADERS: Final = (Role.SUPERVISOR, *HEADS)
# Whoever sees the rows of every branch (annex 11.12).
CROSS_BRANCH: Final = (Role.MARKET, Role.GROUP_OFFICE)
ADMINISTRATORS: Final = (Role.SYSADMIN, Role.SECADMIN)
BRANCH_ROLES: Final = (Role.MANAGER, *LEADERS)
HEAD_ROLES: Final = tuple(role for role in Role if role not in BRANCH_ROLES)
ADMIN_SCOPE: Final = "admin"
SCOPES: Final = (
    ("read", _("读取")),
    ("write", _("填写与提交")),
    ("import", _("导入")),
    (ADMIN_SCOPE, _("管理")),
)
