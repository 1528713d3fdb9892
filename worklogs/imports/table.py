"""The table of service logs, field by field (annex 3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from core.imports import values
from core.imports.tables import Field, Table
from customers.imports.reading import importable_branches
from worklogs import rules
from worklogs.choices import CampaignResponse, Category, Channel, Initiator
from worklogs.imports.reading import content, customer, manager, moment, references, resolve
from worklogs.imports.writing import (
    current,
    show_choice,
    show_customer,
    show_manager,
    show_moment,
    write,
)


def _spellings(choices: Any, more: Mapping[str, str]) -> Mapping[str, str]:
    """Every spelling of a choice: its value, its Chinese label, and ``more``."""
    found = {values.spelled(value): value for value in choices.values}
    found |= {values.spelled(str(label)): value for value, label in choices.choices}
    return found | {values.spelled(word): value for word, value in more.items()}


_CHANNELS = {
    "上门拜访": Channel.ON_SITE,
    "拜访": Channel.ON_SITE,
    "走访": Channel.ON_SITE,
    "外呼": Channel.PHONE,
    "电话回访": Channel.PHONE,
    "手机": Channel.PHONE,
    "客户来访": Channel.CUSTOMER_CALLS,
    "短信群发": Channel.SMS,
    "电子邮件": Channel.MAIL,
    "邮箱": Channel.MAIL,
}
_CATEGORIES = {
    "日常拜访": Category.ROUTINE,
    "拜访": Category.ROUTINE,
    "推广": Category.PROMOTION,
    "营销": Category.PROMOTION,
    "办理": Category.BUSINESS,
    "业务咨询": Category.INQUIRY,
    "故障处理": Category.FAULT,
    "投诉处理": Category.COMPLAINT,
    "欠费催缴": Category.ARREARS,
    "催缴": Category.ARREARS,
    "客户挽留": Category.RETENTION,
    "生日": Category.BIRTHDAY,
    "节日关怀": Category.FESTIVAL,
    "资料更新": Category.VERIFICATION,
}


def _choice(choices: Any, more: Mapping[str, str], names: Any) -> values.Reader:
    return values.choice(_spellings(choices, more), endings=("服务",), names=names)


LOGS = Table(
    key="logs",
    label=gettext_lazy("服务日志"),
    key_field="key",
    code_field="external_id",
    name_field="customer_name",
    fields=(
        Field(
            "external_id",
            gettext_lazy("外部编号"),
            values.code(60),
            aliases=("编号", "日志编号", "流水号", "记录编号", "工单号", "external id", "id"),
        ),
        Field(
            "customer",
            gettext_lazy("客户编码"),
            customer,
            aliases=("集团编码", "客户编号", "集团编号", "客户代码", "customer code"),
            is_required=True,
            show=show_customer,
            in_summary=True,
        ),
        Field(
            "customer_name",
            gettext_lazy("客户名称"),
            values.name(120),
            aliases=("集团名称", "客户姓名", "单位名称", "客户", "customer name"),
            is_compared=False,
        ),
        Field(
            "occurred_at",
            gettext_lazy("服务时间"),
            moment,
            aliases=("拜访时间", "服务日期", "时间", "日期", "发生时间", "occurred at"),
            is_required=True,
            show=show_moment,
            in_summary=True,
        ),
        Field(
            "manager",
            gettext_lazy("客户经理工号"),
            manager,
            aliases=("工号", "经理工号", "记录人工号", "manager number"),
            show=show_manager,
            in_summary=True,
        ),
        Field(
            "initiator",
            gettext_lazy("主动/被动"),
            _choice(
                Initiator,
                {"主动": Initiator.ACTIVE, "被动": Initiator.PASSIVE},
                gettext_lazy("主动、被动"),
            ),
            aliases=("主被动", "服务性质", "主动被动", "性质", "initiator"),
            is_required=True,
            show=show_choice(Initiator),
        ),
        Field(
            "channel",
            gettext_lazy("服务方式"),
            _choice(Channel, _CHANNELS, gettext_lazy("电话、上门、微信、来访、短信、邮件、活动")),
            aliases=("方式", "渠道", "拜访方式", "channel"),
            is_required=True,
            show=show_choice(Channel),
            in_summary=True,
        ),
        Field(
            "category",
            gettext_lazy("服务类别"),
            _choice(
                Category,
                _CATEGORIES,
                gettext_lazy(
                    "例行拜访、产品推广、业务办理、咨询、故障、投诉、欠费、挽留、策反、生日关怀、节日、换管告知、资料核实"
                ),
            ),
            aliases=("类别", "服务类型", "类型", "拜访目的", "category"),
            is_required=True,
            show=show_choice(Category),
        ),
        Field(
            "content",
            gettext_lazy("服务内容"),
            content,
            aliases=("内容", "拜访内容", "服务情况", "记录", "content"),
            is_required=True,
        ),
        Field(
            "minutes",
            gettext_lazy("时长（分钟）"),
            values.whole_number(1440),
            aliases=("时长", "服务时长", "分钟", "minutes"),
        ),
        Field(
            "needs",
            gettext_lazy("客户需求"),
            values.text(rules.TEXT_AT_MOST),
            aliases=("需求", "主动需求", "needs"),
        ),
        Field(
            "behaviour",
            gettext_lazy("消费行为"),
            values.text(rules.TEXT_AT_MOST),
            aliases=("消费动态", "消费行为及动态", "behaviour"),
        ),
        Field(
            "response",
            gettext_lazy("营销方案响应"),
            _choice(CampaignResponse, {}, gettext_lazy("接受、考虑、拒绝、未推介")),
            aliases=("方案响应", "响应", "response"),
            show=show_choice(CampaignResponse),
        ),
        Field(
            "product",
            gettext_lazy("推介产品"),
            values.text(60),
            aliases=("产品", "product"),
        ),
        Field(
            "competitors",
            gettext_lazy("竞争对手信息"),
            values.text(rules.TEXT_AT_MOST),
            aliases=("竞争动态", "竞争对手", "competitors"),
        ),
        Field(
            "problems",
            gettext_lazy("存在问题"),
            values.text(rules.TEXT_AT_MOST),
            aliases=("问题", "服务问题", "problems"),
        ),
        Field(
            "next_step",
            gettext_lazy("后续事项"),
            values.text(rules.TEXT_AT_MOST),
            aliases=("下一步", "后续", "跟进事项", "next step"),
        ),
        Field(
            "next_on",
            gettext_lazy("后续日期"),
            values.day,
            aliases=("跟进日期", "下次日期", "next on"),
        ),
        Field(
            "answered_at",
            gettext_lazy("答复时间"),
            moment,
            aliases=("响应时间", "回复时间", "answered at"),
            show=show_moment,
        ),
        Field(
            "filled_at",
            gettext_lazy("录入时间"),
            moment,
            aliases=("填写时间", "登记时间", "创建时间", "filled at"),
            is_compared=False,
        ),
    ),
    references=references,
    resolve=resolve,
    current=current,
    write=write,
    branches=importable_branches,
)
