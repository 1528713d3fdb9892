"""Query parameters: known ones only, each fault at its parameter."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from rest_framework.request import Request

from core.api.fields import LARGEST_ID, how_to_write_moments, read_moment
from core.api.problems import BadParameters, Fault

FIELDS = "fields"


@dataclass(frozen=True)
class QueryChoice:
    """A query parameter that is one of ``values``, or several of them with commas between."""

    name: str
    values: tuple[str, ...]
    text: str | Promise
    is_list: bool = False

    def read(self, request: Request) -> list[str]:
        """The values asked for, none where nothing was; raises BadParameters."""
        given = request.query_params.get(self.name)
        if given is None:
            return []
        wanted = [one.strip() for one in given.split(",")] if self.is_list else [given]
        unknown = [one for one in wanted if one not in self.values]
        if unknown:
            text = _("没有 %(name)s。可选：%(offered)s") % {
                "name": unknown[0],
                "offered": ",".join(self.values),
            }
            raise BadParameters(Fault(text, parameter=self.name))
        return wanted


class IdFilter(django_filters.Filter):  # type: ignore[misc]
    """Rows that refer to the row with this id."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=LARGEST_ID, **kwargs)


class YesNoField(forms.Field):
    """``true`` or ``false``: anything else is refused rather than taken for "both"."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> bool | None:
        """True, False, or None where nothing was asked."""
        if value is None:
            return None
        known = {"true": True, "false": False}
        if value not in known:
            raise ValidationError(_("写 true 或 false。"))
        return known[value]


class YesNoFilter(django_filters.BooleanFilter):  # type: ignore[misc]
    """Rows for which it holds, or does not."""

    field_class = YesNoField


class _MomentField(forms.Field):
    widget = forms.TextInput

    def to_python(self, value: Any) -> datetime | None:
        """The moment in UTC, None where nothing was asked."""
        if value is None:
            return None
        try:
            return read_moment(value)
        except ValueError as error:
            raise ValidationError(how_to_write_moments()) from error


class MomentFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    """Rows from, or until, a moment with its offset."""

    field_class = _MomentField


class Filters(DjangoFilterBackend):  # type: ignore[misc]
    """django-filter; what it cannot read is refused by parameter."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        """The rows asked for; raises BadParameters."""
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        empty = [
            name
            for name, one in filterset.filters.items()
            if isinstance(one, django_filters.ChoiceFilter) and filterset.data.get(name) == ""
        ]
        if empty:
            text = _("写一个值，或者不写这个参数。")
            raise BadParameters(*(Fault(text, parameter=name) for name in empty))
        if not filterset.is_valid():
            raise BadParameters(
                *(
                    Fault(str(text), parameter=name)
                    for name, texts in filterset.errors.items()
                    for text in texts
                )
            )
        return filterset.qs


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """Refuse parameters nobody reads: a misspelt filter must not answer with everything."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        text = _("没有这个查询参数。")
        raise BadParameters(*(Fault(text, parameter=name) for name in unknown))


def filter_names(filterset_class: type[FilterSet] | None) -> list[str]:
    """The parameters a filter set reads."""
    return list(filterset_class.base_filters) if filterset_class else []


def fields_asked(request: Request, offered: Collection[str]) -> list[str] | None:
    """The fields of ``fields=a,b``, None when all are wanted."""
    given = request.query_params.get(FIELDS)
    if given is None:
        return None
    wanted = [name.strip() for name in given.split(",")]
    unknown = [name for name in wanted if name not in offered]
    if unknown:
        text = _("没有字段 %(name)s。可选：%(offered)s") % {
            "name": unknown[0],
            "offered": ",".join(offered),
        }
        raise BadParameters(Fault(text, parameter=FIELDS))
    return wanted
