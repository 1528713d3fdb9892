"""What a level of confidentiality permits (C6, C8, annex 9.1)."""

import pytest

from confidentiality.rules import CORE_SECRET, INTERNAL, SECRET, may_be_handed_out
from meetings.minutes_rules import level_borne, may_read_minutes


@pytest.mark.parametrize(
    ("level", "is_of_own_branch", "roles", "permitted"),
    [
        (1, False, {"manager"}, True),
        (2, True, {"manager"}, True),
        (2, False, {"supervisor"}, False),
        (3, True, {"manager"}, False),
        (3, True, {"supervisor"}, True),
        (3, True, {"manager", "supervisor"}, True),
        (3, True, {"auditor"}, False),
        (4, True, {"supervisor"}, False),
        (4, True, {"gm"}, True),
        (4, False, {"gm"}, False),
    ],
)
def test_what_each_level_permits(
    level: int, is_of_own_branch: bool, roles: set[str], permitted: bool
) -> None:
    found = may_be_handed_out(level, is_of_own_branch=is_of_own_branch, roles=roles)
    assert found is permitted


@pytest.mark.parametrize("level", [SECRET, CORE_SECRET])
def test_whoever_is_named_is_handed_a_secret_of_the_own_branch(level: int) -> None:
    for is_own in (True, False):
        handed = may_be_handed_out(level, is_of_own_branch=is_own, roles={"manager"}, is_named=True)
        assert handed is is_own


@pytest.mark.parametrize(
    ("level", "was_expected", "leads_or_inspects", "may"),
    [
        (INTERNAL, False, False, True),
        (SECRET, False, False, False),
        (SECRET, True, False, True),
        (SECRET, False, True, True),
        (CORE_SECRET, False, False, False),
    ],
)
def test_minutes_above_internal_are_for_a_named_group(
    level: int, was_expected: bool, leads_or_inspects: bool, may: bool
) -> None:
    assert may is may_read_minutes(
        level, was_expected=was_expected, leads_or_inspects=leads_or_inspects
    )


@pytest.mark.parametrize(("own", "meeting", "borne"), [(2, 2, 2), (3, 2, 3), (2, 3, 3), (3, 3, 3)])
def test_a_version_bears_no_less_than_its_meeting(own: int, meeting: int, borne: int) -> None:
    assert level_borne(own, meeting) == borne
