"""The upload form of an import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.imports.tables import Table
from core.periods import YEARS, Month


class MonthField(forms.CharField):
    """A month as ``2026-10``; None when nothing is given."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "2026-10"})

    def to_python(self, value: Any) -> Any:
        """The month."""
        text = str(super().to_python(value) or "")
        if not text:
            return None
        try:
            month = Month.parse(text)
        except ValueError as error:
            raise forms.ValidationError(_("写成 2026-10 这样的月份。")) from error
        if month.year not in YEARS:
            raise forms.ValidationError(_("写成 2026-10 这样的月份。"))
        return month


class UploadForm(forms.Form):
    """A file and the table it is for."""

    table = forms.ChoiceField(label=_("导入什么"))
    month = MonthField(label=_("月份"), required=False)
    file = forms.FileField(
        label=_("文件"),
        error_messages={
            "required": _("选一个 .xlsx 或 CSV 文件。"),
            "empty": _("文件是空的。请选择有内容的 .xlsx 或 CSV 文件。"),
        },
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
    )

    def __init__(self, *args: Any, tables: Sequence[Table], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["table"]
        field.choices = [(table.key, table.label) for table in tables]  # type: ignore[attr-defined]
