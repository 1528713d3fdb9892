"""Forms of arranging meetings: they read what was typed, no more."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.formats import month_day
from core.forms import ANY, Versioned
from meetings.models import Meeting
from meetings.steps import REASON_AT_MOST
from meetings.words import sitting_name
from organization.forms import day_field
from organization.models import Person


def reason_field() -> forms.CharField:
    """Why, in a sentence."""
    return forms.CharField(label=_("原因"), max_length=REASON_AT_MOST)


class MoveForm(Versioned):
    """When it is held instead, and why."""

    on = day_field(_("改到哪一天"))
    start = forms.TimeField(
        label=_("几点开始"),
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    reason = reason_field()


class CancelForm(Versioned):
    """Why it does not take place."""

    reason = reason_field()


class CombineForm(Versioned):
    """Which meeting is held together with it."""

    joined = forms.TypedChoiceField(label=_("与哪一场合并"), coerce=int)

    def __init__(self, *args: Any, others: Sequence[Meeting], **more: Any) -> None:
        """``others`` are those that may be."""
        super().__init__(*args, **more)
        self.fields["joined"] = forms.TypedChoiceField(
            label=_("与哪一场合并"),
            coerce=int,
            choices=[(str(one.pk), f"{sitting_name(one)} {month_day(one.on)}") for one in others],
        )


class DelegateForm(Versioned):
    """Who holds it instead, and why."""

    delegate = forms.TypedChoiceField(label=_("委托谁主持"), coerce=int)
    reason = reason_field()

    def __init__(self, *args: Any, people: Sequence[Person], **more: Any) -> None:
        """``people`` are those who can be delegated."""
        super().__init__(*args, **more)
        self.fields["delegate"] = forms.TypedChoiceField(
            label=_("委托谁主持"),
            coerce=int,
            choices=[ANY, *((str(one.pk), f"{one.name} {one.post}".strip()) for one in people)],
        )
