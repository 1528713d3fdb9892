"""Forms of a room and of absences: they read what was typed, no more."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from core.forms import ANY, Versioned
from meetings.choices import AbsenceKind, Presence
from meetings.forms import reason_field
from meetings.steps import HEADS_AT_MOST, REASON_AT_MOST
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


class EndForm(RecorderForm):
    """End: how many were counted, and why not as many signed in."""

    head_count = forms.IntegerField(label=_("清点人数"), min_value=0, max_value=HEADS_AT_MOST)
    count_why = forms.CharField(
        label=_("为什么和签到不一致"), max_length=REASON_AT_MOST, required=False
    )


class _TypedAnew(forms.TextInput):
    """What was typed does not come back: the screen shows another by now."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The empty field."""
        return super().get_context(name, None, attrs)


class NumberForm(forms.Form):
    """The number that stands on the room's screen."""

    number = forms.RegexField(
        r"^[0-9]{2}$",
        label=_("会议室屏幕上的两位数"),
        error_messages={"required": _("填屏幕上的两位数。"), "invalid": _("填屏幕上的两位数。")},
        widget=_TypedAnew(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "off",
                "maxlength": 2,
                "autofocus": True,
            }
        ),
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
