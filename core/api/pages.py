"""Pages of long lists by key, not by number: stable while rows come and go, no count."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import DateTimeField, Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import how_to_write_moments, read_moment
from core.api.problems import BadParameters, Fault

USUAL: Final = 50
MAXIMUM: Final = 200
PARAMETERS: Final = ("limit", "cursor", "updated_since")


def _bare(name: str) -> str:
    return name.removeprefix("-")


class CursorPages(BasePagination):
    """``{"items": [...], "next": address or null}``; the address is also in ``Link``.

    The view says its ``order``: fields of the row or of what it points to (``branch__code``),
    never null, the last one unique; a "-" in front turns one round. With ``updated_since`` rows
    come in the order of ``view.updated_field``, so that a client that copies them can go on from
    the last one.
    """

    next_url: str | None = None

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        """One page of the rows and, for the answer, the address of the next one."""
        limit = _limit(request)
        order: Sequence[str] = view.order
        if since := _since(request, view):
            order = (view.updated_field, "pk")
            queryset = queryset.filter(**{f"{view.updated_field}__gte": since})
        if cursor := request.query_params.get("cursor"):
            queryset = _after(queryset, order, _opened(queryset.model, order, cursor))
        rows = list(queryset.order_by(*order)[: limit + 1])
        if len(rows) > limit:
            rows = rows[:limit]
            self.next_url = _address(request, _closed(rows[-1], order))
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        """The page's answer."""
        headers = {"Link": f'<{self.next_url}>; rel="next"'} if self.next_url else {}
        return Response({"items": data, "next": self.next_url}, headers=headers)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The page's shape."""
        return {
            "type": "object",
            "required": ["items", "next"],
            "properties": {
                "items": schema,
                "next": {"type": ["string", "null"], "format": "uri"},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The page's parameters."""
        limit = {"type": "integer", "minimum": 1, "maximum": MAXIMUM, "default": USUAL}
        parameters = [
            _parameter("limit", limit, _("一页最多几行")),
            _parameter("cursor", {"type": "string"}, _("从上一页的 next 里取，原样带回")),
        ]
        if view.updated_field:
            moment = {"type": "string", "format": "date-time"}
            text = _("只要这一刻起改过的，按改动先后排")
            parameters.append(_parameter("updated_since", moment, text))
        return parameters


def _parameter(name: str, schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": text}


def _limit(request: Request) -> int:
    given = request.query_params.get("limit", str(USUAL))
    if given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= MAXIMUM:
        return int(given)
    text = _("一页 1 到 %(most)d 行。") % {"most": MAXIMUM}
    raise BadParameters(Fault(text, parameter="limit"))


def _since(request: Request, view: Any) -> datetime | None:
    given = request.query_params.get("updated_since")
    if given is None:
        return None
    try:
        return read_moment(given)
    except ValueError as error:
        raise BadParameters(Fault(how_to_write_moments(), parameter="updated_since")) from error


def _closed(row: Model, order: Sequence[str]) -> str:
    values = [_as_text(row, _bare(name)) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _field_of(model: type[Model], name: str) -> Any:
    """The field of this name; None for a moment that the queryset computes."""
    own, _dots, behind = name.partition("__")
    try:
        field: Any = model._meta.pk if own == "pk" else model._meta.get_field(own)
    except FieldDoesNotExist:
        return None
    return _field_of(field.related_model, behind) if behind else field


def _as_text(row: Model, name: str) -> str:
    own, _dots, behind = name.partition("__")
    if behind:
        return _as_text(getattr(row, own), behind)
    field = _field_of(type(row), name)
    text: str = field.value_to_string(row) if field else getattr(row, name).isoformat()
    return text


def _opened(model: type[Model], order: Sequence[str], cursor: str) -> list[Any]:
    """The values of the last row seen; raises BadParameters for a cursor that is not ours."""
    try:
        texts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(texts, list) or len(texts) != len(order):
            raise ValueError(cursor)
        pairs = zip(map(_bare, order), texts, strict=True)
        return [_typed(_field_of(model, name), text) for name, text in pairs]
    except (binascii.Error, ValueError, RecursionError, ValidationError) as error:
        text = _("这个 cursor 不是本列表给出的。")
        raise BadParameters(Fault(text, parameter="cursor")) from error


def _typed(field: Any, text: Any) -> Any:
    if not isinstance(text, str) or "\0" in text:
        raise ValueError(text)
    text.encode()  # a lone surrogate is no text
    if field is None or isinstance(field, DateTimeField):
        return read_moment(text)
    return field.to_python(text)


def _after(queryset: QuerySet[Any], order: Sequence[str], values: Sequence[Any]) -> QuerySet[Any]:
    """Rows behind the given values; the first condition is the one an index can use."""

    def beyond(name: str, *, or_equal: bool = False) -> str:
        return f"{_bare(name)}__{'lt' if name.startswith('-') else 'gt'}{'e' if or_equal else ''}"

    either = Q()
    for index, name in enumerate(order):
        equal = dict(zip(map(_bare, order[:index]), values[:index], strict=True))
        either |= Q(**equal, **{beyond(name): values[index]})
    return queryset.filter(**{beyond(order[0], or_equal=True): values[0]}).filter(either)


def _address(request: Request, cursor: str) -> str:
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
