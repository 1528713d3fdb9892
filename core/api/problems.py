"""Every no of the API as a problem document (RFC 9457), in the language asked for."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from core.errors import NotAllowed, NotFound, Refused, Stale

logger = logging.getLogger(__name__)

CONTENT_TYPE: Final = "application/problem+json"
# status → (last part of the type's urn, title, what the reader can do about it)
KINDS: Final = {
    400: ("malformed", gettext_lazy("请求读不懂"), gettext_lazy("请求或正文的格式不对。")),
    401: (
        "unauthenticated",
        gettext_lazy("未认证"),
        gettext_lazy("请带上有效的令牌：Authorization: Bearer …"),
    ),
    403: ("not-allowed", gettext_lazy("不允许"), gettext_lazy("您不能这样做。")),
    404: ("not-found", gettext_lazy("没有找到"), gettext_lazy("没有这一项，或者它不归您看。")),
    405: ("method", gettext_lazy("方法不适用"), gettext_lazy("这个地址不接受这种方法。")),
    406: (
        "not-acceptable",
        gettext_lazy("给不了这种格式"),
        gettext_lazy("请在 Accept 里接受 application/json。"),
    ),
    409: (
        "in-progress",
        gettext_lazy("正在处理"),
        gettext_lazy("同一个 Idempotency-Key 的请求还在处理，请稍后再试。"),
    ),
    412: (
        "stale",
        gettext_lazy("已被改过"),
        gettext_lazy("读取之后别处改过。current 是现在的内容，请比对后用新的 ETag 再试。"),
    ),
    413: ("too-large", gettext_lazy("太大"), gettext_lazy("正文或文件超过了上限。")),
    415: (
        "unsupported-media-type",
        gettext_lazy("收不了这种格式"),
        gettext_lazy("请用接口说明里写的 Content-Type 发送。"),
    ),
    416: ("range", gettext_lazy("范围不对"), gettext_lazy("文件没有这一段。")),
    422: ("refused", gettext_lazy("没有接受"), gettext_lazy("有内容需要更正，见 errors。")),
    428: (
        "precondition-required",
        gettext_lazy("缺少 If-Match"),
        gettext_lazy("请先读取，再把得到的 ETag 放进 If-Match。"),
    ),
    429: (
        "too-many-requests",
        gettext_lazy("请求太多"),
        gettext_lazy("请按 Retry-After 的秒数等待后再试。"),
    ),
    500: (
        "fault",
        gettext_lazy("出错了"),
        gettext_lazy("没有成功，原因已记录，请用 instance 查询。"),
    ),
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where (a pointer into the body, a parameter or a header), what."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None

    def as_dict(self) -> dict[str, str]:
        """As it stands in ``errors``."""
        where = {"pointer": self.pointer, "parameter": self.parameter, "header": self.header}
        return {
            **{key: value for key, value in where.items() if value is not None},
            "detail": self.detail,
        }


class BadParameters(Exception):
    """Query parameters or headers that cannot be used."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults)
        self.faults = faults


class PreconditionRequired(exceptions.APIException):
    """A change without If-Match."""

    status_code = 428


class InProgress(exceptions.APIException):
    """The same Idempotency-Key is being worked on by another request."""

    status_code = 409


@dataclass(frozen=True)
class _No:
    """An exception translated: what goes into the document and beside it."""

    status: int
    detail: str = ""
    faults: Sequence[Fault] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""


def pointer_of(name: str) -> str:
    """The JSON pointer of a refused field: ``texts.needs`` → ``/texts/needs``, "" → ""."""
    if not name:
        return ""
    return "/" + name.replace("~", "~0").replace("/", "~1").replace(".", "/")


def document(request: Any, no: _No) -> dict[str, Any]:
    """The problem document; ``instance`` is the request's id, also in X-Request-ID."""
    kind, title, what_to_do = KINDS.get(no.status, KINDS[400 if no.status < 500 else 500])
    return {
        "type": f"urn:bihuan:problem:{no.kind or kind}",
        "title": str(title),
        "status": no.status,
        "detail": no.detail or str(what_to_do),
        "instance": getattr(request, "request_id", ""),
        "errors": [fault.as_dict() for fault in no.faults],
        **no.extra,
    }


def problem(error: Exception, context: dict[str, Any]) -> Response:
    """REST framework's exception handler: whatever was raised, as a problem document.

    ``context["view"]`` may have ``pointer_of(field)`` for fields that the body names
    otherwise than the operation does, and ``present_state()`` for what is shown beside 412.
    """
    view = context.get("view")
    no = _translated(error, view)
    if no.status == 500:
        logger.error("fault in %s", type(view).__name__, exc_info=error)
    return Response(
        document(context["request"], no),
        status=no.status,
        headers=dict(no.headers),
        content_type=CONTENT_TYPE,
    )


def plain_problem(request: HttpRequest, status: int) -> HttpResponse:
    """The same for what never came to a view."""
    return HttpResponse(
        json.dumps(document(request, _No(status)), ensure_ascii=False),
        status=status,
        content_type=CONTENT_TYPE,
    )


def _translated(error: Exception, view: Any) -> _No:
    if isinstance(error, Refused):
        return _refused(error, view)
    if isinstance(error, BadParameters):
        return _No(422, faults=error.faults)
    if isinstance(error, NotFound | Http404):
        return _No(404)
    if isinstance(error, NotAllowed):
        return _No(403, str(error))
    if isinstance(error, Stale):
        state = view.present_state() if hasattr(view, "present_state") else None
        return _No(412, extra={"current": error.current if state is None else state})
    if isinstance(error, exceptions.APIException):
        return _framework(error)
    return _No(_status_of(error))


def _status_of(error: Exception) -> int:
    if isinstance(error, RequestDataTooBig):
        return 413
    if isinstance(error, SuspiciousOperation):
        return 400
    return 403 if isinstance(error, PermissionDenied) else 500


def faults_of(error: Refused | exceptions.ValidationError, view: Any = None) -> list[Fault]:
    """What was refused, each with its place in the body."""
    if isinstance(error, exceptions.ValidationError):
        return list(_walk(error.detail, ""))
    locate = getattr(view, "pointer_of", pointer_of)
    return [Fault(str(one.message), pointer=locate(one.field)) for one in error.problems]


def _refused(error: Refused, view: Any) -> _No:
    faults = faults_of(error, view)
    return _No(422, faults[0].detail if len(faults) == 1 else "", faults)


def _framework(error: exceptions.APIException) -> _No:
    if isinstance(error, exceptions.ValidationError):
        return _No(422, faults=faults_of(error))
    headers: dict[str, str] = dict(getattr(error, "headers", {}))
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if error.status_code == 403:
        return _No(403, str(error.detail), headers=headers, kind=_own_kind(error))
    if isinstance(error, exceptions.ParseError):
        return _No(400, _("正文不是正确的 JSON，或与 Content-Type 不符。"), headers=headers)
    return _No(error.status_code, headers=headers)


def _own_kind(error: exceptions.APIException) -> str:
    """The code of a refusal that has a name of its own ("password-change-required")."""
    code = str(error.get_codes())
    return code if "-" in code else ""


def _walk(detail: Any, pointer: str) -> Iterator[Fault]:
    """Every sentence of a serializer's errors with its pointer."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            is_whole = key == api_settings.NON_FIELD_ERRORS_KEY
            name = str(key).replace("~", "~0").replace("/", "~1")
            yield from _walk(inner, pointer if is_whole else f"{pointer}/{name}")
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            is_nested = isinstance(inner, Mapping | list)
            yield from _walk(inner, f"{pointer}/{index}" if is_nested else pointer)
    else:
        yield Fault(str(detail), pointer=pointer)
