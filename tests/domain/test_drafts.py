"""Drafts as typed: a window's own saves follow each other, another window's are told."""

import pytest

from core.drafts import Window, draft_of, save_draft, save_in_turn
from core.errors import Stale
from core.models import Draft
from tests.cast import NOON

pytestmark = pytest.mark.django_db
OWNER = 7
HERE, THERE = "here0001", "there001"


def saved(text: str, version: int, window: str = "", sequence: int = 0) -> Draft:
    return save_draft(
        owner_id=OWNER,
        key="minutes:1",
        body={"text": text},
        expected_version=version,
        at=NOON,
        window=Window(window, sequence),
    )


def standing() -> tuple[str, int]:
    draft = draft_of(OWNER, "minutes:1")
    assert draft is not None
    return draft.body["text"], draft.version


def test_the_last_words_follow_the_save_that_was_under_way() -> None:
    saved("一", 0, HERE, 1)
    saved("一二", 0, HERE, 2)
    assert standing() == ("一二", 2)
    saved("一二三", 2, HERE, 3)
    saved("一二三四", 2, HERE, 4)
    saved("一二三四五", 0, HERE, 5)
    assert standing() == ("一二三四五", 5)


def test_an_older_save_that_comes_behind_is_passed_over() -> None:
    saved("一", 0, THERE, 9)
    saved("一二三", 1, HERE, 2)
    late = saved("一二", 1, HERE, 1)
    assert (late.version, standing()) == (2, ("一二三", 2))


def test_a_window_that_saved_in_between_is_another_one() -> None:
    saved("一", 0, HERE, 1)
    saved("那边", 1, THERE, 1)
    with pytest.raises(Stale) as stale:
        saved("一二", 1, HERE, 2)
    assert stale.value.current["body"] == {"text": "那边"}
    # Having seen it, this window goes on; what it saw before stays another's.
    saved("两边", 2, HERE, 3)
    with pytest.raises(Stale):
        saved("又", 1, HERE, 4)
    assert standing() == ("两边", 3)


@pytest.mark.parametrize("window", ["", THERE])
def test_who_does_not_say_which_window_is_another_one(window: str) -> None:
    saved("一", 0, window, 1)
    with pytest.raises(Stale):
        saved("二", 0, HERE if window else "", 2)
    saved("三", 1)
    with pytest.raises(Stale):
        saved("四", 1, window, 3)


def test_what_is_no_draft_is_saved_in_turn_likewise() -> None:
    thing = {"version": 4, "text": ""}

    def put(text: str, version: int, window: str, sequence: int) -> int:
        def save(expected: int) -> int:
            if expected != thing["version"]:
                raise Stale(dict(thing))
            thing.update(version=expected + 1, text=text)
            return expected + 1

        return save_in_turn(
            owner_id=OWNER,
            thing="bulletin:1",
            expected_version=version,
            at=NOON,
            window=Window(window, sequence),
            save=save,
        )

    assert put("一", 4, HERE, 1) == 5
    assert put("一二三", 4, HERE, 3) == 6
    assert (put("一二", 4, HERE, 2), thing["text"]) == (6, "一二三")
    with pytest.raises(Stale):
        put("那边", 4, THERE, 1)
    assert put("那边", 6, THERE, 2) == 7
    with pytest.raises(Stale):
        put("一二三四", 6, HERE, 4)
    assert thing["text"] == "那边"
