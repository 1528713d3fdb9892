"""The way in (C5): one answer for every failure, lock-out, sessions that end, first passwords."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import connection
from django.test import Client

from core.models import AuditRow
from organization.models import Person, SignIn
from organization.operations import access
from organization.sign_in import FAILURES_KEPT
from tests.cast import FRIDAY, NOON, PASSWORD, Cast
from tests.conftest import StoryClock

Browser = Callable[[Person], Client]


@pytest.fixture
def lin(cast: Cast, clock: StoryClock) -> Person:
    """林晓岚 with a password."""
    person = cast["林晓岚"]
    person.password = make_password(PASSWORD)
    person.save()
    return person


def post(client: Client, number: str, password: str, address: str = "192.0.2.1") -> Any:
    return client.post("/sign-in/", {"username": number, "password": password}, REMOTE_ADDR=address)


def page_of(response: Any) -> str:
    """The page without the tokens that differ every time."""
    text = response.content.decode()
    for secret in {response.wsgi_request.META.get("CSRF_COOKIE", ""), *_tokens(text)}:
        text = text.replace(secret, "") if secret else text
    return text


def _tokens(text: str) -> list[str]:
    return [part.split('"')[0] for part in text.split('name="csrfmiddlewaretoken" value="')[1:]]


def test_the_right_password_leads_home_and_leaves_a_session_and_a_row(lin: Person) -> None:
    client = Client()
    response = post(client, "200004", PASSWORD)
    assert (response.status_code, response["Location"]) == (302, "/")
    begun = SignIn.objects.get(person=lin)
    assert (begun.address, begun.ended_at) == ("192.0.2.1", None)
    row = AuditRow.objects.get()
    assert (row.what, row.actor_name, row.actor_roles, row.address, row.door) == (
        "organization.sign_in", "林晓岚", "manager", "192.0.2.1", "page",
    )  # fmt: skip
    assert client.get("/me/").status_code == 200


def test_whoever_asked_for_a_page_gets_there_and_nowhere_else(lin: Person) -> None:
    client = Client()
    asked = client.get("/people/?q=lxl")
    assert asked["Location"] == "/sign-in/?next=%2Fpeople%2F%3Fq%3Dlxl"
    given = {"username": "200004", "password": PASSWORD, "next": "/people/?q=lxl"}
    assert client.post("/sign-in/", given)["Location"] == "/people/?q=lxl"
    given["next"] = "https://elsewhere.example/"
    assert Client().post("/sign-in/", given)["Location"] == "/"


def test_every_failure_gets_the_same_page_whatever_its_cause(cast: Cast, lin: Person) -> None:
    gone = cast["何俊峰"]
    gone.password, gone.left_on = make_password(PASSWORD), FRIDAY
    gone.save()
    answers = [
        post(Client(), "200004", "Wrong-Word-99"),
        post(Client(), "200006", PASSWORD),  # has left today
        post(Client(), "999999", PASSWORD),  # nobody
        post(Client(), "200005", PASSWORD),  # has no password yet
    ]
    failures = [post(Client(), "200004", "Wrong-Word-99") for _turn in range(6)]
    answers += [failures[-1], post(Client(), "200004", PASSWORD)]  # the right one, while locked out
    pages = {page_of(answer).replace("200006", "200004").replace("999999", "200004")
             .replace("200005", "200004") for answer in answers}  # fmt: skip
    assert {answer.status_code for answer in answers} == {422}
    assert len(pages) == 1
    assert "工号或密码不对，或者暂时不能登录" in pages.pop()


def test_the_lock_is_for_one_account_at_one_address(cast: Cast, lin: Person) -> None:
    chen = cast["陈嘉怡"]
    chen.password = make_password(PASSWORD)
    chen.save()
    for _turn in range(5):
        post(Client(), "200004", "Wrong-Word-99")
    assert post(Client(), "200004", PASSWORD).status_code == 422
    assert post(Client(), "200005", PASSWORD).status_code == 302
    assert post(Client(), "200004", PASSWORD, address="192.0.2.2").status_code == 302


def test_one_address_that_tries_many_accounts_is_stopped(lin: Person, settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 2
    for number in range(20):
        post(Client(), f"{900_000 + number}", "Wrong-Word-99", address="192.0.2.9")
    assert post(Client(), "200004", PASSWORD, address="192.0.2.9").status_code == 422
    assert post(Client(), "200004", PASSWORD, address="192.0.2.3").status_code == 302


def test_failures_are_counted_for_half_an_hour_however_many_numbers_are_tried(
    lin: Person, settings: Any
) -> None:
    settings.AXES_FAILURE_LIMIT = 2
    for number in range(20):
        post(Client(), f"{900_000 + number}", "Wrong-Word-99", address="192.0.2.9")
    for number in range(1000):
        cache.set(f"sign-in:number:{number}", 1, timeout=FAILURES_KEPT)
    assert post(Client(), "200004", PASSWORD, address="192.0.2.9").status_code == 422
    with connection.cursor() as cursor:
        cursor.execute("SELECT expires FROM core_cache WHERE cache_key LIKE '%192.0.2.9'")
        expires = datetime.fromisoformat(str(cursor.fetchone()[0])).replace(tzinfo=UTC)
    left = expires.timestamp() - time.time()
    assert FAILURES_KEPT - 120 < left <= FAILURES_KEPT + 1


def test_failures_leave_a_row_and_never_what_was_typed_for_a_number(lin: Person) -> None:
    post(Client(), "200004", "Wrong-Word-99")
    post(Client(), "Jade-Bridge-27", "x")
    rows = AuditRow.objects.order_by("pk").values_list("what", "target_label", "actor_name")
    assert list(rows) == [
        ("organization.sign_in_failed", "林晓岚", ""),
        ("organization.sign_in_failed", "", ""),
    ]


def test_an_unknown_number_costs_the_same_work(
    lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.contrib.auth.hashers import Argon2PasswordHasher

    work: list[str] = []
    real: Any = Argon2PasswordHasher.params  # type: ignore[attr-defined]

    def counted(self: Argon2PasswordHasher) -> object:
        work.append("argon2")
        return real(self)

    monkeypatch.setattr(Argon2PasswordHasher, "params", counted)
    costs = []
    for number in ("200004", "999999", "200005"):
        work.clear()
        post(Client(), number, "Wrong-Word-99")
        costs.append(len(work) > 0)
    assert costs == [True, True, True]
    assert lin.password.startswith("argon2")


# Sessions


def test_a_session_ends_after_idling_to_the_second(
    lin: Person, browser_of: Browser, clock: StoryClock, settings: Any
) -> None:
    settings.SESSION_IDLE_MINUTES = 30
    client = browser_of(lin)
    clock.advance(minutes=29, seconds=59)
    assert client.get("/me/").status_code == 200
    clock.advance(minutes=29, seconds=59)
    assert client.get("/me/").status_code == 200
    clock.advance(minutes=30)
    assert client.get("/me/")["Location"] == "/sign-in/?next=%2Fme%2F"
    assert SignIn.objects.get(person=lin).ended_at == clock.moment


def test_a_session_in_steady_use_ends_after_twelve_hours(
    lin: Person, browser_of: Browser, clock: StoryClock, settings: Any
) -> None:
    settings.SESSION_IDLE_MINUTES = 240
    client = browser_of(lin)
    for _turn in range(3):
        clock.advance(hours=3, minutes=59)
        assert client.get("/me/").status_code == 200
    clock.advance(minutes=2, seconds=59)
    assert client.get("/me/").status_code == 200
    clock.advance(seconds=1)
    assert client.get("/me/").status_code == 302


def test_leaving_ends_what_is_open(lin: Person, browser_of: Browser, clock: StoryClock) -> None:
    client = browser_of(lin)
    Person.objects.filter(pk=lin.pk).update(left_on="2026-11-28")
    assert client.get("/me/").status_code == 200
    clock.set("2026-11-27 12:30:00")
    Person.objects.filter(pk=lin.pk).update(left_on=FRIDAY)
    assert client.get("/me/").status_code == 302


def test_own_sessions_are_shown_and_ended(lin: Person, browser_of: Browser) -> None:
    desk, phone = browser_of(lin), browser_of(lin)
    assert "退出其他全部" in desk.get("/me/").content.decode()
    desk.post("/me/sessions/end-others/")
    assert (desk.get("/me/").status_code, phone.get("/me/").status_code) == (200, 302)
    other = browser_of(lin)
    row = SignIn.objects.filter(person=lin, ended_at=None).latest("pk")
    desk.post(f"/me/sessions/{row.pk}/end/")
    assert other.get("/me/").status_code == 302


def test_somebody_elses_session_does_not_exist(
    cast: Cast, lin: Person, browser_of: Browser
) -> None:
    browser_of(cast["陈嘉怡"])
    theirs = SignIn.objects.get(person=cast["陈嘉怡"])
    client = browser_of(lin)
    foreign = client.post(f"/me/sessions/{theirs.pk}/end/")
    missing = client.post("/me/sessions/987654/end/")
    assert (foreign.status_code, foreign.content) == (404, missing.content)
    assert SignIn.objects.get(pk=theirs.pk).ended_at is None


def test_signing_out_ends_the_session_and_says_so_in_the_trail(
    lin: Person, browser_of: Browser
) -> None:
    client = browser_of(lin)
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/me/").status_code == 302
    assert AuditRow.objects.get().what == "organization.sign_out"


def test_nothing_signed_in_is_kept_in_a_cache(lin: Person, browser_of: Browser) -> None:
    client = browser_of(lin)
    for path in ("/me/", "/people/", "/no-such-page/"):
        assert client.get(path)["Cache-Control"] == "no-store"


# Passwords


def test_until_the_first_password_is_changed_every_page_leads_there(
    lin: Person, browser_of: Browser
) -> None:
    Person.objects.filter(pk=lin.pk).update(must_change_password=True)
    client = browser_of(lin)
    for path in ("/me/", "/people/", "/branches/", "/audit/"):
        assert client.get(path)["Location"] == "/first-password/"
    script = client.get("/people/", headers={"HX-Request": "true"})
    assert (script.status_code, script["HX-Redirect"]) == (401, "/first-password/")
    page = client.get("/first-password/").content.decode()
    assert "先设一个自己的密码" in page
    given = {"current": PASSWORD, "new": "Quiet-River-2026", "again": "Quiet-River-2026"}
    assert client.post("/first-password/", given)["Location"] == "/"
    assert client.get("/me/").status_code == 200
    lin.refresh_from_db()
    assert (lin.must_change_password, lin.check_password("Quiet-River-2026")) == (False, True)


def test_a_password_is_due_again_after_ninety_days_to_the_second(
    lin: Person, browser_of: Browser, clock: StoryClock
) -> None:
    clock.set("2027-01-31 08:59:59")  # set on 2026-11-02 09:00:00
    client = browser_of(lin)
    assert client.get("/me/").status_code == 200
    clock.set("2027-01-31 09:00:00")
    assert client.get("/me/")["Location"] == "/first-password/"


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("Ab1-short", "至少"),
        ("alllowercase", "至少含三类"),
        ("lowercase123", "至少含三类"),
        (PASSWORD, "不能与现在的密码相同"),
        ("Password123", "常见"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(
    lin: Person, browser_of: Browser, new: str, message: str
) -> None:
    answer = browser_of(lin).post("/me/password/", {"current": PASSWORD, "new": new, "again": new})
    assert answer.status_code == 422
    assert message in answer.content.decode()
    lin.refresh_from_db()
    assert lin.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("profile", "new", "is_taken"),
    [
        ("mlps", "Abcde12-xy", True),  # ten, four kinds
        ("mlps", "Abcde12-x", False),  # nine
        ("mlps", "quietriverbridge", False),  # one kind
        ("asvs", "quietriverbridge", True),  # sixteen of one kind
        ("asvs", "Abcde12-xyz", False),  # eleven, whatever the kinds
        ("asvs", "1qaz2wsx3edc", False),  # known to everybody
    ],
)
def test_both_schools_of_passwords(
    lin: Person, browser_of: Browser, settings: Any, profile: str, new: str, is_taken: bool
) -> None:
    settings.AUTH_PASSWORD_VALIDATORS = settings.PASSWORD_PROFILES[profile]
    given = {"current": PASSWORD, "new": new, "again": new}
    answer = browser_of(lin).post("/me/password/", given)
    assert (answer.status_code == 302) is is_taken
    lin.refresh_from_db()
    assert lin.check_password(new) is is_taken


def test_a_password_never_grows_too_old_in_the_other_school(
    lin: Person, browser_of: Browser, clock: StoryClock, settings: Any
) -> None:
    settings.PASSWORD_MAX_AGE_DAYS = 0
    clock.set("2036-01-31 09:00:00")
    assert browser_of(lin).get("/me/").status_code == 200


def test_a_wrong_present_password_changes_nothing(lin: Person, browser_of: Browser) -> None:
    given = {"current": "Wrong-Word-99", "new": "Quiet-River-2026", "again": "Quiet-River-2026"}
    answer = browser_of(lin).post("/me/password/", given)
    assert (answer.status_code, "现在的密码不对" in answer.content.decode()) == (422, True)


def test_a_new_password_ends_every_other_session(lin: Person, browser_of: Browser) -> None:
    here, there = browser_of(lin), browser_of(lin)
    given = {"current": PASSWORD, "new": "Quiet-River-2026", "again": "Quiet-River-2026"}
    assert here.post("/me/password/", given).status_code == 302
    assert (here.get("/me/").status_code, there.get("/me/").status_code) == (200, 302)


def test_the_security_administrator_resets_and_the_person_must_change(
    cast: Cast, lin: Person, browser_of: Browser
) -> None:
    theirs = browser_of(lin)
    page = browser_of(cast["宋琪"]).post(f"/people/{lin.pk}/password/").content.decode()
    one_time = page.split('data-copy="')[1].split('"')[0]
    assert theirs.get("/me/").status_code == 302
    client = Client()
    assert post(client, "200004", one_time).status_code == 302
    assert client.get("/me/")["Location"] == "/first-password/"
    assert one_time not in str(list(AuditRow.objects.values()))


def test_no_password_and_no_token_is_stored_readable(cast: Cast, lin: Person) -> None:
    _token, text = access.issue_token(
        name="同步",
        scopes=["read"],
        days=30,
        actor=cast.actor("林晓岚"),
        at=NOON,
    )
    stored = str(list(Person.objects.values())) + str(list(lin.tokens.values()))
    stored += str(list(AuditRow.objects.values()))
    assert PASSWORD not in stored
    assert text not in stored
    assert lin.password.startswith("argon2id$") or lin.password.startswith("argon2$argon2id")


def test_the_language_chosen_on_the_way_in_is_kept_with_the_account(lin: Person) -> None:
    client = Client()
    client.post("/language/", {"language": "en", "next": "/sign-in/"})
    assert "Sign in" in client.get("/sign-in/").content.decode()
    post(client, lin.job_number, PASSWORD)
    lin.refresh_from_db()
    assert lin.language == "en"
    assert client.cookies["django_language"].value == ""
    # Used up: the next person at this browser keeps the own one.
    client.post("/sign-out/")
    Person.objects.filter(pk=lin.pk).update(language="zh-hans")
    post(client, lin.job_number, PASSWORD)
    lin.refresh_from_db()
    assert lin.language == "zh-hans"
