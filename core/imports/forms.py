"""The upload form of an import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.imports.tables import Table


class UploadForm(forms.Form):
    """A file and the table it is for."""

    table = forms.ChoiceField(label=_("导入什么"))
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
