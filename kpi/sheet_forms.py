"""Forms of score sheets: they read what was typed, no more."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.errors import Refused
from core.evidence import TYPES, Evidence
from kpi.line_words import InputField
from kpi.operations.steps import TEXT_AT_MOST

INPUT_PREFIX: Final = "in-"


class Versioned(forms.Form):
    """What is done to a sheet, as somebody saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def add_problems(self, refused: Refused) -> None:
        """Show what the operation refuses beside the field it is about."""
        for problem in refused.problems:
            name = self.place_of(problem.field)
            self.add_error(name if name in self.fields else None, str(problem.message))

    def place_of(self, field: str) -> str:
        """The field of the form in which a problem shows."""
        return field


def _text(label: Any, *, required: bool = True, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=TEXT_AT_MOST,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class OpinionForm(Versioned):
    """A signature, with a word or without."""

    opinion = _text(_("意见"), required=False, rows=2)


class ObjectForm(Versioned):
    """What is wrong with a line, and a file that shows it."""

    item = forms.CharField(widget=forms.HiddenInput, max_length=12)
    text = _text(_("哪里不对，应该是多少"), rows=4)
    file = forms.FileField(
        label=_("凭证"),
        required=False,
        max_length=200,
        error_messages={"empty": _("文件是空的。")},
        widget=forms.FileInput(attrs={"accept": ",".join(TYPES)}),
    )

    def evidence(self) -> Evidence | None:
        """The file that was handed in; only of a form that is valid."""
        given = self.cleaned_data["file"]
        return Evidence(given.name, given.read()) if given else None


class ReviewForm(Versioned):
    """The supervisor's opinion on an objection."""

    opinion = _text(_("主管意见"))


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
    answer = _text(_("为什么采纳或不采纳"))


class CorrectForm(WithInputs):
    """What is right in a line of a locked sheet, and why."""

    item = forms.CharField(widget=forms.HiddenInput, max_length=12)
    why = _text(_("为什么更正"))


class SettleForm(Versioned):
    """A second person's word on a correction, or on a proposal."""

    result = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
    decision = _text(_("复核意见"), rows=2)


class ProposalForm(forms.Form):
    """What a person makes of a proposal."""

    result = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
    decision = _text(_("决定的理由"), rows=2)

    def add_problems(self, refused: Refused) -> None:
        """Show what the operation refuses."""
        for problem in refused.problems:
            name = problem.field if problem.field in self.fields else None
            self.add_error(name, str(problem.message))


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
