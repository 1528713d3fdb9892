"""How many requests a minute, said in every answer."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.counting import counted

WINDOW_SECONDS = 60


@dataclass(frozen=True)
class Allowance:
    """What is left of a minute."""

    limit: int
    used: int
    reset_seconds: int

    def headers(self) -> dict[str, str]:
        """RateLimit-* as the answer carries them."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "RateLimit-Reset": str(self.reset_seconds),
        }


def used_up(name: str, limit: int, at: datetime) -> Allowance:
    """Count a request of ``name`` in the minute of ``at``."""
    second = int(at.timestamp())
    used = counted(f"api:{name}:{second // WINDOW_SECONDS}", 2 * WINDOW_SECONDS)
    return Allowance(limit, used, WINDOW_SECONDS - second % WINDOW_SECONDS)


def _name_of(request: Request) -> str:
    """The token, or the person of a signed-in browser; "" for who is unknown."""
    if request.auth is not None:
        return f"token:{request.auth.pk}"
    pk = getattr(request.user, "pk", None)
    return f"person:{pk}" if pk else ""


class PerMinute(BaseThrottle):
    """API_REQUESTS_A_MINUTE per token, per signed-in person, or else per address."""

    allowance: Allowance | None = None

    def allow_request(self, request: Request, view: object) -> bool:
        """Whether the request is within the minute's number."""
        name = _name_of(request) or f"address:{self.get_ident(request)}"
        at: datetime = view.at  # type: ignore[attr-defined]
        self.allowance = used_up(name, settings.API_REQUESTS_A_MINUTE, at)
        view.allowance = self.allowance  # type: ignore[attr-defined]
        return self.allowance.used <= self.allowance.limit

    def wait(self) -> float | None:
        """Seconds until the next minute."""
        return float(self.allowance.reset_seconds) if self.allowance else None
