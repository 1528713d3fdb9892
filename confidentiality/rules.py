"""What a level permits (annex 9.1), as pure functions."""

from collections.abc import Collection

OPEN, INTERNAL, SECRET, CORE_SECRET = 1, 2, 3, 4


def may_be_handed_out(
    level: int, *, is_of_own_branch: bool, roles: Collection[str], is_named: bool = False
) -> bool:
    """Whether somebody may be handed a file of this level (C2, C6, C8, annex 9.1).

    Open files go to everybody who may sign in, internal ones to staff of the branch and to
    head office, secrets to those who work with them, core secrets to named persons only —
    which, where nobody is named, is the general manager. ``is_named`` says that the actor is one
    of those named for this very thing.
    """
    if level <= OPEN:
        return True
    if level == INTERNAL:
        return is_of_own_branch
    if is_named:
        return is_of_own_branch
    if level == SECRET:
        return is_of_own_branch and not {"manager", "auditor"} >= set(roles)
    return is_of_own_branch and bool({"gm", "confidentiality"} & set(roles))
