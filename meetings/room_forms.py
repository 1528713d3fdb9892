"""Forms of a room and of absences: they read what was typed, no more."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from core.forms import ANY, Versioned
from meetings.choices import AbsenceKind, Presence
from meetings.forms import reason_field
from meetings.steps import REASON_AT_MOST
from organization.models import Person


class RecorderForm(Versioned):
    """Begin or end, and who writes the minutes down."""

    def __init__(self, *args: Any, people: Iterable[Person], **more: Any) -> None:
        """``people`` are those who can."""
        super().__init__(*args, **more)
        self.fields["recorder"] = forms.TypedChoiceField(
            label=pgettext("会议", "记录人"),
            coerce=int,
            required=False,
            empty_value=None,
            choices=[ANY, *((str(one.pk), one.name) for one in people)],
        )


class NotHeldForm(Versioned):
    """Why it was not held."""

    reason = reason_field()


class PresenceForm(forms.Form):
    """A tap of the roll call, on the state that was seen; a note, and why where one is needed."""

    person = forms.IntegerField(min_value=1)
    seen = forms.ChoiceField(choices=Presence.choices)
    state = forms.ChoiceField(choices=Presence.choices)
    note = forms.CharField(max_length=REASON_AT_MOST, required=False)
    why = forms.CharField(max_length=REASON_AT_MOST, required=False)


class AbsenceForm(forms.Form):
    """That one cannot come, and why."""

    kind = forms.ChoiceField(label=_("事由"), choices=AbsenceKind.choices, widget=forms.RadioSelect)
    reason = reason_field()


class DecideForm(forms.Form):
    """Whether a notice is accepted."""

    decision = forms.ChoiceField(choices=[("accepted", ""), ("refused", "")])
    opinion = forms.CharField(label=_("不准的理由"), max_length=REASON_AT_MOST, required=False)
