"""App configuration."""

from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    """Names the app; registers nothing."""

    name = "inspections"
