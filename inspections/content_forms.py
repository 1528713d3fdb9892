"""The form on which an inspector marks what minutes say: a mark and a word for each kind."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import Versioned
from inspections.content_queries import Marking
from inspections.operations.contents import NOTE_AT_MOST
from inspections.rules import CONTENT_BEST

MARKS: Final = tuple(str(mark) for mark in range(CONTENT_BEST + 1))


class ContentForm(Versioned):
    """A mark from 0 to 5 for each kind that the meeting owes; empty leaves it as it stands."""

    def __init__(self, marking: Marking, data: Any = None) -> None:
        """``marking`` says which kinds there are and what stands."""
        initial: dict[str, object] = {"version": marking.version}
        for topic, mark in marking.marks.items():
            initial |= {topic: str(mark.mark), f"note_{topic}": mark.note}
        super().__init__(data, initial=initial)
        self.topics = marking.topics
        for topic in marking.topics:
            self.fields[topic.value] = forms.ChoiceField(
                label=topic.label,
                required=False,
                choices=[("", "–"), *((mark, mark) for mark in MARKS)],
            )
            self.fields[f"note_{topic.value}"] = forms.CharField(
                label=_("评语"), required=False, max_length=NOTE_AT_MOST
            )

    def marks(self) -> Mapping[str, int | None]:
        """The marks as typed; only of a form that is valid."""
        given = self.cleaned_data
        return {
            topic.value: int(given[topic.value]) if given[topic.value] else None
            for topic in self.topics
        }

    def notes(self) -> Mapping[str, str]:
        """The words beside them."""
        return {topic.value: self.cleaned_data[f"note_{topic.value}"] for topic in self.topics}
