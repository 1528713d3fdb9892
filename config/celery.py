"""Celery carries one kind of message: "job N may be run now". Jobs themselves are rows."""

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings  # settings need the line above

app = Celery("bihuan")


def _configured() -> dict[str, Any]:
    """Read when first asked for: settings import this package on their way."""
    return {
        "broker_url": settings.REDIS_URL or None,
        "broker_connection_retry_on_startup": True,
        # A web request must not wait for a broker that is gone: the tick finds the row anyway.
        "broker_transport_options": {
            "visibility_timeout": 3600,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 1,
            "socket_timeout": 5,
            "max_retries": 0,
        },
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "timezone": "Asia/Shanghai",
        "enable_utc": True,
        "beat_schedule": {
            "tick": {"task": "core.tick", "schedule": 60.0, "options": {"expires": 55}}
        },
        "imports": ["core.tasks"],
    }


app.add_defaults(_configured)
