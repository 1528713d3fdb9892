"""The month's figures as one edition looks at them, for its tables and charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from reports.masking import Masking

Figures = Mapping[str, Any]
NOT_CHECKED: Final = "本月未检查"


@dataclass(frozen=True)
class View:
    """The figures as one edition looks at them."""

    figures: Figures
    branch_id: int | None
    masking: Masking
    # The day of publication, or on which it is looked at before.
    on: date = date.min

    def own(self, rows: Sequence[Figures], key: str = "branch") -> list[Figures]:
        """All rows of the company's edition, the own ones of a branch's."""
        return [row for row in rows if self.branch_id is None or row[key] == self.branch_id]

    @property
    def branches(self) -> list[Figures]:
        """The branches whose rows are shown in detail."""
        return self.own(self.figures["branches"], "id")

    def checks(self, item: Figures) -> bool:
        """Whether an item was checked anywhere in this edition."""
        return any(line["is_checked"] for line in self.own(item["lines"]))

    @property
    def names(self) -> dict[int, str]:
        """What each branch is called."""
        return {branch["id"]: branch["name"] for branch in self.figures["branches"]}

    @property
    def short_names(self) -> dict[int, str]:
        """城东 for 城东分公司, where room is scarce; whole names where two would be the same."""
        names = self.names
        short = {
            branch: name.removesuffix("分公司").removesuffix("支行") or name
            for branch, name in names.items()
        }
        return short if len(set(short.values())) == len(short) else names

    def who(self, person_id: int | None) -> str:
        """A person: job number, or the name in the own branch's edition."""
        return "" if person_id is None else self.masking.person(person_id, self.branch_id)

    @property
    def who_label(self) -> str:
        """What the column of people is called."""
        return "工号" if self.branch_id is None else "姓名"


def ranked(branches: Sequence[Figures]) -> list[Figures]:
    """By rank; who has none stands last."""
    return sorted(branches, key=lambda one: (one["rank"] is None, one["rank"] or 0, one["code"]))


def text_of(value: object) -> str:
    """The value as a cell holds it; nothing is an empty one."""
    return "" if value is None else str(value)
