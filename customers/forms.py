"""Forms of a customer's page: they read what was typed; what is right the operations say."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from customers.choices import CustomerKind, CustomerState
from customers.models import Customer, Tier
from organization.forms import day_field
from organization.models import Person

REASON_AT_MOST: Final = 200
ANY: Final = ("", "—")
ASKED: Final = (("", _("没有问过")), ("yes", _("同意")), ("no", _("不同意")))


def tier_name(tier: Tier) -> str:
    """A tier's name in the reader's language."""
    return tier.name_en if get_language() == "en" else tier.name_zh


class FilterForm(forms.Form):
    """What is asked of the list; kept in the address."""

    q = forms.CharField(label=_("名称、拼音、编码、手机尾号"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("类型"), required=False, choices=[ANY, *CustomerKind.choices])
    tier = forms.ChoiceField(label=_("等级"), required=False)
    state = forms.ChoiceField(
        label=_("状态"), required=False, choices=[ANY, *CustomerState.choices]
    )

    def __init__(
        self, data: Any, tiers: Sequence[Tier], managers: Sequence[Person], has_free: bool
    ) -> None:
        """``managers`` can be chosen by those who see more than their own."""
        super().__init__(data)
        self.fields["tier"] = forms.ChoiceField(
            label=_("等级"),
            required=False,
            choices=[ANY, *((tier.code, tier_name(tier)) for tier in tiers)],
        )
        if managers:
            choices: list[tuple[str, Any]] = [ANY]
            choices += [(str(person.pk), person.name) for person in managers]
            if has_free:
                choices.append(("none", _("没有客户经理")))
            self.fields["manager"] = forms.ChoiceField(
                label=_("客户经理"), required=False, choices=choices
            )

    def asked(self) -> dict[str, str]:
        """What is asked for, by field; what cannot be read asks for nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class CustomerForm(forms.Form):
    """The file as its keeper may change it."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    name = forms.CharField(label=_("名称"), max_length=120)
    state = forms.ChoiceField(label=_("状态"), choices=CustomerState.choices)
    industry = forms.CharField(label=_("行业"), max_length=40, required=False)
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    monthly_revenue = forms.DecimalField(
        label=_("月收入（元）"), required=False, max_digits=14, decimal_places=2, min_value=0
    )
    contract_ends_on = day_field(_("合同到期"), required=False)
    has_consented = forms.ChoiceField(label=_("同意联系"), choices=ASKED, required=False)
    note = forms.CharField(
        label=_("备注"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, customer: Customer, **more: Any) -> None:
        """Only an individual is asked whether he wants to be contacted."""
        super().__init__(*args, **more)
        if customer.kind != CustomerKind.PERSON:
            del self.fields["has_consented"]

    def changes(self) -> dict[str, Any]:
        """The values for the operation; only of a form that is valid."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        if "has_consented" in values:
            values["has_consented"] = {"yes": True, "no": False}.get(values["has_consented"])
        return values


def customer_values(customer: Customer) -> dict[str, Any]:
    """A customer's file as the form shows it."""
    asked = {True: "yes", False: "no", None: ""}
    return {
        "version": customer.version,
        "name": customer.name,
        "state": customer.state,
        "industry": customer.industry,
        "address": customer.address,
        "monthly_revenue": customer.monthly_revenue,
        "contract_ends_on": customer.contract_ends_on,
        "has_consented": asked[customer.has_consented],
        "note": customer.note,
    }


class AssignForm(forms.Form):
    """Another account manager, from a day on."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    manager = forms.TypedChoiceField(label=_("客户经理"), coerce=int)
    valid_from = day_field(_("从哪天起"))
    reason = forms.CharField(label=_("原因"), max_length=REASON_AT_MOST)

    def __init__(self, *args: Any, managers: Sequence[Person], **more: Any) -> None:
        """``managers`` are those in post in the customer's branch."""
        super().__init__(*args, **more)
        self.fields["manager"] = forms.TypedChoiceField(
            label=_("客户经理"),
            coerce=int,
            choices=[ANY, *((person.pk, person.name) for person in managers)],
        )


class TierForm(forms.Form):
    """Another tier, from a day on."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    tier = forms.ChoiceField(label=_("等级"))
    valid_from = day_field(_("从哪天起"))
    reason = forms.CharField(label=_("原因"), max_length=REASON_AT_MOST)

    def __init__(self, *args: Any, tiers: Sequence[Tier], **more: Any) -> None:
        """``tiers`` are those of the customer's kind."""
        super().__init__(*args, **more)
        self.fields["tier"] = forms.ChoiceField(
            label=_("等级"), choices=[(tier.code, tier_name(tier)) for tier in tiers]
        )


class RevealForm(forms.Form):
    """Why a number is looked at in full."""

    reason = forms.CharField(
        label=_("为什么要看"),
        max_length=REASON_AT_MOST,
        error_messages={"required": _("写明为什么要看完整号码。")},
    )
