"""Forms of the week: a service log, a weekly summary; they read and say what cannot be read.

What may stand in a log or a summary is the operations' to decide; their problems come back
beside the same fields.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import Problem
from core.parts import EntryLine, ErrorLink
from core.periods import instant, local
from organization.forms import day_field
from worklogs import figures, rules
from worklogs.choices import (
    ALWAYS_WRITTEN,
    CampaignResponse,
    Category,
    Channel,
    Initiator,
    TextPart,
)
from worklogs.entries import SummaryEntry
from worklogs.models import ServiceLog
from worklogs.operations.logs import LogEntry

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Text = str | Promise

REASON_AT_MOST: Final = 200
MINUTES_IN_A_DAY: Final = 24 * 60


def _missing(sentence: Text) -> dict[str, Any]:
    return {"required": sentence, "invalid": sentence, "invalid_choice": sentence}


def _hour(label: "str | _StrPromise", *, is_required: bool = False) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=is_required,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages=_missing(_("写成 15:12 这样的时间")),
    )


def _words(label: "str | _StrPromise", rows: int = 2) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=rules.TEXT_AT_MOST,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class LogForm(forms.Form):
    """A service log (annex 3.3): five answers that are needed, everything else folds out."""

    customer = forms.IntegerField(error_messages=_missing(_("选一家客户。")))
    initiator = forms.ChoiceField(
        label=_("谁发起"),
        choices=Initiator.choices,
        error_messages=_missing(_("选主动或被动。")),
    )
    channel = forms.ChoiceField(
        label=_("方式"), choices=Channel.choices, error_messages=_missing(_("选一种方式。"))
    )
    category = forms.ChoiceField(
        label=_("类别"), choices=Category.choices, error_messages=_missing(_("选一个类别。"))
    )
    content = forms.CharField(
        label=_("内容"),
        max_length=rules.TEXT_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=_missing(_("写一句做了什么、客户怎么说。")),
    )
    is_open = forms.BooleanField(label=_("待答复"), required=False)
    answered_on = day_field(_("答复日期"), required=False)
    answered_time = _hour(_("答复时间"))
    contact = forms.IntegerField(label=_("联系人"), required=False)
    occurred_on = day_field(_("服务日期"))
    occurred_time = _hour(_("服务时间"), is_required=True)
    minutes = forms.IntegerField(
        label=_("时长（分钟）"),
        required=False,
        min_value=0,
        max_value=MINUTES_IN_A_DAY,
        error_messages=_missing(_("写分钟数，如 30")),
    )
    needs = _words(_("客户需求"))
    problems = _words(_("存在问题"))
    behaviour = _words(_("消费行为、动态"))
    response = forms.ChoiceField(
        label=_("营销方案响应"),
        choices=[("", _("没有提到")), *CampaignResponse.choices],
        required=False,
        error_messages=_missing(_("选接受、考虑、拒绝或未推介。")),
    )
    product = forms.CharField(label=_("推介的产品"), required=False, max_length=60)
    competitors = _words(_("竞争对手"))
    next_step = _words(_("后续事项"))
    next_on = day_field(_("后续日期"), required=False)

    def clean_customer(self) -> int:
        """A number that can be an id at all."""
        value: int = self.cleaned_data["customer"]
        if not 0 < value < 2**63:
            raise forms.ValidationError(_("选一家客户。"))
        return value

    def entry(self) -> LogEntry:
        """What was said, for the operation; only of a form that is valid."""
        given = self.cleaned_data
        answered_on, answered_time = given["answered_on"], given["answered_time"]
        answered_at = None
        if answered_on or answered_time:
            answered_at = instant(
                answered_on or given["occurred_on"], answered_time or given["occurred_time"]
            )
        return LogEntry(
            customer_id=given["customer"],
            contact_id=given["contact"],
            occurred_at=instant(given["occurred_on"], given["occurred_time"]),
            minutes=given["minutes"],
            answered_at=None if given["is_open"] else answered_at,
            is_open=given["is_open"],
            next_on=given["next_on"],
            **{name: given[name] for name in _SAME_NAMES},
        )

    def add_problems(self, problems: Sequence[Problem]) -> None:
        """Show what the operation refuses beside the field it is about."""
        for problem in problems:
            field = {"occurred_at": "occurred_time", "answered_at": "answered_time"}.get(
                problem.field, problem.field
            )
            self.add_error(field if field in self.fields else None, str(problem.message))

    @property
    def links(self) -> list[ErrorLink]:
        """The error summary: each sentence leads to its field."""
        found = [ErrorLink(str(message)) for message in self.non_field_errors()]
        for bound in self:
            anchor = f"choices-{bound.name}" if bound.name in _TAPPED else bound.id_for_label
            found += [ErrorLink(str(message), anchor) for message in bound.errors]
        return found

    @property
    def is_unfolded(self) -> bool:
        """Whether what folds out holds something, or an error, and so stands open."""
        return any(
            self[name].errors or (self[name].value() and name not in _PRESET) for name in _FOLDED
        )


_SAME_NAMES: Final = (
    "initiator", "channel", "category", "content", "needs", "behaviour", "response", "product",
    "competitors", "problems", "next_step",
)  # fmt: skip
_TAPPED: Final = ("customer", "initiator", "channel", "category")
_FOLDED: Final = (
    "contact", "occurred_on", "occurred_time", "minutes", "needs", "problems", "behaviour",
    "response", "product", "competitors", "next_step", "next_on",
)  # fmt: skip
_PRESET: Final = ("occurred_on", "occurred_time", "contact")


class CorrectionForm(LogForm):
    """A log written again: the same answers, and why."""

    reason = forms.CharField(
        label=_("为什么更正"),
        max_length=REASON_AT_MOST,
        error_messages=_missing(_("写明为什么更正。")),
    )
    number = forms.IntegerField(widget=forms.HiddenInput)


def blank_log(at: datetime) -> dict[str, Any]:
    """What a new log begins with: the service happens now."""
    now = local(at)
    return {"occurred_on": now.date(), "occurred_time": now.time().replace(second=0)}


def log_values(log: ServiceLog) -> dict[str, Any]:
    """A log's fields as the form shows them again."""
    occurred = local(log.occurred_at)
    values: dict[str, Any] = {name: getattr(log, name) for name in _SAME_NAMES}
    answered: tuple[date | None, time | None] = (None, None)
    if log.answered_at and log.answered_at != log.occurred_at:
        given = local(log.answered_at)
        answered = (given.date(), given.time().replace(second=0))
    return {
        **values,
        "customer": log.customer_id,
        "contact": log.contact_id,
        "occurred_on": occurred.date(),
        "occurred_time": occurred.time().replace(second=0, microsecond=0),
        "minutes": log.minutes,
        "next_on": log.next_on,
        "is_open": log.initiator == Initiator.PASSIVE and log.answered_at is None,
        "answered_on": answered[0],
        "answered_time": answered[1],
        "number": log.number,
    }


def typed(form: type[forms.Form], given: Mapping[str, Any]) -> dict[str, Any]:
    """The known fields of what a script sent, as a draft keeps them."""
    return {
        name: value
        for name, value in given.items()
        if name in form.base_fields and isinstance(value, str | bool)
    }


# The weekly summary


class SummaryForm(forms.Form):
    """The weekly summary as it is typed: a declared figure and a reason each, texts, nothings.

    Fields are named ``f_<figure>``, ``r_<figure>`` (why it differs), ``c_<figure>`` (what the
    system had counted when the page was made), ``t_<part>`` and ``n_<part>`` (本周无).
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self,
        counted: Mapping[str, int],
        data: Any = None,
        *,
        is_for_other: bool = False,
        **more: Any,
    ) -> None:
        """``counted`` are the system's figures now; ``is_for_other`` asks why (代填)."""
        super().__init__(data, **more)
        self.counted = counted
        for key in counted:
            self.fields[f"f_{key}"] = forms.CharField(
                required=False,
                max_length=20,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            )
            self.fields[f"r_{key}"] = forms.CharField(
                required=False, max_length=rules.REASON_AT_MOST
            )
            self.fields[f"c_{key}"] = forms.CharField(required=False, widget=forms.HiddenInput)
        for part in TextPart:
            self.fields[f"t_{part.value}"] = forms.CharField(
                label=str(part.label),
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            if part not in ALWAYS_WRITTEN:
                self.fields[f"n_{part.value}"] = forms.BooleanField(
                    label=_("本周无"), required=False
                )
        if is_for_other:
            self.fields["why_filed_for"] = forms.CharField(
                label=_("为什么代填"), required=False, max_length=rules.REASON_AT_MOST
            )

    def entry(self) -> SummaryEntry:
        """What was said, for the operations."""
        return summary_entry(self.data, self.counted)

    def add_problems(self, problems: Sequence[Problem]) -> list[ErrorLink]:
        """Show each problem beside its field; the lines of the error summary, in order."""
        links = []
        for problem in problems:
            name = self._name(problem.field)
            message = str(problem.message)
            if name is None:
                links.append(ErrorLink(message))
                continue
            label = self._label(problem.field)
            start = _("%(label)s：%(text)s") % {"label": label, "text": ""}
            self.errors.setdefault(name, self.error_class()).append(message.removeprefix(start))
            anchor = name.replace("r_", "f_", 1) if problem.field.startswith("figure:") else name
            links.append(ErrorLink(message, self[anchor].id_for_label))
        return links

    def _name(self, field: str) -> str | None:
        """The form's field of an operation's: a figure's sentence stands where its reason does."""
        kind, __, key = field.partition(":")
        name = {"figure": f"r_{key}", "reason": f"r_{key}", "text": f"t_{key}"}.get(kind, field)
        return name if name in self.fields else None

    def _label(self, field: str) -> str:
        kind, __, key = field.partition(":")
        if kind == "text":
            return str(TextPart(key).label)
        return str(figures.figures()[key].label) if key in figures.figures() else ""

    def lines(self, urls: Mapping[str, str], remarks: Mapping[str, str]) -> list[EntryLine]:
        """The entry table; ``remarks`` are the supervisor's, by figure."""
        return [
            EntryLine(
                key,
                figures.figures()[key].label,
                str(value),
                figures.figures()[key].unit,
                urls.get(key, ""),
                self[f"f_{key}"],
                self[f"r_{key}"],
                remark=remarks.get(key, ""),
            )
            for key, value in self.counted.items()
        ]


def summary_entry(given: Mapping[str, Any], counted: Mapping[str, int]) -> SummaryEntry:
    """The entry in a form's fields. A figure left as the page showed it declares nothing, so
    that a log written meanwhile moves it."""
    declared = {}
    for key, value in counted.items():
        said = str(given.get(f"f_{key}") or "").strip()
        reason = str(given.get(f"r_{key}") or "").strip()
        shown = str(given.get(f"c_{key}") or value)
        if said and said not in (shown, str(value)):
            declared[key] = (said, reason)
    return SummaryEntry(
        declared=declared,
        texts={
            part: str(given.get(f"t_{part}") or "").replace("\r\n", "\n")
            for part in TextPart.values
        },
        nothing=[part for part in TextPart.values if given.get(f"n_{part}")],
    )


def summary_values(entry: SummaryEntry, counted: Mapping[str, int]) -> dict[str, Any]:
    """An entry as the form's fields, as pages show them and scripts compare them."""
    values: dict[str, Any] = {}
    for key, value in counted.items():
        declared, reason = entry.declared.get(key, ("", ""))
        values[f"f_{key}"] = declared or str(value)
        values[f"r_{key}"] = reason
        values[f"c_{key}"] = str(value)
    for part in TextPart:
        values[f"t_{part.value}"] = entry.texts.get(part.value, "")
        if part not in ALWAYS_WRITTEN:
            values[f"n_{part.value}"] = part.value in entry.nothing
    return values


class ReturnForm(forms.Form):
    """A remark on each field that must be mended; what is left empty stands."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, keys: Sequence[str], data: Any = None, **more: Any) -> None:
        """``keys`` are the figures that the version has."""
        super().__init__(data, **more)
        for key in keys:
            self.fields[f"figure:{key}"] = _remark(figures.figures()[key].label)
        for part in TextPart:
            self.fields[f"text:{part.value}"] = _remark(part.label)

    def remarks(self) -> dict[str, str]:
        """The remarks by the operation's field."""
        return {name: text for name, text in self.cleaned_data.items() if name != "version"}


def _remark(label: Any) -> forms.CharField:
    return forms.CharField(
        label=_("%(label)s：要改什么") % {"label": label},
        required=False,
        max_length=rules.REASON_AT_MOST,
    )


class ReviewForm(forms.Form):
    """The supervisor's opinion; reading without one is enough (annex 3.4)."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    opinion = forms.CharField(
        label=_("主管意见"),
        required=False,
        max_length=rules.TEXT_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
