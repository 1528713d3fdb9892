"""App configuration."""

from django.apps import AppConfig

# Imported for its system check, which `manage.py check --database default` runs.
from core import guards as guards


class CoreConfig(AppConfig):
    """Names the app; registers nothing."""

    name = "core"
