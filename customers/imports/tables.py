"""The two customer tables of an import, field by field (annex 3.10)."""

from __future__ import annotations

from datetime import date
from functools import partial

from django.utils.translation import gettext_lazy

from core.imports import values
from core.imports.tables import Field, Table
from core.imports.values import Reading, WrongValue
from core.workbooks import Cell
from customers.choices import CustomerKind, Gender
from customers.imports.reading import (
    current,
    importable_branches,
    manager_reader,
    references,
    resolve,
    show_birthday,
    show_gender,
    show_manager,
    show_phone,
    show_tier,
    tier_reader,
)
from customers.imports.writing import write

_GENDERS = {
    **dict.fromkeys(("男", "男性", "先生", "m", "male"), Gender.MALE.value),
    **dict.fromkeys(("女", "女性", "女士", "f", "female"), Gender.FEMALE.value),
}
_gender = values.choice(_GENDERS, names=gettext_lazy("男、女"))


def _looks_like(reader: values.Reader, cell: Cell) -> bool:
    try:
        reader(cell, Reading(date.max))
    except WrongValue:
        return False
    return True


def _looks_like_revenue(cell: Cell) -> bool:
    """An amount with a fraction, as revenues have and serial numbers have not."""
    return isinstance(cell, float) and 0 < cell < 10_000_000


def _looks_like_yes_no(cell: Cell) -> bool:
    return values.half_width(cell).upper() in ("是", "否", "Y", "N", "√", "×")


_MANAGER = (
    Field(
        "manager",
        gettext_lazy("客户经理工号"),
        manager_reader,
        aliases=("经理工号", "客户经理编号", "管户经理工号", "manager number"),
        show=show_manager,
        in_summary=True,
    ),
    Field(
        "manager_name",
        gettext_lazy("客户经理"),
        values.name(60),
        aliases=("客户经理姓名", "管户经理", "所属客户经理", "account manager"),
        is_compared=False,
    ),
)
_NOTE = Field("note", gettext_lazy("备注"), values.text(400), aliases=("说明", "note", "remark"))

GROUPS = Table(
    key="groups",
    label=gettext_lazy("集团客户"),
    key_field="code",
    name_field="name",
    fields=(
        Field(
            "code",
            gettext_lazy("集团编码"),
            values.code(30),
            aliases=("客户编码", "集团客户编码", "集团编号", "客户编号", "编码", "customer code"),
            is_required=True,
        ),
        Field(
            "name",
            gettext_lazy("集团名称"),
            values.name(120),
            aliases=("单位名称", "集团客户名称", "客户名称", "企业名称", "名称", "customer name"),
            is_required=True,
        ),
        Field(
            "credit_code",
            gettext_lazy("统一社会信用代码"),
            values.credit_code,
            aliases=("信用代码", "社会信用代码", "credit code"),
            looks_like=partial(_looks_like, values.credit_code),
        ),
        Field(
            "industry",
            gettext_lazy("行业类别"),
            values.text(40),
            aliases=("行业", "所属行业", "industry"),
        ),
        Field(
            "tier",
            gettext_lazy("客户等级"),
            tier_reader(CustomerKind.GROUP),
            aliases=("等级", "级别", "服务等级", "客户级别", "集团级别", "tier"),
            is_required=True,
            show=show_tier,
            in_summary=True,
        ),
        Field(
            "address",
            gettext_lazy("单位地址"),
            values.text(200),
            aliases=("地址", "集团地址", "办公地址", "address"),
        ),
        Field(
            "key_name",
            gettext_lazy("关键联络人"),
            values.name(60),
            aliases=("关键人", "关键联系人", "关键人姓名", "决策人", "key person"),
        ),
        Field(
            "key_post",
            gettext_lazy("关键人职务"),
            values.text(40),
            aliases=("关键联络人职务",),
            shared=("职务", "职位", "post"),
            beside="key_name",
        ),
        Field(
            "key_gender",
            gettext_lazy("关键人性别"),
            _gender,
            aliases=("关键联络人性别",),
            shared=("性别", "gender"),
            beside="key_name",
            show=show_gender,
        ),
        Field(
            "key_phone",
            gettext_lazy("关键人电话"),
            values.phone,
            aliases=("关键联络人电话", "关键人手机", "关键联络人手机", "关键联络人联系方式"),
            shared=("联系方式", "联系电话", "电话", "手机", "手机号", "手机号码", "phone"),
            beside="key_name",
            looks_like=partial(_looks_like, values.phone),
            show=show_phone,
            is_masked=True,
        ),
        Field(
            "key_birthday",
            gettext_lazy("关键人生日"),
            values.birthday,
            aliases=("关键联络人生日", "关键人出生日期"),
            shared=("生日", "出生日期", "birthday"),
            beside="key_name",
            show=show_birthday,
            is_masked=True,
        ),
        Field(
            "contact_name",
            gettext_lazy("集团联系人"),
            values.name(60),
            aliases=("联系人", "联系人姓名", "日常联系人", "contact"),
        ),
        Field(
            "contact_post",
            gettext_lazy("联系人职务"),
            values.text(40),
            aliases=("集团联系人职务",),
            shared=("职务", "职位", "post"),
            beside="contact_name",
        ),
        Field(
            "contact_phone",
            gettext_lazy("联系人电话"),
            values.phone,
            aliases=("联系人手机", "集团联系人电话", "联系人联系方式", "contact phone"),
            shared=("联系方式", "联系电话", "电话", "手机", "手机号", "手机号码", "phone"),
            beside="contact_name",
            show=show_phone,
            is_masked=True,
        ),
        Field(
            "contact_birthday",
            gettext_lazy("联系人生日"),
            values.birthday,
            aliases=("集团联系人生日",),
            shared=("生日", "出生日期", "birthday"),
            beside="contact_name",
            show=show_birthday,
            is_masked=True,
        ),
        *_MANAGER,
        Field(
            "monthly_revenue",
            gettext_lazy("月均收入"),
            values.money,
            aliases=("月收入", "月均收入元", "平均月收入", "monthly revenue"),
            looks_like=_looks_like_revenue,
        ),
        Field(
            "contract_ends_on",
            gettext_lazy("合同到期日"),
            values.day,
            aliases=("合同到期", "合同截止", "合同截止日期", "合同到期时间", "contract end"),
        ),
        _NOTE,
    ),
    references=references,
    resolve=partial(resolve, CustomerKind.GROUP),
    current=current,
    write=partial(write, CustomerKind.GROUP),
    branches=importable_branches,
)

PERSONS = Table(
    key="persons",
    label=gettext_lazy("个人大客户"),
    key_field="code",
    name_field="name",
    fields=(
        Field(
            "code",
            gettext_lazy("客户编号"),
            values.code(30),
            aliases=("客户编码", "会员编号", "vip编号", "编号", "编码", "customer code"),
            is_required=True,
        ),
        Field(
            "name",
            gettext_lazy("姓名"),
            values.name(60),
            aliases=("客户姓名", "名称", "客户名称", "name"),
            is_required=True,
        ),
        Field(
            "tier",
            gettext_lazy("卡级"),
            tier_reader(CustomerKind.PERSON),
            aliases=("卡类", "等级", "级别", "会员级别", "客户等级", "card", "tier"),
            is_required=True,
            show=show_tier,
            in_summary=True,
        ),
        Field(
            "self_gender",
            gettext_lazy("性别"),
            _gender,
            aliases=("gender", "sex"),
            show=show_gender,
        ),
        Field(
            "self_phone",
            gettext_lazy("手机号"),
            values.phone,
            aliases=("手机", "手机号码", "联系电话", "电话", "联系方式", "phone", "mobile"),
            looks_like=partial(_looks_like, values.phone),
            show=show_phone,
            is_masked=True,
        ),
        Field(
            "self_birthday",
            gettext_lazy("生日"),
            values.birthday,
            aliases=("出生日期", "出生年月日", "birthday"),
            show=show_birthday,
            is_masked=True,
        ),
        *_MANAGER,
        Field(
            "monthly_revenue",
            gettext_lazy("月均消费"),
            values.money,
            aliases=("月消费", "arpu", "平均月消费", "monthly spending"),
            looks_like=_looks_like_revenue,
        ),
        Field(
            "has_consented",
            gettext_lazy("是否同意联系"),
            values.yes_no,
            aliases=("同意联系", "是否同意", "授权", "consent"),
            looks_like=_looks_like_yes_no,
        ),
        Field(
            "address",
            gettext_lazy("地址"),
            values.text(200),
            aliases=("家庭住址", "联系地址", "住址", "address"),
        ),
        _NOTE,
    ),
    references=references,
    resolve=partial(resolve, CustomerKind.PERSON),
    current=current,
    write=partial(write, CustomerKind.PERSON),
    branches=importable_branches,
)
