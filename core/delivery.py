"""Delivery of outgoing messages: knows channels and answers, nothing of what they tell.

Each recipient has an envelope of its own, while the header To names all. What the server said
is written for each at once, so that a worker that is killed or a server that goes away costs
nobody a second copy. The Message-ID is the message's, whatever the attempt.
"""

import logging
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.utils import format_datetime
from typing import Any, Final

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import files, jobs
from core.choices import MessageState, RecipientState
from core.models import OutboxMessage, OutboxRecipient, StoredFile

logger = logging.getLogger(__name__)

GIVE_UP_AFTER: Final = timedelta(days=1)
# Longer than a conversation with a server takes, shorter than a job's lease.
IN_FLIGHT: Final = timedelta(minutes=5)
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
ANSWER_AT_MOST: Final = 300


@dataclass(frozen=True)
class Answer:
    """What became of one attempt: whether it may be tried again, and the server's words."""

    state: RecipientState
    text: str
    is_connection_lost: bool = False


def deliver_message(args: dict[str, Any], at: datetime, progress: jobs.Progress) -> jobs.Effect:
    """Deliver one message (``args["message"]``) to whoever has not got it.

    Sent or refused for good is final for each recipient. Who waits (a 4xx answer, a connection
    that broke) is tried again after growing pauses, for a day; then it is said that it failed.
    """
    message = OutboxMessage.objects.get(pk=args["message"])
    waiting = _waiting(message)
    if waiting:
        _send_to(message, waiting, progress)
        waiting = _waiting(message)
    if waiting and progress.looked_at - message.not_before < GIVE_UP_AFTER:
        raise jobs.Later(progress.looked_at + pause_after(max(one.attempts for one in waiting)))

    def finish() -> dict[str, Any]:
        _give_up(message, waiting)
        OutboxMessage.objects.filter(pk=message.pk).update(state=MessageState.DONE)
        states = message.recipients.values_list("state", flat=True)
        return {state: list(states).count(state) for state in sorted(set(states))}

    return finish


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: a minute, twice as long each time, an hour."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << max(0, min(attempts, 10) - 1)))


def _waiting(message: OutboxMessage) -> list[OutboxRecipient]:
    return list(message.recipients.filter(state=RecipientState.WAITING).order_by("pk"))


def _give_up(message: OutboxMessage, waiting: Sequence[OutboxRecipient]) -> None:
    """Say of each who still waits that a day was not enough, with the last answer."""
    with override(message.language):
        for recipient in waiting:
            answer = _("一天内未能送达。%(answer)s") % {"answer": recipient.answer}
            OutboxRecipient.objects.filter(pk=recipient.pk, state=RecipientState.WAITING).update(
                state=RecipientState.REFUSED, answer=answer[:ANSWER_AT_MOST]
            )
            logger.error("message %s given up for recipient %s", message.pk, recipient.pk)


def _send_to(
    message: OutboxMessage, waiting: Sequence[OutboxRecipient], progress: jobs.Progress
) -> None:
    """Try each recipient once over one connection, noting each answer before the next."""
    attachments = _attachments(message)
    to = ", ".join(_header(one) for one in message.recipients.order_by("pk"))
    connection: BaseEmailBackend | None = None
    try:
        for number, recipient in enumerate(waiting):
            if not claim(recipient, progress.looked_at):
                continue
            mail = _mail(message, recipient, to, attachments)
            answer, connection = _attempt(mail, connection)
            note(recipient, answer)
            progress.report(number + 1, len(waiting))
    finally:
        if connection is not None:
            connection.close()


def claim(recipient: OutboxRecipient, at: datetime) -> bool:
    """Take one attempt by compare-and-set: of two workers only one writes to this address.

    An attempt without an answer is still on its way, unless it began long ago.
    """
    is_free = Q(attempts=0) | ~Q(answer="") | Q(tried_at__lte=at - IN_FLIGHT)
    taken = OutboxRecipient.objects.filter(
        is_free, pk=recipient.pk, state=RecipientState.WAITING, attempts=recipient.attempts
    ).update(attempts=F("attempts") + 1, tried_at=at, answer="")
    recipient.attempts += 1
    return bool(taken)


def note(recipient: OutboxRecipient, answer: Answer) -> None:
    """Write the server's answer to this attempt; at once, whatever comes next."""
    OutboxRecipient.objects.filter(pk=recipient.pk, attempts=recipient.attempts).update(
        state=answer.state, answer=answer.text[:ANSWER_AT_MOST]
    )


def _attempt(
    mail: EmailMessage, connection: BaseEmailBackend | None
) -> tuple[Answer, BaseEmailBackend | None]:
    """One envelope; the answer, and the connection when it is still good."""
    try:
        if connection is None:
            connection = get_connection()
            connection.open()
    except (OSError, smtplib.SMTPException) as error:
        # The server is away, or turns us all away: nobody in particular is refused.
        return Answer(RecipientState.WAITING, _words(error), is_connection_lost=True), None
    try:
        connection.send_messages([mail])
    except (OSError, smtplib.SMTPException) as error:
        answer = judged(error)
        if answer.is_connection_lost:
            _drop(connection)
            return answer, None
        return answer, connection
    return Answer(RecipientState.SENT, ""), connection


def judged(error: OSError | smtplib.SMTPException) -> Answer:
    """5xx refuses for good; 4xx, and a connection that broke, may be tried again."""
    words = _words(error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = min((code for code, _said in error.recipients.values()), default=0)
    elif isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
    else:
        return Answer(RecipientState.WAITING, words, is_connection_lost=True)
    if 500 <= code < 600:
        return Answer(RecipientState.REFUSED, words)
    return Answer(RecipientState.WAITING, words, is_connection_lost=code in (-1, 421))


def _words(error: OSError | smtplib.SMTPException) -> str:
    """The server's answer as it came, or what the system says of the connection."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        said = error.recipients.values()
        return "; ".join(f"{code} {_decoded(text)}" for code, text in said)
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_decoded(error.smtp_error)}"
    return str(error) or type(error).__name__


def _decoded(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def _drop(connection: BaseEmailBackend) -> None:
    """Close what the other side has closed already."""
    try:
        connection.close()
    except (OSError, smtplib.SMTPException) as error:
        logger.info("closing a broken connection: %s", error)


def _header(recipient: OutboxRecipient) -> str:
    local, _at, domain = recipient.address.rpartition("@")
    return str(Address(recipient.name, local, domain))


def _mail(
    message: OutboxMessage,
    recipient: OutboxRecipient,
    to: str,
    attachments: Sequence[tuple[str, bytes, str]],
) -> EmailMessage:
    return EmailMessage(
        subject=message.subject,
        body=message.body,
        to=[recipient.address],
        headers={
            "To": to,
            "Message-ID": message.message_id,
            "Date": format_datetime(message.created_at),
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.language,
        },
        attachments=list(attachments),
    )


def _attachments(message: OutboxMessage) -> list[tuple[str, bytes, str]]:
    """The files, in the message's order; ValueError when one is no longer what was stored."""
    stored = StoredFile.objects.in_bulk(message.file_ids)
    return [
        (file.name, files.content_of(file), file.content_type)
        for file in (stored[pk] for pk in message.file_ids)
    ]
