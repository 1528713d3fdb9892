"""App configuration."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Names the app; registers nothing."""

    name = "core"
