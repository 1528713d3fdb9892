"""Forms of the calendar: they read what was typed; what is right is the operations' to say."""

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

WORKED, OFF = "work", "off"
KINDS: Final = ((OFF, _("休：放假")), (WORKED, _("班：上班")))


class DayForm(forms.Form):
    """What a day is, what it is called, and why it is changed."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    kind = forms.ChoiceField(label=_("这一天"), choices=KINDS, widget=forms.RadioSelect)
    name = forms.CharField(label=_("名称"), max_length=40, required=False)
    why = forms.CharField(label=_("依据"), max_length=200, required=False)


class ClearForm(forms.Form):
    """A day's mark is taken away."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class YearFileForm(forms.Form):
    """A year's file."""

    file = forms.FileField(
        label=_("放假安排文件"),
        help_text=_("公开的放假 JSON，或有“日期、类型（休/班）、名称”三列的 XLSX、CSV。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".json,.xlsx,.csv"}),
    )
