"""What a level of confidentiality permits (C6, C8, annex 9.1)."""

import pytest

from confidentiality.rules import may_be_handed_out


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
