"""The frame of a page: what stands around the content, the words of the scripts, and refusals."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.chips import Tone
from core.errors import Refused, Stale
from core.formats import days
from core.periods import YEARS
from core.queries import calendar

Text = str | Promise

THEMES: Final = ("light", "dark")
THEME_COOKIE: Final = "theme"
PUT_AWAY: Final = "put_away"
PUT_AWAY_AT_MOST: Final = 20
_A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class NavItem:
    """A way of the sidebar or the tabs."""

    key: str
    label: Text
    icon: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class Banner:
    """A sentence above every page, for those who can do something about it.

    With ``key`` the reader can put it away: it stays away, in this session, until the key changes.
    """

    kind: Tone
    text: Text
    url: str = ""
    link_text: Text = ""
    key: str = ""


@dataclass(frozen=True)
class FootAction:
    """The one thing to do from everywhere: the thumb's button on the phone, in the bar else."""

    label: Text
    icon: str
    url: str


@dataclass(frozen=True)
class Shell:
    """What the frame shows of the reader and the day.

    ``tabs`` are the phone's, five at most; ``more`` are the ways that have no room there.
    """

    nav: Sequence[NavItem] = ()
    tabs: Sequence[NavItem] = ()
    more: Sequence[NavItem] = ()
    person_name: str = ""
    role_label: Text = ""
    branch_name: str = ""
    unread: int = 0
    banners: Sequence[Banner] = ()
    foot_action: FootAction | None = None

    def __post_init__(self) -> None:
        if len(self.tabs) > 5:
            raise ValueError("the phone has room for five tabs")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of every page. The frame is filled only where a template asks for it.

    ``frame`` is what a page extends: the whole page, or only its panel when the panel asks.
    """
    for_panel = request.headers.get("HX-Target") == "panel"
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "shell": SimpleLazyObject(lambda: import_string(settings.SHELL_SOURCE)(request)),
        "frame": "panel.html" if for_panel else "base.html",
        "theme": theme if theme in THEMES else "",
        "script_words": script_words,
    }


def script_words() -> dict[str, str]:
    """Every sentence that the scripts say, in the reader's language."""
    return {
        "day": days(1),
        "days": days(2),
        "hours": _("小时"),
        "minutes": _("分"),
        "seconds": _("秒"),
        "past": _("已过截止"),
        "deadline-now": _("{name}：已到截止时间"),
        "deadline-left": _("{name}：还剩 {n} 分钟"),
        "saved": _("已保存 {time}"),
        "unsaved": _("未保存，正在重试"),
        "signed-out": _("登录已过期：写的都在本页，在新窗口登录后会自动再存"),
        "refused": _("未保存：{why}"),
        "stale": _("别处也改过，请选择"),
        "stale-title": _("这份内容在别处也改过"),
        "stale-why": _("两边都没有丢。逐项选择要留下的，再保存。"),
        "mine": _("我写的"),
        "theirs": _("别处的"),
        "keep": _("保存所选"),
        "nothing": _("（空）"),
        "lacking": _("还差 {what}"),
        "separator": _("、"),
        "go-none": _("没有找到“{q}”"),
        "go-count": _("{n} 条结果"),
        "go-failed": _("没有查到：网络或服务器出错，请再试"),
        "failed": _("没有成功：网络或服务器出错，请再试"),
        "offline": _("没有网络。内容已存在本机，联网后再按一次保存"),
        "restored": _("已恢复 {time} 未保存的内容"),
        "discard": _("丢弃"),
        "copied": _("已复制"),
        "picked": _("已选 {n} 行"),
        "close": _("关闭"),
        "open-calendar": _("打开日历"),
        "previous-month": _("上个月"),
        "next-month": _("下个月"),
        "not-a-date": _("写成 2026-11-27 这样的日期"),
        "rest": _("休"),
        "makeup": _("班"),
        "different": _("差 {n}"),
        "differs": _("不同"),
        "same": _("一致"),
        "both": _("写了内容，又选了“本周无”：留一个，否则不能提交。"),
        "errors-left": _("有 {n} 处要改"),
        "errors-none": _("都改好了，可以提交"),
        "progress": _("{percent}%"),
        "stopping": _("正在停止"),
    }


def toast(
    request: HttpRequest, text: Text, *, detail: Text = "", undo_url: str = "", clears: str = ""
) -> None:
    """Say on the next page what was done, with its undo (a POST to ``undo_url``).

    ``clears`` names the draft on this device that is saved by now.
    """
    said = {"text": str(text), "detail": str(detail), "undo": undo_url, "clears": clears}
    messages.success(request, json.dumps(said, ensure_ascii=False))


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or (anything else) as the device has it; remembered in a cookie for a year."""
    response = _back(request)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE,
            chosen,
            max_age=_A_YEAR,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


@require_POST
def put_away(request: HttpRequest) -> HttpResponse:
    """Put the banner of ``key`` away for this session (Banner)."""
    if key := request.POST.get("key", "")[:80]:
        away = [*put_away_keys(request), key]
        request.session[PUT_AWAY] = list(dict.fromkeys(away))[-PUT_AWAY_AT_MOST:]
    return _back(request)


def put_away_keys(request: HttpRequest) -> list[str]:
    """The keys of the banners that were put away in this session."""
    kept: list[str] = request.session.get(PUT_AWAY, [])
    return kept


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page of ours that ``next`` names, else home."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        back = "/"
    return HttpResponseRedirect(back)


@require_GET
def calendar_marks(request: HttpRequest) -> JsonResponse:
    """The days of ``?year=`` that bear a mark, for every calendar on a page.

    ``{"year", "is_loaded", "days": {"2026-10-01": {"mark": "休", "name": "国庆节"}}}``.
    """
    asked = request.GET.get("year", "")
    if not asked.isdecimal() or len(asked) > 4 or int(asked) not in YEARS:
        return JsonResponse({"errors": {"year": [_("没有这一年")]}}, status=400)
    year = int(asked)
    known = calendar(year, year)
    days = {
        on.isoformat(): {"mark": known.mark(on), "name": known.name(on)}
        for on in sorted(known.days)
        if known.mark(on)
    }
    return JsonResponse({"year": year, "is_loaded": known.is_loaded(year), "days": days})


def refusal(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    """The calm page of a refusal (errors/<status>.html); it repeats nothing of the request."""
    return render(request, f"errors/{status}.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400; a body beyond the limits is 413."""
    is_too_large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    return refusal(request, 413 if is_too_large else 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler403."""
    return not_allowed(request)


def not_allowed(request: HttpRequest, why: str = "") -> HttpResponse:
    """403: the thing is seen, and this may not be done to it."""
    if wants_json(request):
        return JsonResponse({"detail": why or _("这一步不在您的权限内")}, status=403)
    return refusal(request, 403, why=why)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler404: byte for byte the same for what is not there and for what is another branch's."""
    if wants_json(request):
        return JsonResponse({"detail": _("没有这一页")}, status=404)
    return refusal(request, 404)


def stale(request: HttpRequest, exception: Stale) -> HttpResponse:
    """409 with the present state; the autosave script shows both versions side by side."""
    if wants_json(request):
        return JsonResponse({"current": exception.current}, status=409)
    return refusal(request, 409)


def refused(request: HttpRequest, exception: Refused) -> HttpResponse:
    """422 with what is wrong, where no form could show it beside its field."""
    if wants_json(request):
        errors: dict[str, list[str]] = {}
        for problem in exception.problems:
            errors.setdefault(problem.field, []).append(str(problem.message))
        return JsonResponse({"errors": errors}, status=422)
    return refusal(request, 422, problems=exception.problems)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """429."""
    return refusal(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: needs no database and no session, either of which may be what broke."""
    return HttpResponse(render_to_string("errors/500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: a form that was open too long, or that did not come from here."""
    if wants_json(request):
        return JsonResponse({"detail": _("页面放得太久了")}, status=403)
    return refusal(request, 403, is_expired_form=True)


def wants_json(request: HttpRequest) -> bool:
    """Whether one of our scripts asks (autosave, progress, undo) and not a reader."""
    return request.headers.get("Accept", "").startswith("application/json")
