"""Forms around minutes: they read what was typed, no more."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import ANY, Filter, Versioned, file_field, text_field
from meetings.choices import ActionState, ScanPart
from meetings.forms import reason_field
from meetings.minutes_rules import OPINION_AT_MOST
from meetings.operations.actions import RESULT_AT_MOST
from meetings.operations.scans import ENDINGS
from meetings.queries.actions import OVERDUE
from organization.models import Branch, Person


class ReturnForm(Versioned):
    """What is to be mended."""

    opinion = text_field(_("要改什么"), at_most=OPINION_AT_MOST)


class RecorderForm(Versioned):
    """Who writes the minutes."""

    def __init__(self, *args: Any, people: Sequence[Person], **more: Any) -> None:
        """``people`` are those who can."""
        super().__init__(*args, **more)
        self.fields["recorder"] = forms.TypedChoiceField(
            label=_("记录人"),
            coerce=int,
            choices=[ANY, *((str(one.pk), f"{one.name} {one.post}".strip()) for one in people)],
        )


class CloseForm(Versioned):
    """What came of it, and a file where there is one."""

    result = text_field(_("办成了什么"), at_most=RESULT_AT_MOST)
    file = file_field(_("凭证"))


class WhyForm(Versioned):
    """Why it is taken back, or to be done after all."""

    reason = reason_field()


class ScanForm(forms.Form):
    """Which paper, and its scan."""

    part = forms.ChoiceField(label=_("哪一份"), choices=ScanPart.choices, widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("扫描件或照片"),
        max_length=200,
        error_messages={"empty": _("文件是空的。"), "required": _("请选扫描件或拍照。")},
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)}),
    )


# What is open comes first: nothing asked for is that.
_STATES: Final = (
    ("open", _("未结")),
    (OVERDUE, _("逾期")),
    ("done", ActionState.DONE.label),
    ("dropped", ActionState.DROPPED.label),
    ("all", _("全部")),
)


class ActionFilter(Filter):
    """What is asked of the list of actions."""

    q = forms.CharField(label=_("找"), required=False, max_length=60)
    state = forms.ChoiceField(label=_("状态"), required=False, choices=_STATES)

    def __init__(self, data: Any, branches: Sequence[Branch]) -> None:
        """``branches`` are those to choose between."""
        super().__init__(data)
        if len(branches) > 1:
            self.fields["branch"] = forms.ChoiceField(
                label=_("分公司"),
                required=False,
                choices=[ANY, *((str(one.pk), one.name) for one in branches)],
            )
