"""The way in: job number and password, one answer for every failure, sessions that end (C5).

Whatever the cause of a failure (no such number, wrong password, left the company, locked out),
the page, its status and the work done are the same.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.counting import counted
from core.errors import Refused, Text
from core.periods import local_date
from organization.forms import SignInForm
from organization.models import Person, SignIn
from organization.passwords import is_one_time_over, one_time_over_sentence
from organization.queries import actor_of, is_in_post
from organization.rules import is_session_over

BACKEND: Final = "organization.sign_in.JobNumberBackend"
# Seconds for which failures of an address or an account are counted.
FAILURES_KEPT: Final = 1800
# Somebody who reads page after page is noted no more often than this.
SEEN_EVERY: Final = timedelta(seconds=15)


class JobNumberBackend(BaseBackend):
    """Signs in by job number; does the same work whether the number exists or not."""

    def authenticate(  # type: ignore[override]
        self,
        request: HttpRequest | None,
        username: str = "",
        password: str = "",
        at: datetime | None = None,
    ) -> Person | None:
        """The person when number and password fit and the person is in post, else None."""
        person = Person.objects.filter(job_number=username).first()
        if person is None or not person.has_usable_password():
            make_password(password)
            return None
        fits = check_password(password, person.password)
        if not fits or at is None or not is_in_post(person, local_date(at)):
            return None
        return person

    def get_user(self, user_id: int) -> Person | None:
        """The person of a session."""
        return Person.objects.select_related("branch").filter(pk=user_id).first()


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, behind as many proxies as are trusted (PROXY_COUNT)."""
    return str(get_client_ip_address(request) or "")[:45]


def sign_in(
    request: HttpRequest, *, job_number: str, password: str, door: str, at: datetime
) -> Person | None:
    """Check the password and begin a session; None for a failure, whatever its cause.

    Whoever has the right password, but a one-time one that has run out, is told so (Refused):
    nobody learns by it but who was given it.

    Success and failure both leave an audit row. A job number that does not exist is not
    written down: people type passwords into the wrong field.
    """
    person = None
    if is_throttled(request, job_number):
        make_password(password)
    else:
        person = authenticate(request, username=job_number, password=password, at=at)
    if not isinstance(person, Person):
        _count_failure(request, job_number)
        _record_failure(request, job_number, door, at)
        return None
    if is_one_time_over(person, at):
        _record_failure(request, job_number, door, at)
        raise Refused(one_time_over_sentence())
    begin_session(request, person, door=door, at=at)
    return person


def is_throttled(request: HttpRequest, job_number: str) -> bool:
    """Whether one address has tried many accounts, or many addresses have tried one account.

    Stands beside the lock of one account at one address (axes), at ten times its limit.
    """
    limit = settings.AXES_FAILURE_LIMIT * 10
    return any((cache.get(key) or 0) >= limit for key in _failure_keys(request, job_number))


def _count_failure(request: HttpRequest, job_number: str) -> None:
    for key in _failure_keys(request, job_number):
        counted(key, FAILURES_KEPT)


def _failure_keys(request: HttpRequest, job_number: str) -> tuple[str, str]:
    return (
        f"sign-in:address:{address_of(request)}",
        f"sign-in:number:{hashlib.sha256(job_number.encode()).hexdigest()}",
    )


@transaction.atomic
def begin_session(request: HttpRequest, person: Person, *, door: str, at: datetime) -> SignIn:
    """Begin a session under a new key and note where it came from."""
    login(request, person, backend=BACKEND)
    request.session.save()
    begun = SignIn.objects.create(
        person=person,
        session_key=request.session.session_key or "",
        address=address_of(request),
        browser=request.headers.get("User-Agent", "")[:200],
        started_at=at,
        seen_at=at,
    )
    audit.record(
        actor=_trace(actor_of(person, at=at), request, door),
        at=at,
        what="organization.sign_in",
        target_type="person",
        target_id=person.pk,
        target_label=person.name,
        branch_id=person.branch_id,
    )
    return begun


@transaction.atomic
def sign_out(request: HttpRequest, *, actor: Actor, at: datetime) -> None:
    """End the session of this request."""
    SignIn.objects.filter(session_key=request.session.session_key, ended_at=None).update(
        ended_at=at
    )
    audit.record(
        actor=actor,
        at=at,
        what="organization.sign_out",
        target_type="person",
        target_id=actor.person_id,
        target_label=actor.name,
        branch_id=actor.branch_id,
    )
    logout(request)


def _record_failure(request: HttpRequest, job_number: str, door: str, at: datetime) -> None:
    known = Person.objects.filter(job_number=job_number).first()
    nobody = Actor(None, "", "", None, frozenset(), frozenset())
    with transaction.atomic():
        audit.record(
            actor=_trace(nobody, request, door),
            at=at,
            what="organization.sign_in_failed",
            target_type="person",
            target_id=known.pk if known else "",
            target_label=known.name if known else "",
            branch_id=known.branch_id if known else None,
        )


def _trace(actor: Actor, request: HttpRequest, door: str) -> Actor:
    return actor.coming_by(
        door, address=address_of(request), request_id=getattr(request, "request_id", "")
    )


def person_in(request: HttpRequest, *, at: datetime) -> Person | None:
    """Whoever is signed in with this request; ends the session that has idled or grown old.

    A session without a row here, or of somebody who has left, is ended too.
    """
    person = request.user
    if not isinstance(person, Person):
        return None
    begun = SignIn.objects.filter(
        session_key=request.session.session_key or "", person=person, ended_at=None
    ).first()
    is_over = begun is None or is_session_over(
        begun.started_at,
        begun.seen_at,
        at,
        idle=timedelta(minutes=settings.SESSION_IDLE_MINUTES),
        longest=timedelta(hours=settings.SESSION_ABSOLUTE_HOURS),
    )
    if begun is None or is_over or not is_in_post(person, local_date(at)):
        SignIn.objects.filter(session_key=request.session.session_key or "").update(ended_at=at)
        request.session.flush()
        request.user = AnonymousUser()
        return None
    if at >= begun.seen_at + SEEN_EVERY:
        SignIn.objects.filter(pk=begun.pk, seen_at__lt=at).update(seen_at=at)
    return person


def failed_sentence() -> str:
    """The one sentence for every failed sign-in."""
    return _("工号或密码不对，或者暂时不能登录。多次失败会暂停半小时；需要帮助请找安全管理员。")


def failed_page(request: HttpRequest, form: SignInForm, sentence: Text = "") -> HttpResponse:
    """The sign-in page again, with the one sentence for failures or the one given."""
    form.add_error(None, str(sentence) or failed_sentence())
    return render(request, "organization/sign_in.html", {"form": form}, status=422)


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """What axes answers for somebody locked out: nothing else than for a wrong password."""
    return failed_page(request, SignInForm(request.POST))


def renew_session(request: HttpRequest, person: Person) -> None:
    """Go on in this browser after a change of password, under a new key."""
    before = request.session.session_key
    update_session_auth_hash(request, person)
    request.session.save()
    SignIn.objects.filter(session_key=before or "").update(
        session_key=request.session.session_key or ""
    )
