"""An empty installation gets its first two people from the shell, once."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.models import AuditRow
from organization.models import Person, RoleGrant

pytestmark = pytest.mark.django_db
TWO = {"sysadmin": ["100003", "马骏"], "secadmin": ["100004", "宋琪"]}


def test_two_people_two_one_time_passwords() -> None:
    out = StringIO()
    call_command("found_company", stdout=out, **TWO)
    lines = [line.split(" ") for line in out.getvalue().splitlines()]
    assert [line[:3] for line in lines] == [
        ["sysadmin", "100003", "马骏"],
        ["secadmin", "100004", "宋琪"],
    ]
    for _role, number, _name, password in lines:
        person = Person.objects.get(job_number=number)
        assert person.check_password(password)
        assert person.must_change_password
    grants = RoleGrant.objects.order_by("role").values_list("role", "branch__code")
    assert list(grants) == [("secadmin", "B000"), ("sysadmin", "B000")]
    assert AuditRow.objects.filter(what="organization.found_company").count() == 2


def test_a_company_is_founded_once_and_by_two() -> None:
    with pytest.raises(CommandError):
        call_command("found_company", sysadmin=["1", "甲"], secadmin=["1", "甲"])
    assert not Person.objects.exists()
    call_command("found_company", stdout=StringIO(), **TWO)
    with pytest.raises(CommandError):
        call_command("found_company", stdout=StringIO(), **TWO)
