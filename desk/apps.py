"""App configuration."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Names the app; registers nothing."""

    name = "desk"
