"""One-time passwords run out, and until one's own is set nothing else answers, on any route."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from io import StringIO
from typing import Any, Final

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from core.models import AuditRow
from organization.models import ApiToken, Person, SignIn
from organization.operations import access, people
from tests.cast import FRIDAY, NOON, PASSWORD, Cast
from tests.conftest import StoryClock

Browser = Callable[[Person], Client]
SENTENCE: Final = "这个一次性密码已过期（72 小时内有效）。请找安全管理员再给一个。"


def try_in(client: Client, password: str) -> Any:
    return client.post("/sign-in/", {"username": "200004", "password": password})


@pytest.mark.parametrize(
    ("offset", "is_let_in"),
    [(timedelta(seconds=-1), True), (timedelta(0), False), (timedelta(seconds=1), False)],
)
def test_a_one_time_password_is_good_for_72_hours_to_the_second(
    cast: Cast, clock: StoryClock, offset: timedelta, is_let_in: bool
) -> None:
    lin = cast["林晓岚"]
    password = access.reset_password(person_id=lin.pk, actor=cast.actor("宋琪"), at=NOON)
    clock.moment = NOON + timedelta(hours=72) + offset
    answer = try_in(Client(), password)
    assert (answer.status_code == 302) is is_let_in
    assert (SENTENCE in answer.content.decode()) is not is_let_in
    assert SignIn.objects.exists() is is_let_in
    what = "organization.sign_in" if is_let_in else "organization.sign_in_failed"
    assert AuditRow.objects.latest("pk").what == what


def test_only_whoever_was_given_it_learns_that_it_has_run_out(
    cast: Cast, clock: StoryClock
) -> None:
    access.reset_password(person_id=cast["林晓岚"].pk, actor=cast.actor("宋琪"), at=NOON)
    clock.advance(hours=73)
    answer = try_in(Client(), "Wrong-Word-99")
    assert "工号或密码不对" in answer.content.decode()
    assert SENTENCE not in answer.content.decode()


def test_the_length_is_a_setting(cast: Cast, clock: StoryClock, settings: Any) -> None:
    settings.ONE_TIME_PASSWORD_HOURS = 1
    lin = cast["林晓岚"]
    password = access.reset_password(person_id=lin.pk, actor=cast.actor("宋琪"), at=NOON)
    clock.advance(hours=1)
    assert "1 小时内有效" in try_in(Client(), password).content.decode()


def test_ones_own_password_does_not_run_out_so(cast: Cast, clock: StoryClock) -> None:
    Person.objects.filter(pk=cast["林晓岚"].pk).update(password=make_password(PASSWORD))
    clock.advance(hours=73)
    assert try_in(Client(), PASSWORD).status_code == 302


def test_the_page_of_the_reset_says_for_how_long(cast: Cast, browser_of: Browser) -> None:
    page = browser_of(cast["宋琪"]).post(f"/people/{cast['林晓岚'].pk}/password/")
    assert "72 小时内有效，过期要再重置一次。" in page.content.decode()


def test_the_first_passwords_of_a_company_run_out_too_and_the_shell_gives_another(
    db: None, clock: StoryClock
) -> None:
    out = StringIO()
    call_command(
        "found_company", stdout=out, sysadmin=["100003", "马骏"], secadmin=["100004", "宋琪"]
    )
    first = out.getvalue().split()[-1]
    clock.advance(hours=72)
    given = {"username": "100004", "password": first}
    assert Client().post("/sign-in/", given).status_code == 422
    out = StringIO()
    call_command("one_time_password", "100004", stdout=out)
    given["password"] = out.getvalue().strip()
    assert Client().post("/sign-in/", given).status_code == 302
    row = AuditRow.objects.get(what="organization.reset_password")
    assert (row.door, row.actor_name, row.target_label) == ("shell", "命令行", "宋琪")
    with pytest.raises(CommandError, match="nobody"):
        call_command("one_time_password", "999999")


# Tokens


def token_of(cast: Cast, name: str, days: int = 30) -> str:
    _token, text = access.issue_token(
        name="同步", scopes=["read"], days=days, actor=cast.actor(name), at=NOON
    )
    return text


def answered(token: str) -> int:
    return Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_reset_password_revokes_every_token_of_the_person(cast: Cast, clock: StoryClock) -> None:
    lins, chens = token_of(cast, "林晓岚"), token_of(cast, "陈嘉怡")
    assert (answered(lins), answered(chens)) == (200, 200)
    access.reset_password(person_id=cast["林晓岚"].pk, actor=cast.actor("宋琪"), at=NOON)
    assert (answered(lins), answered(chens)) == (401, 200)
    assert ApiToken.objects.get(person=cast["林晓岚"]).revoked_at == NOON
    assert AuditRow.objects.latest("pk").after == {"tokens_revoked": 1}
    # And they stay so when the new password is set.
    Person.objects.update(must_change_password=False)
    assert answered(lins) == 401


def test_whoever_changes_the_own_password_keeps_the_tokens_and_is_told(
    cast: Cast, browser_of: Browser
) -> None:
    lin = cast["林晓岚"]
    lin.password = make_password(PASSWORD)
    lin.save()
    token = token_of(cast, "林晓岚")
    given = {"current": PASSWORD, "new": "Quiet-River-2026", "again": "Quiet-River-2026"}
    page = browser_of(lin).post("/me/password/", given, follow=True).content.decode()
    assert "1 个接口令牌照旧有效，不放心请作废。" in page
    assert answered(token) == 200


def test_the_tokens_of_whoever_leaves_later_end_with_that_day(
    cast: Cast, clock: StoryClock
) -> None:
    he = cast["郑秋实"]
    short, long = token_of(cast, "郑秋实", days=1), token_of(cast, "郑秋实")
    clock.set("2026-11-27 12:00:00")
    people.close_person(
        person_id=he.pk,
        on=FRIDAY + timedelta(days=3),
        why="",
        expected_version=1,
        actor=cast.actor("马骏"),
        at=NOON,
    )
    ends = [token.expires_at for token in ApiToken.objects.order_by("pk")]
    assert [one.astimezone(UTC).isoformat() for one in ends] == [
        "2026-11-28T04:00:00+00:00",
        "2026-11-29T16:00:00+00:00",
    ]
    clock.set("2026-11-29 23:59:59")
    assert (answered(short), answered(long)) == (401, 200)
    clock.set("2026-11-30 00:00:00")
    assert answered(long) == 401


# Before the first password, everywhere

# What may be used by whoever still has to set a password: that page, the way out, the look, and
# of the API its description and what is no address at all; and what is open to everybody, signed
# in or not: whether a paper is genuine; and a calendar, whose address is its own secret.
OPEN: Final = {
    "first-password", "password", "sign-out", "set_language", "choose-theme",
    "verify", "verify-code", "calendar-feed-file",
    "api-password", "api-schema", "api-docs", "api-unknown",
}  # fmt: skip
_EXAMPLES: Final = {
    "int": "1",
    "slug": "x",
    "str": "x",
    "week": "2026-W48",
    "month": "2026-11",
    "day": "2026-11-27",
}


def addresses() -> Iterator[tuple[str, str]]:
    """Name and an address of every route there is."""

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            address = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, address)
            else:
                yield pattern.name or "", _filled(address.replace("^.*$", "no-such/"))

    return walk(get_resolver().url_patterns, "/")


def _filled(address: str) -> str:
    return re.sub(r"<(?:(\w+):)?\w+>", lambda match: _EXAMPLES.get(match[1] or "str", "1"), address)


def is_kept_back(answer: Any, name: str) -> bool:
    """Whether the answer is that a password must be set first."""
    if name.startswith("api-"):
        is_problem = answer.headers.get("Content-Type", "").startswith("application/problem+json")
        kind = answer.json()["type"].rpartition(":")[2] if is_problem else ""
        return (answer.status_code, kind) == (403, "password-change-required")
    return (answer.status_code, answer.headers.get("Location")) == (302, "/first-password/")


@pytest.mark.once
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_every_route_keeps_back_whoever_has_a_first_password(
    cast: Cast, browser_of: Browser, method: str
) -> None:
    lin = cast["林晓岚"]
    Person.objects.filter(pk=lin.pk).update(must_change_password=True)
    client = browser_of(lin)
    let_by = set()
    seen = 0
    for name, address in addresses():
        if name == "sign-out":  # it would end the session of the others
            let_by.add(name)
            continue
        answer = client.generic(method.upper(), address)
        seen += 1
        if not is_kept_back(answer, name):
            let_by.add(name)
    assert let_by == OPEN
    assert seen > 100


@pytest.mark.once
def test_scripts_are_kept_back_with_401(cast: Cast, browser_of: Browser) -> None:
    lin = cast["林晓岚"]
    Person.objects.filter(pk=lin.pk).update(must_change_password=True)
    client = browser_of(lin)
    for name, address in addresses():
        if name in OPEN or name.startswith("api-"):
            continue
        answer = client.post(address, headers={"HX-Request": "true"})
        assert (name, answer.status_code, answer.headers.get("HX-Redirect")) == (
            name, 401, "/first-password/",
        )  # fmt: skip


@pytest.mark.once
def test_a_token_is_kept_back_on_every_address_of_the_api(cast: Cast, clock: StoryClock) -> None:
    token = token_of(cast, "林晓岚")
    Person.objects.filter(pk=cast["林晓岚"].pk).update(must_change_password=True)
    let_by = {
        name
        for name, address in addresses()
        if name.startswith("api-")
        and not is_kept_back(
            Client().get(address, headers={"Authorization": f"Bearer {token}"}), name
        )
    }
    assert let_by == {name for name in OPEN if name.startswith("api-")}
