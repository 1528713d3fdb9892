"""Names of managers in texts: job numbers for those who are not of the own branch (annex 8)."""

import re
from collections.abc import Mapping
from typing import Any, Final

# Where a person is spoken of in a frozen text: ⟦id⟧.
_MARK: Final = re.compile("⟦([0-9]+)⟧")


class Masking:
    """The people that may be named somewhere, by id: {"job_number", "name", "branch"}.

    Where texts may know somebody by another name, "also" holds it.
    """

    def __init__(self, people: Mapping[str, Mapping[str, Any]]) -> None:
        self._people = people
        self._ids: dict[str, list[str]] = {}
        for person_id, person in people.items():
            for name in filter(None, (person["name"], person.get("also"))):
                self._ids.setdefault(name, []).append(person_id)
        names = sorted(self._ids, key=lambda name: (-len(name), name))
        self._names = re.compile("|".join(map(re.escape, names))) if names else None

    def marked(self, text: str) -> str:
        """The text with a mark in the place of each name; who share a name share the first's."""
        if self._names is None:
            return text
        return self._names.sub(lambda found: f"⟦{self._ids[found[0]][0]}⟧", text)

    def named_in(self, text: str) -> list[str]:
        """The names in a text, each once, in their order."""
        return [] if self._names is None else list(dict.fromkeys(self._names.findall(text)))

    def person(self, person_id: int | str, branch_id: int | None) -> str:
        """A person as an edition shows him: by name in his own branch's, else by job number."""
        person = self._people[str(person_id)]
        is_own = branch_id is not None and person["branch"] == branch_id
        return str(person["name"] if is_own else person["job_number"])

    def told(self, text: str, branch_id: int | None) -> str:
        """A marked text as an edition says it: the own branch's people by name."""

        def said(found: re.Match[str]) -> str:
            person = self._people[found[1]]
            is_own = branch_id is not None and person["branch"] == branch_id
            return str(person["name"] if is_own else f"工号{person['job_number']}")

        return _MARK.sub(said, text)

    def shown(self, text: str, branch_id: int | None) -> str:
        """The same of a text that somebody wrote, with names in it."""
        return self.told(self.marked(text), branch_id)
