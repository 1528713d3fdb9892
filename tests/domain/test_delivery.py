"""Mail to a real server that refuses one, puts off one and breaks off with one: nobody gets two.

Each fault has a control, which takes the guard away and shows what then happens.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from core import delivery, files, jobs
from core.choices import JobState, MessageState, RecipientState
from core.models import Job, OutboxMessage, OutboxRecipient
from core.outbox import Addressee, Letter, message_id_of, post
from tests.cast import Cast, at
from tests.domain.smtp import DROP, DROP_AT_DATA, MailServer, mail_server

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SENT_AT = at("2026-12-04 17:52:10")
OFFICE = (
    Addressee("sun.lan@example.com", "孙岚"),
    Addressee("han.jing@example.com", "韩静"),
    Addressee("refused@example.com", "离职同事"),
    Addressee("put-off@example.com", "林颖"),
    Addressee("dropped@example.com", "孔荣"),
)
LETTER = Letter(
    kind="rollup",
    key="CD:2026-W48:1",
    language="zh-hans",
    subject="城东分公司 2026年第48周 周汇总",
    body="随信附上周汇总。\n",
    addressees=OFFICE,
    not_before=SENT_AT,
)
FAULTS = {
    "refused@example.com": ["550 5.1.1 no such mailbox", "550 5.1.1 no such mailbox"],
    "put-off@example.com": ["451 4.3.0 try again later"],
    "dropped@example.com": [DROP],
}


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with mail_server(FAULTS) as (server, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = port
        yield server


def run(moment: datetime) -> JobState | None:
    return jobs.run(Job.objects.get(kind="core.deliver").pk, at=moment)


def states() -> dict[str, tuple[str, int]]:
    rows = OutboxRecipient.objects.order_by("pk")
    return {row.address.partition("@")[0]: (row.state, row.attempts) for row in rows}


def test_each_recipient_gets_one_copy_or_the_servers_answer(cast: Cast, server: MailServer) -> None:
    message = post(LETTER, at=SENT_AT)
    assert run(SENT_AT) == JobState.WAITING
    assert states() == {
        "sun.lan": ("sent", 1),
        "han.jing": ("sent", 1),
        "refused": ("refused", 1),
        "put-off": ("waiting", 1),
        "dropped": ("waiting", 1),
    }
    job = Job.objects.get(kind="core.deliver")
    assert job.run_after - SENT_AT == timedelta(minutes=1)
    assert run(SENT_AT + timedelta(seconds=59)) is None
    assert run(SENT_AT + timedelta(seconds=60)) == JobState.DONE
    assert states() == {
        "sun.lan": ("sent", 1),
        "han.jing": ("sent", 1),
        "refused": ("refused", 1),
        "put-off": ("sent", 2),
        "dropped": ("sent", 2),
    }
    answers = dict(OutboxRecipient.objects.values_list("address", "answer"))
    assert answers["refused@example.com"] == "550 5.1.1 no such mailbox"
    assert server.copies == {
        one.address: 1 for one in OFFICE if one.address != "refused@example.com"
    }
    message.refresh_from_db()
    assert message.state == MessageState.DONE
    job.refresh_from_db()
    assert job.result == {"refused": 1, "sent": 4}


def test_the_message_id_is_one_and_the_envelopes_are_many(cast: Cast, server: MailServer) -> None:
    file = files.store(
        content=b"PK rows",
        name="城东分公司 第48周.xlsx",
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        kind="rollup",
        actor=cast.actor("周建平"),
        at=SENT_AT,
    )
    letter = Letter(**{**LETTER.__dict__, "file_ids": (file.pk,)})
    post(letter, at=SENT_AT)
    run(SENT_AT)
    run(SENT_AT + timedelta(minutes=1))
    assert {mail["Message-ID"] for _, mail in server.accepted} == {message_id_of(letter)}
    assert {mail["Date"].datetime for _, mail in server.accepted} == {SENT_AT}
    assert all(len(envelope) == 1 for envelope in server.envelopes)
    for _, mail in server.accepted:
        assert [str(one) for one in mail["To"].addresses] == [
            f"{one.name} <{one.address}>" for one in OFFICE
        ]
        assert mail["Subject"] == LETTER.subject
        [attachment] = mail.iter_attachments()
        assert attachment.get_filename() == "城东分公司 第48周.xlsx"
        assert attachment.get_content() == b"PK rows"


def test_control_without_the_state_of_each_recipient_everybody_gets_two(
    cast: Cast, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "note", lambda recipient, answer: None)
    monkeypatch.setattr(delivery, "IN_FLIGHT", timedelta(0))
    post(LETTER, at=SENT_AT)
    run(SENT_AT)
    run(SENT_AT + timedelta(minutes=1))
    assert server.copies["sun.lan@example.com"] == 2


def test_control_with_one_envelope_for_all_the_refused_one_says_nothing(
    cast: Cast, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why each has an envelope: one for all is taken although two recipients were turned away."""
    everybody = [one.address for one in OFFICE if one.address != "dropped@example.com"]
    original = delivery._mail

    def for_all(*arguments: Any) -> Any:
        mail = original(*arguments)
        mail.to = everybody
        return mail

    monkeypatch.setattr(delivery, "_mail", for_all)
    post(LETTER, at=SENT_AT)
    run(SENT_AT)
    assert states()["refused"] == ("sent", 1)
    assert server.copies["sun.lan@example.com"] > 1


def test_a_connection_that_breaks_within_the_message_is_tried_again(
    cast: Cast, server: MailServer
) -> None:
    server.answers = {"sun.lan@example.com": [DROP_AT_DATA]}
    post(LETTER, at=SENT_AT)
    run(SENT_AT)
    assert states()["sun.lan"] == ("waiting", 1)
    assert states()["han.jing"] == ("sent", 1)  # over a new connection
    run(SENT_AT + timedelta(minutes=1))
    assert set(server.copies.values()) == {1}
    assert states()["sun.lan"] == ("sent", 2)


def test_an_attempt_on_its_way_is_not_begun_again(cast: Cast, server: MailServer) -> None:
    """A worker was killed between the claim and the answer; a second one comes by."""
    message = post(LETTER, at=SENT_AT)
    first = message.recipients.order_by("pk")[0]
    assert delivery.claim(first, SENT_AT)
    run(SENT_AT + timedelta(minutes=4, seconds=59))
    assert server.copies.get("sun.lan@example.com") is None
    assert server.copies["han.jing@example.com"] == 1
    run(SENT_AT + timedelta(minutes=7))
    assert server.copies["sun.lan@example.com"] == 1


def test_of_two_workers_with_the_same_list_one_writes(cast: Cast) -> None:
    message = post(LETTER, at=SENT_AT)
    one, other = (message.recipients.order_by("pk")[0] for _ in range(2))
    assert delivery.claim(one, SENT_AT)
    assert not delivery.claim(other, SENT_AT)


def test_pauses_grow_and_after_a_day_it_is_said(
    cast: Cast, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody listens at the port at all."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    post(LETTER, at=SENT_AT)
    pauses = []
    moment = SENT_AT
    while run(moment) == JobState.WAITING:
        due = Job.objects.get(kind="core.deliver").run_after
        pauses.append(int((due - moment).total_seconds() // 60))
        moment = due
    assert pauses[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert sum(pauses[:-1]) < 24 * 60 <= sum(pauses)
    assert {state for state, _ in states().values()} == {RecipientState.REFUSED}
    answer = OutboxRecipient.objects.values_list("answer", flat=True)[0]
    assert answer.startswith("一天内未能送达。")
    assert "refused" in answer
    assert OutboxMessage.objects.get().state == MessageState.DONE
    assert "given up" in caplog.text


def test_a_letter_posted_twice_is_one_message(cast: Cast) -> None:
    assert post(LETTER, at=SENT_AT) == post(LETTER, at=SENT_AT + timedelta(hours=1))
    assert Job.objects.filter(kind="core.deliver").count() == 1


def test_a_line_break_in_a_name_is_no_new_header(cast: Cast, server: MailServer) -> None:
    name = "城东\r\nBcc: refused@example.com"
    message = post(
        Letter(
            **{
                **LETTER.__dict__,
                "subject": f"{name} 周汇总",
                "addressees": (Addressee("sun.lan@example.com", name),),
            }
        ),
        at=SENT_AT,
    )
    assert message.subject == "城东 Bcc: refused@example.com 周汇总"
    assert run(SENT_AT) == JobState.DONE
    assert states() == {"sun.lan": (RecipientState.SENT, 1)}


def test_mail_into_files_and_onto_the_console_is_mail_too(
    cast: Cast, settings: Settings, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    post(LETTER, at=SENT_AT)
    assert run(SENT_AT) == JobState.DONE
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert written.count(message_id_of(LETTER).encode()) == len(OFFICE)
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    post(Letter(**{**LETTER.__dict__, "key": "again"}), at=SENT_AT)
    jobs.run(Job.objects.latest("pk").pk, at=SENT_AT)
    assert capsys.readouterr().out.count("Auto-Submitted") == len(OFFICE)
