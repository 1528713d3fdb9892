"""The trail can only grow, on both databases; whoever removes the guards is noticed."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from core import audit, guards
from core.models import AuditRow, AuditSeal
from tests.cast import NOON, Cast


@pytest.fixture
def row(cast: Cast) -> AuditRow:
    """A row of the trail, and a seal."""
    AuditSeal.objects.create(first_id=1, last_id=1, rows=1, digest="x", sealed_at=NOON)
    return audit.record(
        actor=cast.actor("林晓岚"), at=NOON, what="test", target_type="test", target_id=1
    )


ATTACKS: dict[str, Callable[[], object]] = {
    "update": lambda: AuditRow.objects.update(why="forged"),
    "delete": lambda: AuditRow.objects.all().delete(),
    "raw": lambda: connection.cursor().execute("DELETE FROM core_auditrow"),
    "seal": lambda: AuditSeal.objects.update(digest="forged"),
    "seals": lambda: AuditSeal.objects.all().delete(),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_row_of_the_trail_is_neither_changed_nor_removed(row: AuditRow, attack: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ATTACKS[attack]()
    assert AuditRow.objects.get(pk=row.pk).why == ""
    assert AuditSeal.objects.get().digest == "x"


@pytest.mark.parametrize("attack", ATTACKS)
def test_without_the_guards_the_same_attacks_succeed(row: AuditRow, attack: str) -> None:
    guards.remove()
    ATTACKS[attack]()
    assert list(AuditRow.objects.values_list("why")) != [("",)] or attack.startswith("seal")
    assert list(AuditSeal.objects.values_list("digest")) != [("x",)] or attack[:4] != "seal"


@pytest.mark.pg
def test_nor_is_the_whole_table_emptied(row: AuditRow) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute("TRUNCATE core_auditrow")


def test_missing_guards_make_the_installation_not_ready(db: None) -> None:
    ready = Client().get("/readyz")
    assert (ready.status_code, ready.content) == (200, b"ready\n")
    guards.remove()
    assert guards.missing() == guards.names()
    assert guards.check_guards(None, databases=["default"])[0].id == "core.C001"
    not_ready = Client().get("/readyz")
    assert (not_ready.status_code, not_ready.content) == (503, b"not ready\n")
    assert Client().get("/livez").content == b"ok\n"


def test_migrate_makes_the_guards_anew(db: None) -> None:
    guards.remove()
    call_command("migrate", verbosity=0)
    assert guards.missing() == set()
    assert guards.check_guards(None, databases=["default"]) == []


@pytest.mark.django_db(transaction=True)
def test_a_story_with_real_transactions_leaves_guards_behind() -> None:
    assert guards.missing() == set()
