"""Ways in: passwords, sessions, tokens, and the language somebody reads (C5)."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Problem, Refused
from core.sealing import blind
from organization.choices import ADMIN_SCOPE, ADMINISTRATORS, SCOPES
from organization.models import ApiToken, Branch, Person, SignIn
from organization.passwords import check_new, one_time_password
from organization.permissions import can_reset_password

TOKEN_MARK: Final = "bh_"  # noqa: S105 (how tokens begin, so that a leaked one is recognised)
TOKEN_DAYS_AT_MOST: Final = 366
SCOPE_KEYS: Final = tuple(key for key, _label in SCOPES)


def change_password(
    *, current: str, new: str, keep_session: str = "", actor: Actor, at: datetime
) -> Person:
    """Set one's own password; every other session ends (C5), tokens stay.

    A token is no password and was made for a program that would stop; the answer names them.
    ``keep_session`` is the key of the session that stays. Raises Refused when the present
    password is wrong or the new one not good enough.
    """
    person = _self(actor)
    if not person.check_password(current):
        raise Refused(_("现在的密码不对。"), field="current")
    check_new(new, person)
    digest = make_password(new)
    with transaction.atomic():
        _store_password(person, digest, must_change=False, at=at)
        end_sessions_of(person.sign_ins.exclude(session_key=keep_session), at=at)
        _record("organization.change_password", person, actor, at)
    return person


def reset_password(*, person_id: int, actor: Actor, at: datetime) -> str:
    """Give somebody a one-time password, returned once; it must be changed at the sign-in.

    It runs out (organization.passwords.one_time_ends_at). Every session of the person ends and
    every token is revoked: whoever knew the password may have made some.
    """
    person = Person.objects.visible_to(actor).filter(pk=person_id).first()
    if person is None:
        raise NotFound
    if not can_reset_password(actor, person):
        raise NotAllowed(_("密码由安全管理员重置；自己的密码请自己修改。"))
    password = one_time_password()
    digest = make_password(password)
    with transaction.atomic():
        _store_password(person, digest, must_change=True, at=at)
        end_sessions_of(person.sign_ins.all(), at=at)
        revoked = revoke_tokens_of(person, at=at)
        _record("organization.reset_password", person, actor, at, tokens_revoked=revoked)
    return password


@transaction.atomic
def end_session(*, sign_in_id: int, actor: Actor, at: datetime) -> SignIn:
    """End one session; one's own, or anybody's as security administrator."""
    sign_in = (
        SignIn.objects.endable_by(actor).select_related("person").filter(pk=sign_in_id).first()
    )
    if sign_in is None:
        raise NotFound
    if not end_sessions_of(SignIn.objects.filter(pk=sign_in.pk), at=at):
        raise Refused(_("已经结束了。"))
    _record("organization.end_session", sign_in.person, actor, at)
    sign_in.refresh_from_db()
    return sign_in


@transaction.atomic
def end_other_sessions(*, keep_session: str, actor: Actor, at: datetime) -> int:
    """End all one's own sessions but one; how many were open."""
    person = _self(actor)
    ended = end_sessions_of(person.sign_ins.exclude(session_key=keep_session), at=at)
    _record("organization.end_other_sessions", person, actor, at, ended=ended)
    return ended


def end_sessions_of(sign_ins: QuerySet[SignIn], *, at: datetime) -> int:
    """End these sessions at once; how many were open. Part of a caller's transaction."""
    open_ones = dict(sign_ins.filter(ended_at=None).values_list("pk", "session_key"))
    ended = SignIn.objects.filter(pk__in=open_ones, ended_at=None).update(ended_at=at)
    for key in open_ones.values():
        SessionStore().delete(key)
    return ended


@transaction.atomic
def issue_token(
    *,
    name: str,
    scopes: Collection[str],
    branch_ids: Collection[int] = (),
    days: int,
    within: ApiToken | None = None,
    actor: Actor,
    at: datetime,
) -> tuple[ApiToken, str]:
    """Make a key for a REST client: the row and its text, which is shown once and not stored.

    ``branch_ids`` narrow it to branches the actor sees; such a key carries no administrator's
    role. Only an administrator's key may have the scope ``admin``. ``within`` is the key that
    asks for another one: it gets nothing that it has not itself, nor for longer.
    """
    person = _self(actor)
    problems = []
    if not name.strip():
        problems.append(Problem("name", _("写上用途，以后好认。")))
    if not scopes or not set(scopes) <= set(SCOPE_KEYS):
        problems.append(Problem("scopes", _("请选权限。")))
    if ADMIN_SCOPE in scopes and not actor.has_role(*ADMINISTRATORS):
        problems.append(Problem("scopes", _("“管理”权限只给管理员的令牌。")))
    if within is not None:
        problems += _beyond(within, scopes, branch_ids, at + timedelta(days=days))
    seen = set(Branch.objects.visible_to(actor).values_list("pk", flat=True))
    if not set(branch_ids) <= seen:
        problems.append(Problem("branch_ids", _("请选您能看到的分公司。")))
    if not 1 <= days <= TOKEN_DAYS_AT_MOST:
        text = _("有效期为 1 到 %(n)d 天。") % {"n": TOKEN_DAYS_AT_MOST}
        problems.append(Problem("days", text))
    if problems:
        raise Refused(problems[0].message, problems=problems)
    text = TOKEN_MARK + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        person=person,
        name=name.strip()[:60],
        digest=digest_of(text),
        tail=text[-4:],
        scopes=[key for key in SCOPE_KEYS if key in scopes],
        branch_ids=sorted(branch_ids),
        issued_at=at,
        expires_at=at + timedelta(days=days),
    )
    _record(
        "organization.issue_token",
        person,
        actor,
        at,
        name=token.name,
        scopes=token.scopes,
        branches=token.branch_ids,
        expires_at=token.expires_at.isoformat(),
    )
    return token, text


def _beyond(
    within: ApiToken, scopes: Collection[str], branch_ids: Collection[int], expires_at: datetime
) -> list[Problem]:
    """What a key asks for beyond its own."""
    problems = []
    if not set(scopes) <= set(within.scopes):
        problems.append(Problem("scopes", _("令牌发出的令牌权限不能比它自己大。")))
    if within.branch_ids and not (branch_ids and set(branch_ids) <= set(within.branch_ids)):
        problems.append(Problem("branch_ids", _("令牌发出的令牌范围不能比它自己大。")))
    if expires_at > within.expires_at:
        problems.append(Problem("days", _("令牌发出的令牌不能比它自己用得久。")))
    return problems


@transaction.atomic
def revoke_token(*, token_id: int, actor: Actor, at: datetime) -> ApiToken:
    """Make a key useless from now on; one's own, or anybody's as security administrator."""
    token = (
        ApiToken.objects.revocable_by(actor).select_related("person").filter(pk=token_id).first()
    )
    if token is None:
        raise NotFound
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
        raise Refused(_("已经作废了。"))
    _record("organization.revoke_token", token.person, actor, at, name=token.name)
    token.refresh_from_db()
    return token


def revoke_tokens_of(person: Person, *, at: datetime) -> int:
    """Make every token of the person useless; how many were not yet. Part of a transaction."""
    return ApiToken.objects.filter(person=person, revoked_at=None).update(revoked_at=at)


def live_tokens_of(person: Person, at: datetime) -> int:
    """How many tokens of the person let somebody in at this moment."""
    return ApiToken.objects.filter(person=person, revoked_at=None, expires_at__gt=at).count()


@transaction.atomic
def choose_language(*, language: str, actor: Actor, at: datetime) -> Person:
    """Read pages and mails in this language from now on."""
    person = _self(actor)
    if language not in dict(settings.LANGUAGES):
        raise Refused(_("没有这种语言。"), field="language")
    if language != person.language:
        Person.objects.filter(pk=person.pk).update(language=language, version=F("version") + 1)
        _record("organization.choose_language", person, actor, at, language=language)
        person.refresh_from_db()
    return person


def digest_of(token: str) -> str:
    """What is stored of a token: an HMAC under a key outside the database."""
    return blind(f"token:{token}")


def _self(actor: Actor) -> Person:
    """The actor's own row; NotFound for what is no person (the clock)."""
    if actor.person_id is None:
        raise NotFound
    return Person.objects.get(pk=actor.person_id)


def _store_password(person: Person, digest: str, *, must_change: bool, at: datetime) -> None:
    Person.objects.filter(pk=person.pk).update(
        password=digest,
        must_change_password=must_change,
        password_set_at=at,
        version=F("version") + 1,
    )
    person.refresh_from_db()


def _record(
    what: str,
    person: Person,
    actor: Actor,
    at: datetime,
    **after: str | int | list[str] | list[int],
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="person",
        target_id=person.pk,
        target_label=person.name,
        branch_id=person.branch_id,
        after=after,
    )
