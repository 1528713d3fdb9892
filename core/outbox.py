"""Outgoing messages: written complete, in the transaction of the change they tell of."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core import jobs
from core.models import OutboxMessage, OutboxRecipient


@dataclass(frozen=True)
class Addressee:
    """Where a message goes: an address, and whose it is."""

    address: str
    name: str = ""
    person_id: int | None = None


@dataclass(frozen=True)
class Letter:
    """A message to write: subject, plain text, files, whom it goes to, not before when."""

    kind: str
    key: str
    language: str
    subject: str
    body: str
    addressees: tuple[Addressee, ...]
    not_before: datetime
    file_ids: tuple[int, ...] = ()
    branch_id: int | None = None


def post(letter: Letter, *, at: datetime) -> OutboxMessage:
    """Write one message with its recipients and the job that delivers it.

    ``letter.key`` makes the Message-ID: the same letter posted twice is one message.
    """
    post_all([letter], at=at)
    return OutboxMessage.objects.get(message_id=message_id_of(letter))


def message_id_of(letter: Letter) -> str:
    """The Message-ID: fixed by kind and key, so that a repeat can be recognised."""
    unique = uuid.uuid5(uuid.NAMESPACE_URL, f"{letter.kind}:{letter.key}")
    return f"<{unique}@bihuan>"


def post_all(letters: Sequence[Letter], *, at: datetime) -> int:
    """Write many messages in a fixed number of statements; how many were new."""
    by_id = {message_id_of(letter): letter for letter in letters if letter.addressees}
    known = set(
        OutboxMessage.objects.filter(message_id__in=by_id).values_list("message_id", flat=True)
    )
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                kind=letter.kind,
                language=letter.language,
                subject=_one_line(letter.subject)[:200],
                body=letter.body,
                file_ids=list(letter.file_ids),
                branch_id=letter.branch_id,
                digest_key=letter.key,
                not_before=letter.not_before,
                created_at=at,
                message_id=message_id,
            )
            for message_id, letter in by_id.items()
            if message_id not in known
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    written = OutboxMessage.objects.filter(message_id__in=by_id.keys() - known).values_list(
        "pk", "message_id"
    )
    keys = dict(written)
    OutboxRecipient.objects.bulk_create(
        [
            OutboxRecipient(
                message_id=pk,
                address=addressee.address,
                name=_one_line(addressee.name),
                person_id=addressee.person_id,
            )
            for pk, message_id in keys.items()
            for addressee in _once(by_id[message_id].addressees)
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    jobs.enqueue_all(
        "core.deliver",
        [
            (str(pk), {"message": pk}, by_id[message_id].not_before)
            for pk, message_id in keys.items()
        ],
        at=at,
    )
    return len(keys)


def _one_line(text: str) -> str:
    """What stands in a header: a line break there would be refused, or begin another header."""
    return " ".join(text.split())


def _once(addressees: Iterable[Addressee]) -> list[Addressee]:
    """Each address once, in the order given."""
    return list({addressee.address: addressee for addressee in addressees}.values())
