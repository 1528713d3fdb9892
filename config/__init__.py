"""Settings, urls, the broker's client and the tables that name upper apps."""

from config.celery import app as celery_app

__all__ = ("celery_app",)
