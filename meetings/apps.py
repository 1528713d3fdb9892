"""App configuration."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    """Names the app; registers nothing."""

    name = "meetings"
