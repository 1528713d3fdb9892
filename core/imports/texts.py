"""What a preview says, in the language of whoever reads it now.

The worker makes the preview once for each language: reasons and differences hold values, names of
columns and whole sentences, which nobody can translate afterwards.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import translation

from core.models import ImportRow, ImportRun

# The language of the columns themselves; the others stand in ``in_other_languages``.
FIRST = settings.LANGUAGE_CODE
OTHERS = tuple(code for code, _name in settings.LANGUAGES if code != FIRST)


def reason_of(row: ImportRow) -> str:
    """Why the row is wrong."""
    return str(_said(row, "reason"))


def differences_of(row: ImportRow) -> list[dict[str, str]]:
    """What the row changes: label, before, after."""
    found: list[dict[str, str]] = _said(row, "differences")
    return found


def message_of(run: ImportRun) -> str:
    """What is to be said of the whole file."""
    return str(_said(run, "message"))


def _said(thing: ImportRow | ImportRun, name: str) -> Any:
    texts = thing.in_other_languages.get(translation.get_language() or "", {})
    return texts.get(name, getattr(thing, name))
