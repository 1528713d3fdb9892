"""What leaves through a door is written down, or does not leave (C6, C8)."""

import pytest

from confidentiality.models import Disclosure
from confidentiality.operations import disclose
from core import files
from core.errors import NotAllowed
from core.models import AuditRow
from tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db


def test_every_hand_out_is_noted(cast: Cast) -> None:
    zhou = cast.actor("周建平")
    file = files.store(
        content=b"workbook",
        name="汇总.xlsx",
        content_type="application/octet-stream",
        kind="rollup",
        actor=zhou,
        at=NOON,
        branch_id=cast.east.pk,
    )
    noted = disclose(
        actor=zhou,
        at=NOON,
        name=file.name,
        sha256=file.sha256,
        rows=12,
        file=file,
        level=file.level,
        branch_id=file.branch_id,
    )
    assert list(Disclosure.objects.values_list("person__name", "name", "rows", "level")) == [
        ("周建平", "汇总.xlsx", 12, 2)
    ]
    assert (noted.sha256, noted.disclosed_at) == (file.sha256, NOON)
    assert AuditRow.objects.get().what == "confidentiality.disclose"


def test_a_file_of_another_branch_does_not_leave(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        disclose(
            actor=cast.actor("郑秋实"),
            at=NOON,
            name="汇总.xlsx",
            sha256="0" * 64,
            branch_id=cast.east.pk,
        )
    assert not Disclosure.objects.exists()


def test_a_file_that_was_tampered_with_is_not_handed_out(cast: Cast) -> None:
    file = files.store(
        content=b"genuine",
        name="a.txt",
        content_type="text/plain",
        kind="test",
        actor=cast.actor("周建平"),
        at=NOON,
    )
    path = files.path_of(file.sha256)
    path.write_bytes(b"forged")
    with pytest.raises(ValueError, match="not what was stored"):
        files.content_of(file)
    path.unlink()
