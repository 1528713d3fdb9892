"""App configuration."""

from django.apps import AppConfig


class WorklogsConfig(AppConfig):
    """Names the app; registers nothing."""

    name = "worklogs"
