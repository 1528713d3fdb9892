"""What stories share is there for each of them as it was, and goes when another kind comes."""

from functools import partial

import pytest

from organization.models import Branch
from tests.cast import Cast, make_cast
from tests.kept import KEPT, Kept, begin_with

pytestmark = pytest.mark.django_db


def test_what_fails_halfway_leaves_nothing() -> None:
    def half() -> Cast:
        make_cast()
        raise LookupError

    for _time in range(2):
        with pytest.raises(LookupError):
            Kept(half).put_up()
        assert not Branch.objects.exists()


def test_one_beginning_stands_at_a_time_and_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def company(name: str) -> Cast:
        made.append(name)
        cast = make_cast()
        Branch.objects.filter(pk=cast.east.pk).update(name=name)
        return cast

    for name in ("one", "other"):
        monkeypatch.setitem(KEPT, name, Kept(partial(company, name)))
    begin_with(["one", "clock"])
    first = KEPT["one"].again()
    first["林晓岚"].name = "changed"
    begin_with(["one"])
    assert KEPT["one"].again()["林晓岚"].name == "林晓岚"
    begin_with(["other"])
    assert Branch.objects.get(code="CD").name == "other"
    begin_with([])
    assert not Branch.objects.exists()
    assert made == ["one", "other"]
