"""The trail, for the auditor: who did what to what, when, from where; before and after."""

from collections.abc import Sequence
from datetime import time, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET

from config.tables import AUDIT_WORDS
from core import audit, clock
from core.chips import chip
from core.errors import NotAllowed, NotFound
from core.exports import list_workbook
from core.formats import exact_moment
from core.lists import Column, RowLinks, keyset_page, work_table
from core.models import AuditRow, AuditSeal
from core.parts import Difference, Fact
from core.periods import instant
from core.requests import SignedInRequest
from organization.models import Branch
from organization.permissions import can_audit
from organization.views import audit_texts
from organization.views.shared import role_names


def word_of(what: str) -> str:
    """What was done, in words; its code where there are none."""
    return _(AUDIT_WORDS[what]) if what in AUDIT_WORDS else what


COLUMNS: Final[Sequence[Column[AuditRow]]] = (
    Column("at", gettext_lazy("时间"), lambda row: exact_moment(row.at)),
    Column("who", gettext_lazy("谁"), lambda row: row.actor_name or "–"),
    Column("what", gettext_lazy("做了什么"), lambda row: word_of(row.what)),
    Column("target", gettext_lazy("对象"), lambda row: row.target_label or row.target_id),
    Column("door", gettext_lazy("经由"), lambda row: row.get_door_display()),
    Column("address", gettext_lazy("地址"), lambda row: row.address),
    Column("roles", gettext_lazy("当时角色"), lambda row: _roles(row), is_shown=False),
    Column("request", gettext_lazy("请求编号"), lambda row: row.request_id, is_shown=False),
    Column("why", gettext_lazy("原因"), lambda row: row.why, is_shown=False),
)


def _roles(row: AuditRow) -> str:
    return role_names(row.actor_roles.split(","))


@require_GET
def trail(request: SignedInRequest) -> HttpResponse:
    """The list, newest first."""
    _guard(request)
    asked = request.GET
    page = keyset_page(_found(request), order=("-pk",), cursor=asked.get("cursor", ""))
    table = work_table(
        request,
        page,
        COLUMNS,
        RowLinks(key=lambda row: row.pk, url=lambda row: reverse("audit-row", args=[row.pk])),
        key="audit",
        caption=_("操作记录"),
        exports=((_("导出 XLSX"), reverse("audit-export")),),
    )
    newest = AuditSeal.objects.order_by("-last_id").first()
    context = {
        "table": table,
        "asked": asked,
        "words": [(what, word_of(what)) for what in sorted(AUDIT_WORDS)],
        "branches": Branch.objects.order_by("code"),
        "forged": audit.forged_rows(page.rows),
        "sealed_at": newest.sealed_at if newest else None,
        "now": clock.now(),
        "is_filtered": any(asked.get(name) for name in ("who", "what", "branch", "from", "to")),
    }
    return render(request, "organization/audit.html", context)


@require_GET
def trail_export(request: SignedInRequest) -> HttpResponse:
    """The list as a workbook: the columns and filters of the page."""
    _guard(request)
    rows = _found(request).order_by("-pk")
    return list_workbook(request, rows, COLUMNS, key="audit", name=_("操作记录"))


def _guard(request: SignedInRequest) -> None:
    if not can_audit(request.actor):
        raise NotAllowed(_("操作记录只给审计员看。"))


def _found(request: SignedInRequest) -> QuerySet[AuditRow]:
    asked = request.GET
    rows = AuditRow.objects.all()
    if who := asked.get("who", "").strip():
        rows = rows.filter(Q(actor_name__icontains=who) | Q(target_label__icontains=who))
    if what := asked.get("what", ""):
        rows = rows.filter(what=what)
    if (branch := asked.get("branch", "")).isdecimal():
        rows = rows.filter(branch_id=int(branch))
    if first := _day(asked.get("from", "")):
        rows = rows.filter(at__gte=instant(first, time()))
    if last := _day(asked.get("to", "")):
        rows = rows.filter(at__lt=instant(last + timedelta(days=1), time()))
    return rows


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:
        return None


@require_GET
def row(request: SignedInRequest, row_id: int) -> HttpResponse:
    """One row with before and after."""
    _guard(request)
    row = AuditRow.objects.filter(pk=row_id).first()
    if row is None:
        raise NotFound
    branch = Branch.objects.filter(pk=row.actor_branch_id).first() if row.actor_branch_id else None
    facts = [
        Fact(_("时间"), exact_moment(row.at)),
        Fact(_("谁"), row.actor_name or "–"),
        Fact(_("当时角色"), _roles(row) or "–"),
        Fact(pgettext("一家", "机构"), branch.name if branch else "–"),
        Fact(_("对象"), f"{row.target_label} ({row.target_type} {row.target_id})"),
        Fact(_("经由"), f"{row.get_door_display()} {row.address}".strip()),
        Fact(_("请求编号"), row.request_id or "–"),
        Fact(_("原因"), row.why or "–"),
    ]
    texts = audit_texts.of_row(row)
    keys = sorted({*row.before, *row.after})
    context = {
        "row": row,
        "title": word_of(row.what),
        "facts": facts,
        "differences": [
            Difference(
                audit_texts.label(key),
                texts.text(key, row.before.get(key)),
                texts.text(key, row.after.get(key)),
            )
            for key in keys
        ],
        "state": chip("wrong") if audit.forged_rows([row]) else chip("done", _("校验相符")),
        "list_url": reverse("audit"),
    }
    return render(request, "organization/audit_row.html", context)
