"""App configuration."""

from django.apps import AppConfig


class KpiConfig(AppConfig):
    """Names the app; registers nothing."""

    name = "kpi"
