"""What is logged of a request, without the secrets that stand in an address.

The address of a calendar feed opens it to whoever knows it, and a sign-in code opens a meeting's
sign-in for a minute. Both appear in the path, in ``next`` and in the page referred from.
"""

import logging
import re
from typing import Final

from gunicorn.config import Config
from gunicorn.glogging import Logger

_SLASH: Final = "(?:/|%2f)"
_SECRET: Final = re.compile(
    rf"({_SLASH}(?:s|calendar-feed){_SLASH})(?:(?!{_SLASH})[^?&\s\"])+", re.IGNORECASE
)


def without_secrets(text: str) -> str:
    """The text with an ellipsis for each secret: /calendar-feed/…, /s/…/."""
    return _SECRET.sub(r"\1…", text)


class WithoutSecrets(logging.Filter):
    """Lets every line pass, its secrets taken out."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Write the line anew."""
        record.msg, record.args = without_secrets(record.getMessage()), ()
        return True


class RequestLogger(Logger):  # type: ignore[misc]
    """The web server's log of requests and faults (gunicorn's ``--logger-class``)."""

    def setup(self, cfg: Config) -> None:
        """As gunicorn has it."""
        super().setup(cfg)
        for log in (self.access_log, self.error_log):
            log.addFilter(WithoutSecrets())
