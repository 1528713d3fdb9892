"""Forms of cases and complaints: they read what was typed; what is right is the operations'."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from confidentiality.choices import Level
from core.forms import ANY, FilesField, Filter, Versioned, evidence_of, month_key, text_field
from core.periods import instant
from customers.models import Customer
from kpi.case_rules import BY_TIER, CAUSES, NAMED, OF_CUSTOMERS, Kind, kind_of
from kpi.case_words import CAUSES as CAUSE_WORDS
from kpi.case_words import DAYS, SUBJECTS
from kpi.choices import CaseState, Complainant, ComplaintState
from kpi.formulas import is_chosen
from kpi.operations.case_filing import SUBJECT_AT_MOST
from kpi.operations.case_steps import FILES_AT_MOST, TEXT_AT_MOST
from kpi.operations.complaints import NAME_AT_MOST
from kpi.scheme import Item
from organization.forms import day_field
from organization.models import Branch, Person

# What a list may be asked for besides a state.
CASE_VIEWS: Final = (
    ("", _("全部")),
    ("open", _("未决定")),
    ("mine", _("等我")),
)
COMPLAINT_VIEWS: Final = (("", _("全部")), ("mine", _("我调查的")), ("overdue", _("逾期未答复")))


class _Filter(Filter):
    """What is asked of a list of branches' things."""

    def offer_branches(self, branches: Sequence[Branch]) -> None:
        """Branches can be told apart where there is more than one."""
        if len(branches) < 2:
            del self.fields["branch"]
            return
        field: Any = self.fields["branch"]
        field.choices = [ANY, *((str(one.pk), one.name) for one in branches)]


class CaseFilter(_Filter):
    """What is asked of the list of cases; kept in the address."""

    q = forms.CharField(label=_("编号、姓名、客户"), required=False, max_length=80)
    state = forms.ChoiceField(
        label=_("状态"), required=False, choices=[*CASE_VIEWS, *CaseState.choices]
    )
    month = forms.CharField(
        label=_("计入月份"),
        required=False,
        max_length=7,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    item = forms.ChoiceField(label=_("项目"), required=False)
    branch = forms.ChoiceField(label=_("分公司"), required=False)

    def __init__(
        self, data: Any, branches: Sequence[Branch], items: Sequence[tuple[str, str]]
    ) -> None:
        super().__init__(data)
        field: Any = self.fields["item"]
        field.choices = [ANY, *items]
        self.offer_branches(branches)

    def clean_month(self) -> str:
        """What is no month asks for nothing."""
        return month_key(self.cleaned_data["month"])


class ComplaintFilter(_Filter):
    """What is asked of the list of complaints; kept in the address."""

    q = forms.CharField(label=_("编号、姓名、客户"), required=False, max_length=80)
    state = forms.ChoiceField(
        label=_("状态"), required=False, choices=[*COMPLAINT_VIEWS, *ComplaintState.choices]
    )
    branch = forms.ChoiceField(label=_("分公司"), required=False)

    def __init__(self, data: Any, branches: Sequence[Branch]) -> None:
        super().__init__(data)
        self.offer_branches(branches)


class FileCaseForm(forms.Form):
    """A new case about a manager, under one item of the scheme: what that item needs, no more."""

    customer = forms.TypedChoiceField(label=pgettext_lazy("一户", "客户"), coerce=int)
    subject = forms.CharField(max_length=SUBJECT_AT_MOST, required=False)
    option = forms.ChoiceField(label=_("种类"), required=False)
    points = forms.DecimalField(
        label=_("分数"), required=False, max_digits=5, decimal_places=2, min_value=0
    )
    cause = forms.ChoiceField(
        label=_("流失原因"), choices=[("", "—"), *((one, CAUSE_WORDS[one]) for one in CAUSES)]
    )
    happened_on = day_field(_("发生日期"))
    facts = text_field(_("事实"), at_most=TEXT_AT_MOST, rows=4)
    file = FilesField(at_most=FILES_AT_MOST, label=_("证明材料"))
    level = forms.TypedChoiceField(
        label=_("材料密级"), coerce=int, choices=Level.choices, initial=Level.INTERNAL
    )

    def __init__(
        self,
        *args: Any,
        item: Item,
        options: Sequence[tuple[str, str]],
        customers: Sequence[Customer],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        kind = kind_of(item)
        self.knows_option = kind in BY_TIER or kind == Kind.ARREARS
        fields: Any = self.fields
        fields["happened_on"].label = DAYS[kind]
        fields["option"].choices = [
            *([("", _now("按系统记录"))] if self.knows_option else []),
            *options,
        ]
        fields["option"].required = not self.knows_option
        if kind in OF_CUSTOMERS:
            fields["customer"].choices = [ANY, *((one.pk, one.name) for one in customers)]
        else:
            del fields["customer"]
        if kind in SUBJECTS:
            fields["subject"].label = SUBJECTS[kind]
            fields["subject"].required = kind in NAMED
        else:
            del fields["subject"]
        if kind != Kind.LOST:
            del fields["cause"]
        if not any(is_chosen(option) for option in item.options):
            del fields["points"]

    def values(self) -> dict[str, Any]:
        """What the operation takes; only of a form that is valid."""
        given = self.cleaned_data
        return {
            "option": given["option"],
            "customer_id": given.get("customer") or None,
            "points": given.get("points"),
            "subject": given.get("subject", ""),
            "cause": given.get("cause", ""),
            "happened_on": given["happened_on"],
            "facts": given["facts"],
            "files": evidence_of(given["file"]),
            "level": given["level"],
        }


class StateForm(Versioned):
    """What the manager has to say."""

    statement = text_field(_("我的说明"), at_most=TEXT_AT_MOST)
    file = FilesField(at_most=FILES_AT_MOST, label=_("证明材料"))


class ReviewForm(Versioned):
    """The supervisor's opinion."""

    opinion = text_field(_("主管意见"), at_most=TEXT_AT_MOST)


class DecideForm(Versioned):
    """What the case is, for how many points, and why."""

    verdict = forms.ChoiceField(choices=[("approved", ""), ("rejected", "")])
    option = forms.ChoiceField(label=_("认定为"), required=False)
    points = forms.DecimalField(
        label=_("分数"), required=False, max_digits=5, decimal_places=2, min_value=0
    )
    decision = text_field(_("决定的理由"), at_most=TEXT_AT_MOST)
    as_correction = forms.BooleanField(label=_("更正已锁定的考核表"), required=False)

    def offer(
        self, options: Sequence[tuple[str, str]], *, has_range: bool, may_correct: bool
    ) -> "DecideForm":
        """The options of the scheme; points where one is a range, a correction where it can be."""
        field: Any = self.fields["option"]
        field.choices = options
        if not has_range:
            del self.fields["points"]
        if not may_correct:
            del self.fields["as_correction"]
        return self


class WithdrawForm(Versioned):
    """Why it is taken back."""

    why = text_field(_("撤回的原因"), at_most=TEXT_AT_MOST, required=False, rows=2)


class FileForm(Versioned):
    """One more file, and how confidential it is."""

    file = FilesField(at_most=FILES_AT_MOST, label=_("证明材料"))
    level = forms.TypedChoiceField(
        label=_("材料密级"), coerce=int, choices=Level.choices, initial=Level.INTERNAL
    )

    def clean_file(self) -> list[Any]:
        """At least one."""
        given: list[Any] = self.cleaned_data["file"]
        if not given:
            raise forms.ValidationError(_now("选一个文件。"))
        return given


# Complaints


class ReceiveForm(forms.Form):
    """A complaint as it came in."""

    complainant = forms.ChoiceField(
        label=_("谁投诉"), choices=Complainant.choices, initial=Complainant.CUSTOMER
    )
    customer = forms.TypedChoiceField(
        label=pgettext_lazy("一户", "客户"), coerce=int, required=False, empty_value=None
    )
    by = forms.CharField(label=_("投诉人姓名"), max_length=NAME_AT_MOST, required=False)
    facts = text_field(_("投诉内容"), at_most=TEXT_AT_MOST, rows=4)
    received_on = day_field(_("收到日期"))
    received_time = forms.TimeField(
        label=_("收到时间"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    investigator = forms.TypedChoiceField(label=_("调查人"), coerce=int)

    def __init__(
        self,
        *args: Any,
        customers: Sequence[Customer],
        people: Sequence[Person],
        takes_employees: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["customer"].choices = [ANY, *((one.pk, one.name) for one in customers)]
        fields["investigator"].choices = [
            (one.pk, f"{one.name} {one.post}".strip()) for one in people
        ]
        if not takes_employees:
            fields["complainant"].choices = [(Complainant.CUSTOMER, Complainant.CUSTOMER.label)]
            fields["complainant"].widget = forms.HiddenInput()

    def received_at(self) -> datetime:
        """The moment; only of a form that is valid."""
        return instant(self.cleaned_data["received_on"], self.cleaned_data["received_time"])


class AnswerForm(Versioned):
    """What whoever complained was answered."""

    answer = text_field(_("怎样答复的"), at_most=TEXT_AT_MOST)


class FindingForm(Versioned):
    """What was found, and whether the complaint is justified."""

    verdict = forms.ChoiceField(choices=[("upheld", ""), ("rejected", "")])
    finding = text_field(_("查到了什么"), at_most=TEXT_AT_MOST)


class EscalateForm(Versioned):
    """Where it went up to."""

    why = text_field(_("升级到哪里、什么时候"), at_most=TEXT_AT_MOST, rows=2)


class TakeBackForm(Versioned):
    """Why whoever complained took it back."""

    why = text_field(_("为什么撤回"), at_most=TEXT_AT_MOST, rows=2)


class AssignForm(Versioned):
    """Who investigates from now on."""

    investigator = forms.TypedChoiceField(label=_("改由谁调查"), coerce=int)

    def offer(self, people: Sequence[Person]) -> "AssignForm":
        """Who there is."""
        field: Any = self.fields["investigator"]
        field.choices = [(one.pk, f"{one.name} {one.post}".strip()) for one in people]
        return self


class OpenForm(forms.Form):
    """Why the name is looked at."""

    reason = forms.CharField(label=_("为什么要看"), max_length=200)


class ComplaintCaseForm(forms.Form):
    """The facts of the case that follows from a justified complaint."""

    facts = text_field(_("写进扣分申报的事实"), at_most=TEXT_AT_MOST, rows=3)
