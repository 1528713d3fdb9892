"""A repeated creation is carried out once and answered alike.

The key's row is written before the operation, and marked done in the operation's transaction:
whatever stops the server in between, a repeat either finds nothing done or finds what was done.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.problems import BadParameters, Fault, InProgress
from core.models import IdempotencyKey

HEADER: Final = "Idempotency-Key"
LONGEST: Final = 100
KEPT: Final = timedelta(hours=48)
# Every transaction ends within 30 s: a request that has not come back by now never will.
GIVEN_UP: Final = timedelta(seconds=60)
_STORED_HEADERS: Final = ("Location", "Link")


def answer_once(
    request: Request,
    *,
    owner_id: int,
    at: datetime,
    do: Callable[[], Any],
    present: Callable[[Any], Response],
    again: Callable[[int], Any],
) -> Response:
    """Do it and answer; with a key seen before, give the answer of then.

    ``do`` is the operation and returns a model's row or plain JSON, ``present`` makes the
    answer of that, ``again`` finds the row by its id. Raises InProgress (409) while another
    request works on the key, BadParameters (422) when the key came with another body.
    """
    name = _name_in(request)
    if name is None:
        return present(do())
    key = _claimed(owner_id, name, _digest(request), at)
    if key.status:
        return _stored(key)
    if "done" not in key.headers:
        key.headers = {"done": _carried_out(key, do)}
    pk, plain = key.headers["done"]
    response = present(plain if pk is None else again(pk))
    _store(key, response)
    return response


def _name_in(request: Request) -> str | None:
    name = request.headers.get(HEADER)
    if name is not None and not (
        0 < len(name) <= LONGEST and name.isascii() and name.isprintable()
    ):
        text = _("1 到 %(most)d 个可见的 ASCII 字符。") % {"most": LONGEST}
        raise BadParameters(Fault(text, header=HEADER))
    return name


def _digest(request: Request) -> str:
    """What makes two requests the same: method, address and body."""
    data = request.data
    files = getattr(request, "FILES", {})
    plain = {name: data[name] for name in data if name not in files} if files else data
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(json.dumps(plain, sort_keys=True, default=str).encode())
    for name in sorted(files):
        for chunk in files[name].chunks():
            digest.update(chunk)
        files[name].seek(0)
    return digest.hexdigest()


def _claimed(owner_id: int, name: str, request_digest: str, at: datetime) -> IdempotencyKey:
    """The key's row: ours to work on, or answered; raises when it is neither."""
    keys = IdempotencyKey.objects.filter(owner_id=owner_id)
    keys.filter(created_at__lt=at - KEPT).delete()
    try:
        with transaction.atomic():
            return keys.create(
                owner_id=owner_id, key=name, request_digest=request_digest, created_at=at
            )
    except IntegrityError:
        key = keys.filter(key=name).first()
    if key is None:
        raise InProgress
    if key.request_digest != request_digest:
        text = _("这个 Idempotency-Key 用过，内容不同。请换一个。")
        raise BadParameters(Fault(text, header=HEADER))
    if key.status or "done" in key.headers:
        return key
    is_ours = key.created_at <= at - GIVEN_UP and keys.filter(
        pk=key.pk, status=0, created_at=key.created_at
    ).update(created_at=at)
    if not is_ours:
        raise InProgress
    return key


def _carried_out(key: IdempotencyKey, do: Callable[[], Any]) -> list[Any]:
    """Operation and mark in one transaction; what is refused leaves the key free."""
    try:
        with transaction.atomic():
            result = do()
            done = [result.pk, None] if isinstance(result, Model) else [None, result]
            IdempotencyKey.objects.filter(pk=key.pk).update(headers={"done": done})
    except Exception:
        IdempotencyKey.objects.filter(pk=key.pk, status=0).delete()
        raise
    return done


def _store(key: IdempotencyKey, response: Response) -> None:
    """Keep the answer as given."""
    headers = {name: response[name] for name in _STORED_HEADERS if name in response}
    version = getattr(response, "version", None)
    IdempotencyKey.objects.filter(pk=key.pk).update(
        status=response.status_code,
        headers={"done": key.headers["done"], "version": version, "headers": headers},
        body=json.dumps(response.data, ensure_ascii=False, default=str),
    )


def _stored(key: IdempotencyKey) -> Response:
    response = Response(
        json.loads(key.body), status=key.status, headers=key.headers.get("headers", {})
    )
    if key.headers.get("version") is not None:
        response.version = key.headers["version"]  # type: ignore[attr-defined]
    return response
