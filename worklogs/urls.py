"""The week's pages: each subject keeps its own addresses, they stand together here."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver

from worklogs import converters as converters

SUBJECTS = ("logs", "summaries", "board", "rollups", "company")

urlpatterns: list[URLPattern | URLResolver] = [
    pattern
    for subject in SUBJECTS
    if find_spec(f"worklogs.views.{subject}")
    for pattern in import_module(f"worklogs.views.{subject}").urlpatterns
]
