"""Forms of score sheets: they read what was typed, no more."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.forms import Versioned, file_field, text_field
from kpi.line_words import InputField
from kpi.operations.steps import TEXT_AT_MOST

INPUT_PREFIX: Final = "in-"


class OpinionForm(Versioned):
    """A signature, with a word or without."""

    opinion = text_field(_("意见"), at_most=TEXT_AT_MOST, required=False, rows=2)


class ObjectForm(Versioned):
    """What is wrong with a line, and a file that shows it."""

    item = forms.CharField(widget=forms.HiddenInput, max_length=12)
    text = text_field(_("哪里不对，应该是多少"), at_most=TEXT_AT_MOST, rows=4)
    file = file_field(_("凭证"))


class ReviewForm(Versioned):
    """The supervisor's opinion on an objection."""

    opinion = text_field(_("主管意见"), at_most=TEXT_AT_MOST)


class WithInputs(Versioned):
    """With the numbers of a line, one field each."""

    def __init__(self, *args: Any, numbers: Sequence[InputField] = (), **more: Any) -> None:
        """``numbers`` are the line's, as they stand."""
        super().__init__(*args, **more)
        self.numbers = tuple(numbers)
        for one in self.numbers:
            self.fields[f"{INPUT_PREFIX}{one.key}"] = forms.CharField(
                label=_now("%(label)s（%(note)s）") % {"label": one.label, "note": one.note}
                if one.note
                else one.label,
                required=False,
                max_length=24,
                initial=one.value,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )

    @property
    def number_fields(self) -> list[forms.BoundField]:
        """The numbers' fields."""
        return [self[f"{INPUT_PREFIX}{one.key}"] for one in self.numbers]

    def values(self) -> dict[str, str]:
        """What was typed, by the key of the number."""
        return {one.key: self.cleaned_data[f"{INPUT_PREFIX}{one.key}"] for one in self.numbers}

    def place_of(self, field: str) -> str:
        """What is wrong with the inputs shows at the first of them."""
        if field == "inputs" and self.numbers:
            return f"{INPUT_PREFIX}{self.numbers[0].key}"
        return field


class DecideForm(WithInputs):
    """Whether an objection holds, why, and the numbers that are right when it does."""

    decision = forms.ChoiceField(
        choices=[("upheld", _("采纳")), ("rejected", _("不采纳"))],
        error_messages={"required": _("选采纳或不采纳。")},
    )
    answer = text_field(_("为什么采纳或不采纳"), at_most=TEXT_AT_MOST)


class CorrectForm(WithInputs):
    """What is right in a line of a locked sheet, and why."""

    item = forms.CharField(widget=forms.HiddenInput, max_length=12)
    why = text_field(_("为什么更正"), at_most=TEXT_AT_MOST)


class SettleForm(Versioned):
    """A second person's word on a correction, or on a proposal."""

    result = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
    decision = text_field(_("复核意见"), at_most=TEXT_AT_MOST, rows=2)


class ProposalForm(forms.Form):
    """What a person makes of a proposal."""

    result = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
    decision = text_field(_("决定的理由"), at_most=TEXT_AT_MOST, rows=2)


class FilterForm(forms.Form):
    """What is asked of the table of sheets; kept in the address."""

    q = forms.CharField(label=_("姓名或工号"), required=False, max_length=40)
    branch = forms.ChoiceField(label=_("分公司"), required=False)
    band = forms.ChoiceField(label=pgettext_lazy("考核", "等级"), required=False)

    def __init__(
        self,
        data: Any,
        *,
        branches: Sequence[tuple[str, str]],
        bands: Sequence[tuple[str, str]],
    ) -> None:
        """``branches`` are (id, name) where there is a choice, ``bands`` (code, name)."""
        super().__init__(data)
        everything = ("", _now("全部"))
        if len(branches) > 1:
            self.fields["branch"] = forms.ChoiceField(
                label=_("分公司"), required=False, choices=[everything, *branches]
            )
        else:
            del self.fields["branch"]
        self.fields["band"] = forms.ChoiceField(
            label=pgettext_lazy("考核", "等级"),
            required=False,
            choices=[everything, *bands, ("-", _now("不评级"))],
        )
