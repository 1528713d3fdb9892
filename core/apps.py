"""App configuration."""

from django.apps import AppConfig

# Imported for their system checks.
from core import checks as checks
from core import guards as guards


class CoreConfig(AppConfig):
    """Names the app; registers nothing."""

    name = "core"
