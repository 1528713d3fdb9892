"""What is logged of requests names no secret address: calendar feeds, sign-in codes."""

import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from gunicorn.config import Config

from config.request_log import RequestLogger, WithoutSecrets, without_secrets
from tests.deploy.compose import read
from tools.terminal import ROOT

CODE = "2t-kx1v3w-0123456789abcdef"
SECRET = "Zm9vYmFyYmF6cXV4-_"


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        (f"GET /s/{CODE}/ HTTP/1.1", "GET /s/…/ HTTP/1.1"),
        (f"GET /calendar-feed/{SECRET}.ics", "GET /calendar-feed/…"),
        (f"GET /sign-in/?next=%2Fs%2F{CODE}%2F&a=1", "GET /sign-in/?next=%2Fs%2F…%2F&a=1"),
        (f"GET /sign-in/?next=/s/{CODE}/", "GET /sign-in/?next=/s/…/"),
        ("GET /meetings/?month=2026-11 HTTP/1.1", "GET /meetings/?month=2026-11 HTTP/1.1"),
        ("GET /calendar-feed/ HTTP/1.1", "GET /calendar-feed/ HTTP/1.1"),
    ],
)
def test_secrets_in_addresses_are_taken_out(said: str, logged: str) -> None:
    assert without_secrets(said) == logged


def test_the_web_servers_log_has_neither_the_address_nor_the_page_referred_from(
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = Config()
    config.set("accesslog", "-")
    path = f"/calendar-feed/{SECRET}.ics"
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": path,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": f"https://bihuan.example/s/{CODE}/",
    }
    answer = SimpleNamespace(status="200 OK", sent=9, headers=[])
    log = RequestLogger(config)
    log.access(answer, SimpleNamespace(headers=[]), environ, timedelta())
    log.error("Error handling request %s", path)
    said = "".join(capsys.readouterr())
    assert said.count("/calendar-feed/…") == 2
    assert "https://bihuan.example/s/…/" in said
    assert (SECRET in said, CODE in said) == (False, False)


@pytest.mark.django_db
def test_the_applications_log_names_no_secret_either(caplog: pytest.LogCaptureFixture) -> None:
    [console] = [one for one in logging.root.handlers if one.filters]
    assert isinstance(console.filters[0], WithoutSecrets)
    Client().get(f"/calendar-feed/{SECRET}.ics")
    [record] = [one for one in caplog.records if one.name == "django.request"]
    assert console.filter(record)
    assert console.format(record).endswith("Not Found: /calendar-feed/…")


def test_both_ways_of_running_log_by_it() -> None:
    settings = {"BASE_URL": "https://bihuan.example", "EMAIL_URL": "smtp://mail.example"}
    web = read(settings)["web"]
    assert "--logger-class=config.request_log.RequestLogger" in web.command
    assert "config.request_log.RequestLogger" in (ROOT / "tools" / "bootstrap.py").read_text()
