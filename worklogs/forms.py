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
from core.parts import ErrorLink
from core.periods import instant, local
from worklogs import rules
from worklogs.choices import CampaignResponse, Category, Channel, Initiator
from worklogs.models import ServiceLog
from worklogs.operations.logs import LogEntry

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Text = str | Promise

DATE_FORMATS: Final = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
REASON_AT_MOST: Final = 200
MINUTES_IN_A_DAY: Final = 24 * 60


def _missing(sentence: Text) -> dict[str, Any]:
    return {"required": sentence, "invalid": sentence, "invalid_choice": sentence}


def day_field(label: "str | _StrPromise", *, is_required: bool = False) -> forms.DateField:
    """A day that is typed or picked from the calendar with its 休 and 班."""
    return forms.DateField(
        label=label,
        required=is_required,
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"data-date": ""}),
        error_messages=_missing(_("写成 2026-11-27 这样的日期")),
    )


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
    answered_on = day_field(_("答复日期"))
    answered_time = _hour(_("答复时间"))
    contact = forms.IntegerField(label=_("联系人"), required=False)
    occurred_on = day_field(_("服务日期"), is_required=True)
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
    next_on = day_field(_("后续日期"))

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
