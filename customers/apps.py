"""App configuration."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Names the app; registers nothing."""

    name = "customers"
