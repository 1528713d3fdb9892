"""App configuration."""

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    """Names the app; registers nothing."""

    name = "duties"
