"""The OpenAPI description, complete: every header, every status, every problem."""

import inspect
import re
from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from core.api.access import scope_needed
from core.api.filters import FIELDS, QueryChoice
from core.api.problems import CONTENT_TYPE, KINDS
from core.api.views import ActionView, ApiView, DetailView, ListView

METHODS: Final = ("get", "put", "post", "patch", "delete")
_WORDS: Final = re.compile("[A-Z][a-z]*")
_LIMITS: Final = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
_PROBLEM_SCHEMA: Final = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "header": {"type": "string"},
                    "detail": {"type": "string"},
                },
                "additionalProperties": False,
            },
        },
        "current": {"type": "object"},
    },
}


class ApiSchema(AutoSchema):
    """Reads from a view of core.api.views what its operations take and give."""

    view: Any

    def _is_list_view(self, serializer: Any = None) -> bool:
        return isinstance(self.view, ListView) and self.method == "GET"

    def get_request_serializer(self) -> Any:
        """The body's serializer; a form with files where the view takes files."""
        return self.view.body_class

    def get_response_serializers(self) -> Any:
        """The answer's serializer under its status."""
        view = self.view
        if media_types := getattr(view, "media_types", ()):
            return {
                # A file of JSON is read as what it says, every other as its bytes.
                (status, media_type): OpenApiTypes.OBJECT
                if media_type.startswith("application/json")
                else OpenApiTypes.BINARY
                for status in (200, 206)
                for media_type in media_types
            }
        if self.method == "DELETE":
            return {204: None}
        shown = view.get_serializer_class()
        return {view.done_status if self.method != "GET" else 200: shown}

    def get_operation_id(self) -> str:
        """The view's name and the method: ``customer_detail_patch``."""
        words = _WORDS.findall(type(self.view).__name__.removesuffix("View"))
        return "_".join([*map(str.lower, words), self.method.lower()])

    def get_description(self) -> str:  # type: ignore[override]
        """What the view says of itself."""
        return inspect.getdoc(type(self.view)) or ""

    def get_auth(self) -> list[dict[str, Any]]:
        """A bearer token with one scope."""
        return [{"token": [scope_needed(self.method, self.view)]}]

    def get_override_parameters(self) -> list[Any]:
        """The headers, and ``fields``."""
        return list(_parameters(self.view, self.method))


def _parameters(view: ApiView, method: str) -> Iterator[OpenApiParameter]:
    yield _header("Accept-Language", _("zh-hans（默认）或 en"))
    is_read = method == "GET"
    if is_read and isinstance(view, ListView | DetailView):
        text = _("只要这些字段，用逗号隔开")
        yield OpenApiParameter(FIELDS, str, OpenApiParameter.QUERY, description=text)
    for choice in getattr(view, "choices", ()):
        yield OpenApiParameter(
            choice.name,
            _choice_schema(choice),
            OpenApiParameter.QUERY,
            description=str(choice.text),
            explode=False if choice.is_list else None,
        )
    if is_read and isinstance(view, DetailView):
        yield _header("If-None-Match", _("已有内容的 ETag；没变则答 304"))
    if needs_version(view, method):
        yield _header("If-Match", _("读取时得到的 ETag"), required=True)
    if method == "POST" and getattr(view, "is_kept", True):
        yield _header("Idempotency-Key", _("同一个键只做一次，重复的请求得到同样的回答"))


def _choice_schema(choice: QueryChoice) -> dict[str, Any]:
    one = {"type": "string", "enum": list(choice.values)}
    return {"type": "array", "items": one} if choice.is_list else one


def needs_version(view: ApiView, method: str) -> bool:
    """Whether the method asks for If-Match."""
    if method == "POST":
        return isinstance(view, ActionView) and view.needs_version
    return method in ("PUT", "PATCH", "DELETE")


def _header(name: str, text: str, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=text, required=required)


def statuses_of(operation: dict[str, Any]) -> set[int]:
    """The problems an operation can answer with, read from what it takes."""
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    found = {400, 401, 403, 404, 406, 422, 429, 500}
    if "requestBody" in operation:
        found |= {413, 415}
    if "If-Match" in names:
        found |= {412, 428}
    if "Idempotency-Key" in names:
        found.add(409)
    if "206" in operation["responses"]:
        found.add(416)
    return found


def document_problems(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Hook of drf-spectacular: add every problem and the headers that come with an answer."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM_SCHEMA
    components["responses"] = {f"Problem{status}": _response(status) for status in KINDS}
    components["headers"] = {
        **{name: _integer_header() for name in (*_LIMITS, "Retry-After")},
        "ETag": {"schema": {"type": "string"}},
        "Location": {"schema": {"type": "string", "format": "uri"}},
    }
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for methods in result["paths"].values():
        for method in METHODS:
            if method in methods:
                _complete(methods[method])
    return result


def _complete(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    for code, response in responses.items():
        headers = response.setdefault("headers", {})
        carried = [*_LIMITS, *(["Location"] if code == "201" else [])]
        headers.update({name: _ref("headers", name) for name in carried})
        headers["ETag"] = _ref("headers", "ETag")
    if "If-None-Match" in names:
        responses["304"] = {"description": "", "headers": {"ETag": _ref("headers", "ETag")}}
    for status in sorted(statuses_of(operation)):
        responses.setdefault(str(status), _ref("responses", f"Problem{status}"))


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _integer_header() -> dict[str, Any]:
    return {"schema": {"type": "integer"}}


def _response(status: int) -> dict[str, Any]:
    _kind, title, what_to_do = KINDS[status]
    response: dict[str, Any] = {
        "description": f"{title}。{what_to_do}",
        "content": {CONTENT_TYPE: {"schema": _PROBLEM}},
    }
    if status == 429:
        response["headers"] = {"Retry-After": _ref("headers", "Retry-After")}
    if status == 401:
        response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return response
