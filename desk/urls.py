"""The desk's pages and what every page asks for: home, go anywhere, theme, calendar marks."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from core.pages import calendar_marks, choose_theme, put_away
from desk import style
from desk.views import go, home, more, waiting
from organization.middleware import before_first_password

urlpatterns = [
    path("", home, name="home"),
    path("go/", go, name="go"),
    path("more/", more, name="more"),
    path("waiting/", waiting, name="waiting"),
    path("put-away/", put_away, name="put-away"),
    path("theme/", login_not_required(before_first_password(choose_theme)), name="choose-theme"),
    path("calendar-marks/", calendar_marks, name="calendar-marks"),
    path("style/", style.style_page, name="style"),
    path("style/answers/", style.style_answers, name="style-answers"),
]
