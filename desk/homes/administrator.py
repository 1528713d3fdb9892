"""The administrators', the auditor's and the confidentiality officer's day: what wants care."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.formats import moment
from core.marked_days import filled
from core.parts import NextStep
from core.periods import local_date
from core.requests import SignedInRequest
from desk import care_queries
from desk.care_queries import Named
from desk.ways import address, ways_of
from duties.queries import years_wanting
from organization.choices import Role


def home(request: SignedInRequest) -> HttpResponse:
    """What wants care first, then what is simply so."""
    at = clock.now()
    actor = request.actor
    wanting: list[NextStep] = []
    if actor.has_role(Role.SYSADMIN):
        wanting += _of_the_system(at)
    if actor.has_role(Role.SECADMIN):
        wanting += _of_security(at)
    is_sysadmin = actor.has_role(Role.SYSADMIN)
    context: dict[str, Any] = {
        "at": at,
        "headline": ngettext("有 %(n)d 件事要处理", "有 %(n)d 件事要处理", len(wanting))
        % {"n": len(wanting)}
        if wanting
        else _("没有要处理的事"),
        "wanting": wanting,
        "failed": care_queries.failed_jobs(at) if is_sysadmin else [],
        "refused": care_queries.refused_mail(at) if is_sysadmin else [],
        "trail": care_queries.trail_state(at) if actor.has_role(Role.AUDITOR) else None,
        "trail_url": address("audit"),
        "disclosed": care_queries.disclosures_today(at)
        if actor.has_role(Role.CONFIDENTIALITY)
        else None,
        "ways": [way for way in ways_of(actor) if way.route != "home"],
        "is_administrator": actor.has_role(Role.SYSADMIN, Role.SECADMIN),
    }
    return render(request, "desk/administrator.html", context)


def _names(found: Named) -> str:
    """The first few by name, and that there are more."""
    text = _("、").join(found.names)
    return _("%(names)s 等") % {"names": text} if found.count > len(found.names) else text


def _of_the_system(at: datetime) -> Iterator[NextStep]:
    """What the system administrator can mend."""
    on = local_date(at)
    for year in years_wanting(at):
        yield NextStep(
            "check",
            _("%(year)s 年节假日未载入") % {"year": year},
            _("截止按周一至周五算"),
            f"{address('calendar')}?year={year}",
            _("去载入"),
        )
    branches = care_queries.without_supervisor(on)
    if branches.count:
        yield NextStep(
            "check",
            ngettext("%(n)d 家分公司没有主管", "%(n)d 家分公司没有主管", branches.count)
            % {"n": branches.count},
            _names(branches),
            address("branches"),
            _("去看"),
        )
    people = care_queries.without_mail(on)
    if people.count:
        yield NextStep(
            "check",
            ngettext("%(n)d 人没有邮箱", "%(n)d 人没有邮箱", people.count) % {"n": people.count},
            _("%(names)s，收不到提醒邮件") % {"names": _names(people)},
            address("people"),
            _("去补"),
        )
    failed = care_queries.failed_jobs(at)
    if failed:
        yield NextStep(
            "failed",
            ngettext("%(n)d 项后台任务失败", "%(n)d 项后台任务失败", len(failed))
            % {"n": len(failed)},
            _("近 30 天，见下"),
        )
    refused = care_queries.refused_mail(at)
    if refused:
        yield NextStep(
            "failed",
            ngettext("%(n)d 个邮箱被拒收", "%(n)d 个邮箱被拒收", len(refused))
            % {"n": len(refused)},
            _("近 30 天，见下"),
        )


def _of_security(at: datetime) -> Iterator[NextStep]:
    """What the security administrator can mend."""
    people = care_queries.without_role(local_date(at))
    if people.count:
        yield NextStep(
            "check",
            ngettext("%(n)d 人还没有角色", "%(n)d 人还没有角色", people.count)
            % {"n": people.count},
            _names(people),
            address("people"),
            _("去授予"),
        )
    for token in care_queries.expiring_tokens(at):
        yield NextStep(
            "check",
            _("令牌“%(name)s”快到期") % {"name": token.name},
            filled("%(name)s　%(when)s", name=token.person.name, when=moment(token.expires_at, at)),
        )
