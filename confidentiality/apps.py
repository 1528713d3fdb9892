"""App configuration."""

from django.apps import AppConfig


class ConfidentialityConfig(AppConfig):
    """Names the app; registers nothing."""

    name = "confidentiality"
