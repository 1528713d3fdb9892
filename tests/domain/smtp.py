"""A real mail server for the stories, which does to each recipient what it was told to do."""

from asyncio import Transport
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tools.services import free_port

DROP = "drop"
DROP_AT_DATA = "drop at data"


@dataclass
class MailServer:
    """Takes mail for everybody but those in ``answers``: their answers are used up in turn.

    An answer is a line ("451 4.3.0 try again"), or one of the DROPs, which close the connection
    where the reply would stand.
    """

    answers: dict[str, list[str]] = field(default_factory=dict)
    accepted: list[tuple[str, EmailMessage]] = field(default_factory=list)
    attempts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    envelopes: list[list[str]] = field(default_factory=list)

    def next_answer(self, address: str) -> str:
        """The answer that stands first for the address, which is then used up."""
        waiting = self.answers.get(address)
        return waiting.pop(0) if waiting else ""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        """Answer for one recipient."""
        self.attempts[address] += 1
        if self.answers.get(address, [""])[:1] == [DROP_AT_DATA]:
            envelope.rcpt_tos.append(address)
            return "250 OK"
        answer = self.next_answer(address)
        if answer == DROP:
            _hang_up(server)
            return "421 gone"
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take the message, or go away before saying so."""
        if any(self.answers.get(one, [""])[:1] == [DROP_AT_DATA] for one in envelope.rcpt_tos):
            for one in envelope.rcpt_tos:
                self.next_answer(one)
            _hang_up(server)
            return "421 gone"
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.envelopes.append(list(envelope.rcpt_tos))
        self.accepted += [(one, mail) for one in envelope.rcpt_tos]
        return "250 OK"

    @property
    def copies(self) -> dict[str, int]:
        """How many copies each address got."""
        counts: dict[str, int] = {}
        for address, _mail in self.accepted:
            counts[address] = counts.get(address, 0) + 1
        return counts


def _hang_up(server: SMTP) -> None:
    """Break the connection as a machine does that goes away: without a word."""
    assert isinstance(server.transport, Transport)
    server.transport.abort()


@contextmanager
def mail_server(answers: dict[str, list[str]] | None = None) -> Iterator[tuple[MailServer, int]]:
    """Run a server on a free port of this machine for the length of the block."""
    server = MailServer({key: list(value) for key, value in (answers or {}).items()})
    port = free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield server, port
    finally:
        controller.stop()
