"""Is this paper genuine? Open to everybody who holds one: by QR code, by code, by the file.

What is unknown and what is written wrongly is answered alike. Nothing that is handed in is kept;
a file is only hashed.
"""

import hashlib
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from core.counting import counted
from core.formats import file_size, month_name, plain_moment
from core.parts import Fact
from organization.middleware import before_first_password
from organization.sign_in import address_of
from reports.codes import as_typed
from reports.queries.verification import Genuine, genuine_code, genuine_file

A_MINUTE: Final = 60
TRIES_A_MINUTE: Final = 20
CODE_AT_MOST: Final = 60
TEMPLATE: Final = "reports/verify.html"


@login_not_required
@before_first_password
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Where a code is typed or a file handed in."""
    at = clock.now()
    if request.method != "POST":
        return _page(request, at)
    if _is_too_often(request, at):
        return _too_often(request, at)
    file = request.FILES.get("file")
    if isinstance(file, UploadedFile):
        return _file_answer(request, file, at)
    code = as_typed(request.POST.get("code", "")[:CODE_AT_MOST])
    if not code:
        return _page(request, at, trouble=_("输入验证码，或选一个文件。"), status=422)
    return HttpResponseRedirect(reverse("verify-code", args=[code]))


@login_not_required
@before_first_password
@never_cache
@require_safe
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """What the code on a paper leads to."""
    at = clock.now()
    if _is_too_often(request, at):
        return _too_often(request, at)
    found = genuine_code(code[:CODE_AT_MOST])
    return _answer(request, found, at, _("没有这个验证码。请对照文件末页再输一次。"))


def _file_answer(request: HttpRequest, file: UploadedFile, at: datetime) -> HttpResponse:
    largest = settings.UPLOAD_MAX_BYTES
    if file.size is None or file.size > largest:
        trouble = _("文件超过 %(size)s，通报没有这么大。") % {"size": file_size(largest)}
        return _page(request, at, trouble=trouble, status=422)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    found = genuine_file(digest.hexdigest())
    words = _("这个文件不是系统发出的原样：可能改动过、另存过，或不是通报。也可以输验证码再查。")
    return _answer(request, found, at, words)


def _answer(
    request: HttpRequest, found: Genuine | None, at: datetime, unknown: str
) -> HttpResponse:
    if found is None:
        return _page(request, at, unknown=unknown, status=404)
    return _page(request, at, found=found, facts=_facts(found))


def _facts(found: Genuine) -> list[Fact]:
    facts = [
        Fact(_("文号"), found.document_number),
        Fact(_("标题"), found.title),
        Fact(_("月份"), month_name(found.month)),
        Fact(_("版本"), found.place or _("全司版")),
        Fact(_("发布"), plain_moment(found.published_at)),
        Fact(_("验证码"), found.code),
        Fact(_("内容摘要"), found.digest),
    ]
    if found.copied_at is not None:
        facts.insert(
            5, Fact(_("下载记录"), f"{found.copy_number}　{plain_moment(found.copied_at)}")
        )
    if found.supplements:
        facts.append(Fact(_("此后的补充"), "、".join(found.supplements)))
    return facts


def _is_too_often(request: HttpRequest, at: datetime) -> bool:
    minute = int(at.timestamp()) // A_MINUTE
    key = f"verify:{address_of(request)}:{minute}"
    return counted(key, 2 * A_MINUTE) > TRIES_A_MINUTE


def _too_often(request: HttpRequest, at: datetime) -> HttpResponse:
    return _page(request, at, trouble=_("查得太快，请过一分钟再试。"), status=429)


def _page(
    request: HttpRequest,
    at: datetime,
    *,
    found: Genuine | None = None,
    facts: list[Fact] | None = None,
    unknown: str = "",
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "found": found,
        "facts": facts or [],
        "unknown": unknown,
        "trouble": trouble,
        "at": at,
        "largest": settings.UPLOAD_MAX_BYTES,
    }
    response = render(request, TEMPLATE, context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


urlpatterns = [
    path("verify/", verify, name="verify"),
    path("verify/<str:code>/", verify_code, name="verify-code"),
]
