"""The supervisor's day: the board of the present week."""

from django.http import HttpResponse

from core import clock
from core.periods import Week, local_date
from core.requests import SignedInRequest
from worklogs.views.board import board_page


def home(request: SignedInRequest) -> HttpResponse:
    """Who has filed and who has not."""
    at = clock.now()
    return board_page(request, Week.containing(local_date(at)), at)
