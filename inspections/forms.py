"""Forms of findings and of the inspection sheet: they read what was typed, no more."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.formats import month_name
from core.forms import ANY, Filter, Versioned, file_field, month_key, text_field
from core.periods import Month
from inspections.checks import checks
from inspections.choices import FindingState, Taking
from inspections.models import CheckItem
from inspections.steps import TEXT_AT_MOST, TITLE_AT_MOST
from inspections.words import FAULTS
from organization.forms import day_field
from organization.models import Branch, Person

# Filters by whose turn it is; "" is what is not closed.
GROUPS: Final = (
    ("", _("未关闭")),
    ("overdue", _("逾期")),
    ("branch", _("等分公司")),
    ("market", _("等市场部")),
    ("all", _("全部")),
)


class FilterForm(Filter):
    """What is asked of the list; kept in the address."""

    q = forms.CharField(label=_("编号、标题、责任人"), required=False, max_length=80)
    state = forms.ChoiceField(
        label=_("状态"), required=False, choices=[*GROUPS, *FindingState.choices]
    )
    month = forms.ChoiceField(label=_("月份"), required=False)
    branch = forms.ChoiceField(label=_("分公司"), required=False)

    def __init__(self, data: Any, branches: Sequence[Branch], months: Sequence[str]) -> None:
        """``branches`` are those that can be told apart, ``months`` those with findings."""
        super().__init__(data)
        self.fields["month"] = forms.ChoiceField(
            label=_("月份"),
            required=False,
            choices=[ANY, *((key, month_name(Month.parse(key))) for key in months)],
        )
        if len(branches) > 1:
            self.fields["branch"] = forms.ChoiceField(
                label=_("分公司"),
                required=False,
                choices=[ANY, *((str(branch.pk), branch.name) for branch in branches)],
            )
        else:
            del self.fields["branch"]


class ConfirmForm(Versioned):
    """The branch says yes, with a word or without."""

    text = text_field(_("补充说明"), at_most=TEXT_AT_MOST, required=False, rows=2)


class ObjectForm(Versioned):
    """The branch says no, and why."""

    text = text_field(_("为什么有异议"), at_most=TEXT_AT_MOST)


class DecideForm(Versioned):
    """Whether the objection holds, and why."""

    decision = forms.ChoiceField(choices=[("upheld", ""), ("overruled", "")])
    text = text_field(_("为什么这样定"), at_most=TEXT_AT_MOST)


class AnswerForm(Versioned):
    """What was put right, and a file that shows it."""

    text = text_field(_("原因、措施和完成情况"), at_most=TEXT_AT_MOST, rows=4)
    file = file_field(_("凭证"))


class RecheckForm(Versioned):
    """Whether it is right now; else what is lacking, and the new day."""

    result = forms.ChoiceField(choices=[("closed", ""), ("reopened", "")])
    text = text_field(_("复查情况"), at_most=TEXT_AT_MOST, required=False)
    due_on = day_field(_("不通过时的新期限"), required=False)


class CarryForm(Versioned):
    """The new day, and why."""

    due_on = day_field(_("新期限"))
    text = text_field(_("为什么转入下月"), at_most=TEXT_AT_MOST, rows=2)


class RaiseForm(forms.Form):
    """A finding by hand."""

    title = forms.CharField(label=_("标题"), max_length=TITLE_AT_MOST)
    facts = text_field(_("事实"), at_most=TEXT_AT_MOST, rows=5)
    owner = forms.TypedChoiceField(label=_("责任人"), coerce=int)
    due_on = day_field(_("整改期限"))
    item = forms.ChoiceField(label=_("检查项目"), required=False)
    clause = forms.CharField(label=_("依据条款"), max_length=40, required=False)

    def __init__(
        self, *args: Any, people: Sequence[Person], items: Sequence[tuple[str, str]], **more: Any
    ) -> None:
        """``people`` are those in post in the branch, ``items`` the month's sheet."""
        super().__init__(*args, **more)
        self.fields["owner"] = forms.TypedChoiceField(
            label=_("责任人"),
            coerce=int,
            choices=[ANY, *((one.pk, f"{one.name} {one.post}".strip()) for one in people)],
        )
        self.fields["item"] = forms.ChoiceField(
            label=_("检查项目"), required=False, choices=[ANY, *items]
        )


# The inspection sheet


def _points(label: Any, *, required: bool = True) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=required, max_digits=5, decimal_places=2, min_value=0, max_value=100
    )


class ItemForm(forms.Form):
    """An item from a month on."""

    code = forms.CharField(label=_("代码"), max_length=20)
    name_zh = forms.CharField(label=_("名称"), max_length=40)
    name_en = forms.CharField(label=_("英文名称"), max_length=40, required=False)
    points = _points(_("分值"))
    taking = forms.ChoiceField(
        label=_("怎样扣分"), choices=Taking.choices, widget=forms.RadioSelect
    )
    clause = forms.CharField(label=_("依据条款"), max_length=40, required=False)
    rank = forms.IntegerField(label=_("次序"), min_value=1, max_value=999)
    judged_by = forms.ChoiceField(label=_("由什么判定"), required=False)
    valid_from = forms.CharField(label=_("从哪个月起"), max_length=7)

    def __init__(self, *args: Any, sources: Sequence[str] = (), **more: Any) -> None:
        """``sources`` are keys that stand in the sheet already, installed or not."""
        super().__init__(*args, **more)
        known = {key: str(check.label) for key, check in checks().items()}
        waiting = sorted(set(sources) - set(known) - {""})
        self.fields["judged_by"] = forms.ChoiceField(
            label=_("由什么判定"),
            required=False,
            choices=[
                ("", _now("没有来源，不查")),
                *known.items(),
                *((key, _now("%(key)s（还没有接入）") % {"key": key}) for key in waiting),
            ],
        )
        for kind, words in FAULTS.items():
            self.fields[f"fault_{kind}"] = _points(words.name, required=False)

    def clean_valid_from(self) -> Month:
        """The month itself."""
        key = month_key(self.cleaned_data["valid_from"])
        if not key:
            raise forms.ValidationError(_now("写成 2026-12 这样的月份。"))
        return Month.parse(key)

    @property
    def fault_fields(self) -> list[forms.BoundField]:
        """The points off, kind by kind."""
        return [self[f"fault_{kind}"] for kind in FAULTS]

    def values(self) -> dict[str, Any]:
        """What the operation takes; only of a form that is valid."""
        given = self.cleaned_data
        return {
            **{name: given[name] for name in (
                "code", "points", "taking", "clause", "rank", "judged_by", "valid_from"
            )},
            "names": {"zh-hans": given["name_zh"], "en": given["name_en"]},
            "faults": {
                kind: off for kind in FAULTS if (off := given[f"fault_{kind}"]) is not None
            },
        }  # fmt: skip

    def place_of(self, field: str) -> str:
        """The field in which a problem of the operation's ``field`` shows."""
        places = {"names": "name_zh", "faults": f"fault_{next(iter(FAULTS))}"}
        return places.get(field, field)


def item_values(item: CheckItem, valid_from: Month) -> dict[str, Any]:
    """An item as the form shows it."""
    return {
        "code": item.code,
        "name_zh": item.names.get("zh-hans", ""),
        "name_en": item.names.get("en", ""),
        "points": item.points.normalize() if item.points % 1 else int(item.points),
        "taking": item.taking,
        "clause": item.clause,
        "rank": item.rank,
        "judged_by": item.judged_by,
        "valid_from": valid_from.key,
        **{f"fault_{kind}": Decimal(off) for kind, off in item.faults.items()},
    }
