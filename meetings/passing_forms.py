"""Forms of documents to pass on, and of cases and questions; what is right is the operations'."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from confidentiality.choices import Level
from core.forms import ANY, Filter, Versioned, file_field, one_file, text_field
from meetings.answering import TEXT_AT_MOST
from meetings.choices import ContributionKind
from meetings.models import Document, DocumentReader
from meetings.operations import contributions
from meetings.operations.documents import GIST_AT_MOST, REFERENCE_AT_MOST, TITLE_AT_MOST, Reach
from organization.choices import BRANCH_ROLES, Role
from organization.forms import day_field
from organization.models import Branch, Person

ROLE_CHOICES = [(role.value, role.label) for role in BRANCH_ROLES]


def _chosen_above(*states: str) -> forms.ChoiceField:
    """A state that the counts above the list set; other filters keep it."""
    return forms.ChoiceField(
        required=False,
        choices=[("", ""), *((state, state) for state in states)],
        widget=forms.HiddenInput,
    )


class _BranchFilter(Filter):
    branch = forms.ChoiceField(label=_("分公司"), required=False)

    def offer_branches(self, branches: Sequence[Branch]) -> None:
        """Branches can be told apart where there is more than one."""
        if len(branches) < 2:
            del self.fields["branch"]
            return
        field: Any = self.fields["branch"]
        field.choices = [ANY, *((str(one.pk), one.name) for one in branches)]


class DocumentFilter(_BranchFilter):
    """What is asked of the list of documents; kept in the address."""

    q = forms.CharField(label=_("标题、文号、要点"), required=False, max_length=80)
    state = _chosen_above("to_sign", "overdue", "open", "told", "withdrawn")

    def __init__(self, data: Any, branches: Sequence[Branch]) -> None:
        super().__init__(data)
        self.offer_branches(branches)


class ReaderFilter(_BranchFilter):
    """What is asked of the list of a document's readers."""

    state = _chosen_above("waiting", "told")

    def __init__(self, data: Any, branches: Sequence[Branch]) -> None:
        super().__init__(data)
        self.offer_branches(branches)


class _Words(forms.Form):
    """What every document says."""

    title = forms.CharField(label=_("标题"), max_length=TITLE_AT_MOST)
    reference = forms.CharField(label=_("文号"), max_length=REFERENCE_AT_MOST, required=False)
    gist = text_field(_("要传达什么"), at_most=GIST_AT_MOST, required=False, rows=5)
    file = file_field(_("文件"))
    level = forms.TypedChoiceField(
        label=_("密级"), coerce=int, choices=Level.choices, initial=Level.INTERNAL
    )
    tell_by = day_field(_("什么时候前传达到"))

    def words(self) -> dict[str, Any]:
        """What the operations take of it; only of a form that is valid."""
        given = self.cleaned_data
        return {
            **{key: given[key] for key in ("title", "reference", "gist", "level", "tell_by")},
            "file": one_file(given["file"]),
        }


class _ReachFields(forms.Form):
    """Whom it must reach: branches by role, and people of one's branch by name."""

    branches = forms.TypedMultipleChoiceField(
        label=_("分公司"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    roles = forms.MultipleChoiceField(
        label=_("角色"),
        choices=ROLE_CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    people = forms.TypedMultipleChoiceField(
        label=_("还有谁"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def offer(self, branches: Sequence[Branch], people: Sequence[Person]) -> None:
        """One branch is not asked about; people are offered where there is one."""
        fields: Any = self.fields
        self.only = branches[0].pk if len(branches) == 1 else None
        if self.only is not None:
            del fields["branches"]
        else:
            fields["branches"].choices = [(one.pk, one.name) for one in branches]
        if not people:
            del fields["people"]
        else:
            fields["people"].choices = [(one.pk, f"{one.name} {one.post}") for one in people]

    def reach(self) -> Reach:
        """Whom it must reach; only of a form that is valid."""
        given = self.cleaned_data
        branch_ids = given.get("branches", []) if self.only is None else [self.only]
        return Reach(branch_ids, given["roles"], given.get("people", []))


class DocumentForm(_Words, _ReachFields):
    """A new document."""

    def __init__(
        self, *args: Any, branches: Sequence[Branch], people: Sequence[Person], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].initial = [Role.MANAGER]
        self.offer(branches, people)


class DocumentChangeForm(Versioned, _Words, _ReachFields):
    """A document anew; further people it must reach, and those who need not be told after all."""

    without = forms.TypedMultipleChoiceField(
        label=_("不用再传达到"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        *args: Any,
        document: Document,
        branches: Sequence[Branch],
        people: Sequence[Person],
        waiting: Sequence[DocumentReader],
        is_told: bool,
        **kwargs: Any,
    ) -> None:
        """``waiting`` are those who can be taken off the list; what has been told stands fast."""
        super().__init__(*args, **kwargs)
        self.offer(branches, people)
        fields: Any = self.fields
        for name in ("title", "reference", "gist", "file"):
            fields[name].disabled = is_told
        fields["level"].choices = [
            (value, label) for value, label in Level.choices if value >= document.level
        ]
        if not waiting:
            del fields["without"]
        else:
            fields["without"].choices = [(row.person_id, row.person.name) for row in waiting]


class WithdrawForm(Versioned):
    """Why a document need not be told any more."""

    why = forms.CharField(label=_("原因"), max_length=200)


# Cases and questions


class ContributionFilter(_BranchFilter):
    """What is asked of the list of cases and questions; kept in the address."""

    q = forms.CharField(label=_("标题、内容、答复、提交人"), required=False, max_length=80)
    kind = forms.ChoiceField(
        label=_("种类"), required=False, choices=[("", _("全部")), *ContributionKind.choices]
    )
    state = _chosen_above("open", "answered", "withdrawn", "shared", "mine")

    def __init__(self, data: Any, branches: Sequence[Branch]) -> None:
        super().__init__(data)
        self.offer_branches(branches)


class ContributionForm(forms.Form):
    """A case or a question."""

    kind = forms.ChoiceField(
        label=_("种类"),
        choices=ContributionKind.choices,
        initial=ContributionKind.QUESTION,
        widget=forms.RadioSelect,
    )
    title = forms.CharField(label=_("标题"), max_length=contributions.TITLE_AT_MOST)
    text = text_field(_("情况"), at_most=TEXT_AT_MOST, rows=6)


class ContributionChangeForm(Versioned, ContributionForm):
    """The same anew."""


class AnswerForm(Versioned):
    """What is answered."""

    answer = text_field(_("答复"), at_most=TEXT_AT_MOST, rows=5)
