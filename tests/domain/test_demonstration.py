"""The sign-in page of the demonstration says who can be tried; every other one is silent."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django.test import Client

from organization.demonstration import PASSWORD_FILE
from organization.models import Person
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def demonstration(cast: Cast, settings: Any, tmp_path: Path) -> Cast:
    """The demonstration's password is kept; 林晓岚, 周建平 and 韩静 have it."""
    settings.VAR_DIR = tmp_path
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / PASSWORD_FILE).write_text("kao-Ruan-31ti\n", encoding="utf-8")
    known = [cast[who].pk for who in ("林晓岚", "周建平", "韩静")]
    Person.objects.filter(pk__in=known).update(
        password=make_password("kao-Ruan-31ti"), must_change_password=False
    )
    settings.DEMONSTRATION = True
    return cast


def page() -> str:
    return Client().get("/sign-in/").content.decode()


def numbers() -> list[str]:
    return [part.split("</code>")[0] for part in page().split("<code>")[1:]]


def test_it_lists_one_number_per_role(demonstration: Cast) -> None:
    wanted = [demonstration[who].job_number for who in ("林晓岚", "周建平", "韩静")]
    assert numbers() == wanted
    assert "kao-Ruan-31ti" not in page()


def test_who_chose_an_own_password_is_not_listed(demonstration: Cast) -> None:
    own = make_password("another-one-12")
    Person.objects.filter(pk=demonstration["韩静"].pk).update(password=own)
    assert numbers() == [demonstration[who].job_number for who in ("林晓岚", "周建平")]


def test_without_the_setting_or_without_the_demonstration_it_is_silent(
    demonstration: Cast, settings: Any, tmp_path: Path
) -> None:
    settings.DEMONSTRATION = False
    assert "演示" not in page()
    settings.DEMONSTRATION = True
    (tmp_path / "secrets" / PASSWORD_FILE).unlink()
    assert "演示" not in page()


def test_a_loaded_database_says_where_its_sign_ins_are_told(cast: Cast) -> None:
    with pytest.raises(CommandError, match=r"`manage\.py sign_ins` prints"):
        call_command("load_demo")
