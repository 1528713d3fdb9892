"""One meeting: where it stands, and what can be done about it."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
