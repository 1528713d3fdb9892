"""App configuration."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Names the app; registers nothing."""

    name = "reports"
