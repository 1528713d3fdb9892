"""App configuration."""

from django.apps import AppConfig


class OrganizationConfig(AppConfig):
    """Names the app; registers nothing."""

    name = "organization"
