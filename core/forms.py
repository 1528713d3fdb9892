"""Forms' common parts: the version they were typed on, long texts, files, what was refused."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.errors import Refused, Stale
from core.evidence import TYPES, Evidence
from core.periods import YEARS, Month

# The first choice of a filter: it asks for nothing.
ANY: Final = ("", "—")
_NAME_AT_MOST: Final = 200


class Versioned(forms.Form):
    """What is done to a thing as somebody saw it; ``version`` is the one he saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class Filter(forms.Form):
    """What is asked of a list; kept in its address."""

    def asked(self) -> dict[str, str]:
        """What is asked for, by field; what cannot be read asks for nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


def text_field(
    label: Any, *, at_most: int, required: bool = True, rows: int = 3
) -> forms.CharField:
    """A text of several lines and at most so many characters."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=at_most,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def file_field(label: Any) -> forms.FileField:
    """One file as evidence, where one is wanted."""
    return forms.FileField(
        label=label,
        required=False,
        max_length=_NAME_AT_MOST,
        error_messages={"empty": _("文件是空的。")},
        widget=forms.FileInput(attrs={"accept": ",".join(TYPES)}),
    )


class _Several(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files as evidence at once, ``at_most`` of them, from a phone's camera too."""

    def __init__(self, *, at_most: int, **kwargs: Any) -> None:
        widget = _Several(attrs={"accept": ",".join(TYPES), "multiple": True})
        kinds = {"empty": _("文件是空的。")}
        super().__init__(required=False, widget=widget, error_messages=kinds, **kwargs)
        self.at_most = at_most

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Every file, each checked."""
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if len(given) > self.at_most:
            raise forms.ValidationError(_now("最多 %(n)d 个文件。") % {"n": self.at_most})
        return [super(FilesField, self).clean(each, initial) for each in given]


def one_file(given: Any) -> Evidence | None:
    """A file that was handed in, or was not, as operations take it."""
    return Evidence(given.name, given.read()) if given else None


def evidence_of(files: Sequence[Any]) -> list[Evidence]:
    """Files that were handed in, as operations take them."""
    return [Evidence(each.name, each.read()) for each in files]


def month_key(text: str) -> str:
    """A month's key as typed, "" for what is none."""
    try:
        month = Month.parse(text.strip())
    except ValueError:
        return ""
    return month.key if month.year in YEARS else ""


def add_problems(form: forms.Form, refused: Refused) -> None:
    """Show what an operation refuses beside the field it is about, else above the form.

    A form whose fields are named otherwise than the operation's has ``place_of(field)``.
    """
    place_of = getattr(form, "place_of", str)
    for problem in refused.problems:
        name = place_of(problem.field)
        form.add_error(name if name in form.fields else None, str(problem.message))


def retake(form: forms.Form, stale: Stale) -> None:
    """The form as typed, on the version that stands now."""
    data = form.data.copy()  # type: ignore[attr-defined]
    data["version"] = str(stale.current["version"])
    form.data = data
    form.full_clean()
