"""The weekly summary as it was filed: the receipt, the reading page, the rows of a figure."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import clock
from core.errors import NotFound
from core.formats import clock as clock_time
from core.formats import span
from core.panels import is_for_panel, page_under
from core.parts import Fact, NextStep, checksum
from core.periods import Week
from core.requests import SignedInRequest, whole_number
from worklogs import figures, permissions
from worklogs.choices import Standing, TextPart
from worklogs.forms import ReturnForm, ReviewForm
from worklogs.summary_queries import ManagersWeek, managers_week, version_of
from worklogs.views.summary_ways import CHIPS, address_of, home_of, parent_of


def unfiled_page(request: SignedInRequest, found: ManagersWeek, is_own: bool) -> HttpResponse:
    """Nothing was filed: why, and what next."""
    context = {
        "found": found,
        "is_own": is_own,
        "state": found.standing,
        "fill_url": f"{address_of(found)}?fill=1"
        if found.times
        and permissions.can_file_summary(request.actor, found.manager, found.branch.pk)
        else "",
        "at": found.at,
        "parent_url": parent_of(request.actor, found),
    }
    return render(request, "worklogs/summary_unfiled.html", context)


@require_safe
def summary_figure(request: SignedInRequest, week: Week, manager: int, key: str) -> HttpResponse:
    """The very rows that a figure counted: now, or when it was filed (``?version=``)."""
    found = managers_week(request.actor, manager, week, clock.now())
    figure = figures.figures().get(key)
    if figure is None:
        raise NotFound
    cut: datetime = found.cut
    number = whole_number(request.GET.get("version"))
    if number is not None:
        if found.summary is None:
            raise NotFound
        cut = version_of(found.summary, number).submitted_at
    rows = figures.rows_counted(key, manager, week, found.deadline_at, cut)
    context = {
        "found": found,
        "figure": figure,
        "rows": rows.select_related("customer").order_by("occurred_at", "pk"),
        "number": number,
        "is_panel": is_for_panel(request),
        "back_url": page_under(request, home_of(request.actor, found)),
        "at": found.at,
    }
    return render(request, "worklogs/summary_figure.html", context)


# The receipt


def receipt_page(request: SignedInRequest, found: ManagersWeek) -> HttpResponse:
    """What was received and when (look 3): number, instant, digest, what comes next."""
    filed, version = found.summary, found.newest
    if filed is None or version is None:
        raise NotFound
    is_first = version.number == 1
    apart = int((filed.deadline_at - filed.received_at).total_seconds())
    if filed.minutes_late:
        state, note = "late", _("迟于截止 %(span)s") % {"span": span(apart)}
        state_text = _("已交，迟交 %(n)d 分") % {"n": filed.minutes_late}
    else:
        state, note = "on_time", _("早于截止 %(span)s") % {"span": span(apart)}
        state_text = _("已交，按时")
    if not is_first:
        note = _("首次收到 %(time)s，%(note)s") % {
            "time": clock_time(filed.received_at),
            "note": note,
        }
    is_for_other = version.filed_by_id != filed.manager_id
    context = {
        "found": found,
        "filed": filed,
        "version": version,
        "state": state,
        "state_text": state_text,
        "note": note,
        "facts": receipt_facts(found),
        "steps": _next_steps(found),
        "needs_yes": is_for_other and version.confirmed_at is None,
        "is_for_other": is_for_other,
        "print_url": address_of(found, "summary-print"),
        "paper_url": address_of(found, "summary-paper"),
        "versions_url": address_of(found, "summary-versions"),
        "edit_url": f"{reverse('summary', args=[found.week])}?edit=1",
        "at": found.at,
        "parent_url": reverse("summaries"),
    }
    return render(request, "worklogs/summary_receipt.html", context)


def receipt_facts(found: ManagersWeek) -> list[Fact]:
    """Number, version, who filed, digest."""
    version = found.newest
    if version is None:
        return []
    facts = [
        Fact(_("回执号"), version.receipt, copies=True),
        Fact(_("版本"), _("第 %(n)d 版") % {"n": version.number}),
        Fact(_("送达"), found.manager.reports_to.name if found.manager.reports_to else _("主管")),
        checksum(_("内容校验码"), version.digest),
    ]
    if version.filed_by_id != found.manager.pk:
        facts.append(
            Fact(
                _("代填"),
                _("%(name)s 代 %(manager)s：%(why)s")
                % {
                    "name": version.filed_by.name,
                    "manager": found.manager.name,
                    "why": version.why_filed_for,
                },
            )
        )
    return facts


def _next_steps(found: ManagersWeek) -> list[NextStep]:
    filed = found.summary
    steps = []
    if filed is not None and filed.reviewed_at is not None:
        name = filed.reviewed_by.name if filed.reviewed_by else ""
        steps.append(NextStep("done", _("主管已批阅"), f"{name} {filed.opinion}".strip()))
    else:
        steps.append(
            NextStep(
                "waiting", _("主管批阅"), _("退回时写明是哪一栏；改后再交为下一版，各版可对照")
            )
        )
    steps.append(
        NextStep(
            "waiting",
            _("补充"),
            _("交后几天、截止之后和周末的服务照常记，自动列为补充，不用重交，不算迟"),
        )
    )
    return steps


# The supervisor's reading


def reading_page(
    request: SignedInRequest,
    found: ManagersWeek,
    *,
    return_form: ReturnForm | None = None,
    review_form: ReviewForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """What was filed, for those who lead: figures, texts, the opinion; ``?return`` asks where."""
    filed, version = found.summary, found.newest
    if filed is None or version is None:
        raise NotFound
    may_review = not found.is_open and permissions.can_review_summary(
        request.actor, filed, found.branch.pk, version.filed_by_id
    )
    keys = [key for key in figures.figures() if key in version.figures]
    returns = may_review and ("return" in request.GET or return_form is not None)
    form = return_form or ReturnForm(keys, initial={"version": filed.version})
    remarks = found.given_back.remarks if found.given_back else {}
    lines = [
        {
            "figure": figures.figures()[key],
            **version.figures[key],
            "differs": version.figures[key]["value"] != version.figures[key]["declared"],
            "url": f"{address_of(found, 'summary-figure', key)}?version={version.number}",
            "field": form[f"figure:{key}"] if returns else None,
            "remark": remarks.get(f"figure:{key}", ""),
        }
        for key in keys
    ]
    texts = [
        {
            "label": part.label,
            "text": version.texts.get(part.value, ""),
            "is_nothing": part.value in version.nothing,
            "field": form[f"text:{part.value}"] if returns else None,
            "remark": remarks.get(f"text:{part.value}", ""),
        }
        for part in TextPart
    ]
    context = {
        "found": found,
        "filed": filed,
        "version": version,
        "lines": lines,
        "texts": texts,
        "form": form,
        "returns": returns,
        "may_review": may_review,
        "review_form": review_form
        or ReviewForm(initial={"version": filed.version, "opinion": filed.opinion}),
        "state": CHIPS[found.standing],
        "state_text": _("迟交 %(n)d 分") % {"n": filed.minutes_late}
        if found.standing == Standing.LATE
        else "",
        "facts": receipt_facts(found),
        "return_url": address_of(found, "summary-return"),
        "review_url": address_of(found, "summary-review"),
        "versions_url": address_of(found, "summary-versions"),
        "print_url": address_of(found, "summary-print"),
        "paper_url": address_of(found, "summary-paper"),
        "page_url": address_of(found),
        "given_back": found.given_back,
        "at": found.at,
        "parent_url": parent_of(request.actor, found),
    }
    return render(request, "worklogs/summary_read.html", context, status=status)
