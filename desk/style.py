"""The living style page, there when DEBUG is on: every part once, with how to call it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from core.calendar import Calendar, days_from_chinesecalendar
from core.chips import STATES, chip
from core.forms import file_field, text_field
from core.lists import Column, KeysetPage, RowLinks, work_table
from core.pages import Banner, FootAction, NavItem, Shell
from core.parts import (
    Action,
    AgendaItem,
    Choice,
    DayCell,
    Difference,
    EntryLine,
    ErrorLink,
    Fact,
    FormPart,
    MappedColumn,
    NextStep,
    Progress,
    Segment,
    Step,
    Tally,
    checksum,
)
from core.periods import Month, Week
from desk.style_figures import sample_figures

NOW: Final = datetime(2026, 11, 27, 9, 12, 3, tzinfo=UTC)
DEADLINE: Final = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
TODAY: Final = date(2026, 11, 27)
WEEK: Final = Week(2026, 48)
CALENDAR: Final = Calendar(
    {mark.on: mark for mark in days_from_chinesecalendar([2026])}, frozenset({2026})
)


@dataclass(frozen=True)
class FiledSummary:
    """A row of the sample list."""

    number: int
    name: str
    state: str
    text: str
    received: str
    services: int
    parts: str
    note: str


FILED: Final = (
    FiledSummary(1, "仇立新", "missing", "", "", 1, "–", "周二起没有日志"),
    FiledSummary(2, "曾雨桐", "missing", "", "", 4, "6/8", "上次提醒 17:34"),
    FiledSummary(3, "徐梦洁", "returned", "", "17:02:11", 17, "7/8", "完成拜访、结论"),
    FiledSummary(4, "何俊峰", "late", "迟交 8 分", "17:38:20", 18, "8/8", ""),
    FiledSummary(5, "陈嘉怡", "filed", "", "16:47:05", 14, "8/8", ""),
    FiledSummary(6, "谢依诺", "leave", "", "", 0, "–", "培训，11月25日起"),
)

COLUMNS: Final[tuple[Column[FiledSummary], ...]] = (
    Column("name", _("客户经理"), lambda row: row.name, sort="name"),
    Column(
        "state",
        _("周报"),
        lambda row: STATES[row.state].word,
        cell=lambda row: chip(row.state, row.text),
        is_bare=True,
    ),
    Column("received", _("收到"), lambda row: row.received),
    Column("services", _("服务"), lambda row: row.services, is_number=True, sort="services"),
    Column("parts", _("文字"), lambda row: row.parts, is_number=True),
    Column("note", _("留意"), lambda row: row.note, is_bare=True),
    Column("number", _("工号"), lambda row: f"3102{row.number:02d}", is_shown=False),
)


class AnswerForm(forms.Form):
    """One of the things that can be done on a page with several."""

    text = text_field(_("怎样答复的"), at_most=2000)
    file = file_field(_("凭证"))


class SummaryForm(forms.Form):
    """A piece of the weekly summary, for the parts that show fields."""

    done = forms.CharField(label=_("完成拜访"))
    done_reason = forms.CharField(label=_("原因"), required=False)
    gifts = forms.CharField(label=_("生日礼 应送/已送"))
    gifts_reason = forms.CharField(label=_("原因"), required=False)
    needs = forms.CharField(label=_("主动服务需求"), widget=forms.Textarea(attrs={"rows": 3}))
    needs_none = forms.BooleanField(label=_("本周无"), required=False)
    conclusion = forms.CharField(
        label=_("结论"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("写一句本周的判断")},
    )
    next_visit_on = forms.DateField(
        label=_("下次拜访"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"data-date": ""}),
        help_text=_("约好的日子"),
    )
    tier = forms.ChoiceField(label=_("服务等级"), choices=[("A", "A"), ("B", "B"), ("C", "C")])
    is_shared = forms.BooleanField(label=_("抄送客户经理主管"), required=False)


def _form() -> SummaryForm:
    """Bound and wrong in one field, as after a submission."""
    return SummaryForm(
        {
            "done": "11", "done_reason": "周四 江南精密 只填了纸质单，漏录日志", "gifts": "2/2",
            "needs": "恒信物流想把专线提速到 500M；启明科技要分机构对账单。", "conclusion": "",
            "next_visit_on": "2026-10-10", "tier": "B",
        },
        auto_id="s_%s",
    )  # fmt: skip


def style_page(request: HttpRequest) -> HttpResponse:
    """Every part of the look; 404 unless DEBUG."""
    if not settings.DEBUG:
        raise Http404
    form = _form()
    context: dict[str, Any] = {
        "shell": _shell(),
        "now": NOW,
        "deadline_at": DEADLINE,
        "today": TODAY,
        "calendar": CALENDAR,
        "form": form,
        "tokens": _tokens(),
        "states": list(STATES),
        "figures": sample_figures(),
        "sample_states": [
            ("filed", ""), ("late", "迟交 8 分"), ("missing", ""), ("returned", ""), ("leave", ""),
            ("new", ""), ("changed", ""), ("unchanged", ""), ("wrong", ""), ("check", ""),
        ],
        "october": Month(2026, 10),
        "chosen": date(2026, 10, 16),
        "week_days": _week_days(),
        "run": Progress(_("导入集团客户"), 7440, 12000, request.path + "?progress=1",
                        request.path, _("7,440 行"), "waiting"),
        "tallies": [
            Tally("missing", 2, "?state=missing", is_current=True),
            Tally("returned", 1, "?state=returned"),
            Tally("late", 1, "?state=late"),
            Tally("filed", 7, "?state=filed"),
            Tally("leave", 1, "?state=leave"),
        ],
        "views": [
            Segment(_("需求"), "?view=needs", True, 9),
            Segment(_("问题"), "?view=issues", count=6),
        ],
        "bars": (5, 4, 6, 3, 2),
        "table": _table(request),
        "lines": _lines(form),
        "parts": _form_parts(),
        "error_links": [ErrorLink(_("结论：写一句本周的判断"), "s_conclusion")],
        "facts": _facts(),
        "steps": _steps(),
        "way": _way(),
        "answer": AnswerForm(),
        "channels": [Choice(value, label) for value, label in _CHANNELS],
        "customers": [
            Choice("1", "恒信物流", _("1 小时前")),
            Choice("2", "江南精密制造", _("15:30 有拜访")),
        ],
        "agenda_items": _agenda(),
        "differences": [
            Difference(_("服务等级"), "B", "A"),
            Difference(_("月收入"), "16,200.00", "18,640.00"),
        ],
        "mapped": _mapped(),
        "next_action": Action(_("看上周的 6 条"), "#empty"),
        "panel_url": request.path,
        "has_panel": "row" in request.GET,
    }  # fmt: skip
    return render(request, "desk/style.html", context)


def style_answers(request: HttpRequest) -> JsonResponse:
    """What the scripts of the style page ask for: a saved draft, a run's state, places to go."""
    if not settings.DEBUG:
        raise Http404
    if request.method == "PATCH":
        return JsonResponse({"version": 4, "saved_at": NOW.isoformat()})
    hits = [
        {"title": "恒信物流", "context": "客户", "url": "#", "icon": "building"},
        {"title": "林晓岚", "context": "客户经理", "url": "#", "icon": "user"},
    ]
    return JsonResponse(hits, safe=False)


_CHANNELS: Final = (
    ("phone", _("电话")), ("visit", _("上门")), ("wechat", _("微信")), ("came", _("来访")),
    ("sms", _("短信")), ("mail", _("邮件")), ("event", _("活动")),
)  # fmt: skip


def _shell() -> Shell:
    nav = (
        NavItem("today", _("今天"), "sun", "#", current=True),
        NavItem("summary", _("周报"), "notebook", "#"),
        NavItem("logs", _("服务日志"), "map-pin", "#"),
        NavItem("customers", _("客户"), "building", "#"),
        NavItem("import", _("导入"), "file-import", "#"),
    )
    return Shell(
        nav=nav,
        tabs=nav,
        person_name="林晓岚",
        role_label=_("客户经理"),
        branch_name="城东分公司",
        unread=3,
        banners=(
            Banner("late", _("2027 年节假日未载入，截止按周一至周五算"), "#", _("去载入")),
        ),
        foot_action=FootAction(_("记一笔服务"), "pencil-plus", "#"),
    )  # fmt: skip


def _table(request: HttpRequest) -> Any:
    links = RowLinks[FiledSummary](
        key=lambda row: row.number,
        url=lambda row: f"{request.path}?row={row.number}#list",
        action=lambda row: format_html('<a href="#list">{}</a>', _("批阅")) if row.received else "",
    )
    return work_table(
        request,
        KeysetPage(FILED, after="next"),
        COLUMNS,
        links,
        key="style",
        caption=_("第 48 周周报"),
        total=12,
        current=request.GET.get("row", ""),
        is_selectable=True,
        exports=((_("导出 XLSX"), request.path),),
    )


def _lines(form: SummaryForm) -> list[EntryLine]:
    return [
        EntryLine("planned", _("计划拜访"), "12", _("家"), "#", shown="12"),
        EntryLine("done", _("完成拜访"), "10", _("家"), "#", form["done"], form["done_reason"]),
        EntryLine("gifts", _("生日礼 应送/已送"), "2/2", _("份"), "#", form["gifts"],
                  form["gifts_reason"]),
    ]  # fmt: skip


def _form_parts() -> list[FormPart]:
    return [
        FormPart(_("一 数据"), "done", _("1 处不同，已写原因"), "part-figures"),
        FormPart(_("二 文字"), "wrong", _("1 处要改"), "part-texts"),
        FormPart(_("三 计划与执行"), "draft", _("12 行")),
    ]


def _facts() -> list[Fact]:
    return [
        Fact(_("回执号"), "CD-2026-W48-0107", copies=True),
        Fact(_("版本"), _("第 1 版")),
        Fact(_("送达"), "周建平"),
        checksum(_("内容校验码"), "9f3c71ae04d2e81b"),
    ]


def _steps() -> list[NextStep]:
    return [
        NextStep("late", _("交下周拜访计划"), _("今天 17:30 截止，已排 9 家"), "#", _("去填写")),
        NextStep("waiting", _("主管批阅"), _("退回时写明是哪一栏；改后再交为第 2 版")),
    ]


def _way() -> list[Step]:
    return [
        Step("received", _("已受理"), "周国强", NOW),
        Step(
            "sent", _("已答复"), "林晓岚", NOW, "已上门说明，客户接受。", "#", "回执.jpg", 182_000
        ),
    ]


def _agenda() -> list[AgendaItem]:
    return [
        AgendaItem("核实 佳禾食品 资料", (_("A 类满 90 天，已过 2 天"),), state="overdue", url="#"),
        AgendaItem("拜访 江南精密制造", (_("上门"), "王敏 采购部经理"), "15:30", url="#"),
        AgendaItem("回电 恒信物流", (_("故障答复，应在 16:40 前"),), "16:20", tick_url="#"),
        AgendaItem("送生日礼 李国栋", ("启明科技",), _("今天"), is_done=True),
        AgendaItem(_("17:30 前交第 48 周周报"), (_("周报按时 2/4 → 3/4"),), "+0.50", url="#",
                   is_gain=True),
    ]  # fmt: skip


def _week_days() -> list[DayCell]:
    notes = ("5", "4", "6", "3", "2", "", "")
    return [
        DayCell(on, "" if on.weekday() < 5 else "休", note=note)
        for on, note in zip(WEEK.days, notes, strict=True)
    ]


def _mapped() -> list[MappedColumn]:
    options = [
        ("", _("不导入")),
        ("code", _("客户编码")),
        ("name", _("名称")),
        ("income", _("月收入")),
    ]
    return [
        MappedColumn("A", "客户编码", "CD200317", "column-A", "code", options),
        MappedColumn("B", "单位名称", "江南精密制造", "column-B", "name", options),
        MappedColumn("I", "月均", "18,640.00", "column-I", "income", options, "guessed"),
        MappedColumn("J", "备注2", "见附件", "column-J", "", options, "skipped"),
    ]  # fmt: skip


def _tokens() -> list[tuple[str, Any]]:
    return [
        ("ink", _("正文")), ("muted", _("次要")), ("accent", _("主色")),
        ("edge", _("控件边")), ("ok", _("已交")), ("late", _("迟交")),
        ("miss", _("未交")), ("back", _("退回")),
    ]  # fmt: skip
