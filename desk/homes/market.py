"""The market department's day: all branches in the present week."""

from django.http import HttpResponse

from core import clock
from core.periods import Week, local_date
from core.requests import SignedInRequest
from duties.due_queries import due_agenda
from worklogs.views.company import company_page


def home(request: SignedInRequest) -> HttpResponse:
    """Which branch did not do what; beside it what the month wants."""
    at = clock.now()
    due = due_agenda(request.actor.somebody, at)
    return company_page(request, Week.containing(local_date(at)), at, due=due)
