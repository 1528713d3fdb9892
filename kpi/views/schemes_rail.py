"""What the editor says beside the form: what is wrong, the sums, the frame, sample scores."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from core import canonical
from core.formats import number
from kpi.labels import name_of
from kpi.samples import Sample
from kpi.scheme import SchemeContent
from kpi.scheme_desk import Desk
from kpi.scheme_editing import KEY, Row, Working, built, specs_of
from kpi.scheme_fields import HEAD
from kpi.scheme_looks import Look, look_at
from kpi.scheme_places import Place, place_of
from kpi.scheme_texts import sentence
from kpi.scheme_words import bound_text, plain_number, share

REGULATION: Final = "40/20/40/±20"
_PARTS: Final = {
    "groups": "part-groups",
    "items": "part-items",
    "bands": "part-bands",
    "consequences": "part-consequences",
}


@dataclass(frozen=True)
class FaultLine:
    """A fault: what it says, the field it leads to, the item that must be opened for it."""

    text: str
    anchor: str
    opens: str = ""


@dataclass(frozen=True)
class SumLine:
    """A group's weights against its bounds."""

    key: str
    code: str
    name: str
    text: str
    is_right: bool


@dataclass(frozen=True)
class SampleLine:
    """A sample month: how much was reached, the total, the band."""

    share: str
    total: str
    band: str


@dataclass(frozen=True)
class Seen:
    """A desk looked at: what the page and the autosave's answer show."""

    desk: Desk
    look: Look
    errors: Mapping[str, str]
    faults_of: Mapping[str, int]
    lines: Sequence[FaultLine]
    label_set: str

    @property
    def title(self) -> str:
        """What is to be mended, or that nothing is."""
        if self.lines:
            return _("%(name)s：还有 %(n)d 处要改") % {
                "name": self.desk.working.head.get("name", ""),
                "n": len(self.lines),
            }
        return _("%(name)s：检查都通过") % {"name": self.desk.working.head.get("name", "")}

    @property
    def sums(self) -> list[SumLine]:
        """The groups' sums of weights, as far as they are numbers."""
        content = self.look.content
        if content is None:
            return []
        rows = self.desk.working.lists["groups"]
        found = []
        for row, group in zip(rows, content.groups, strict=True):
            limit = bound_text(group.minimum, group.maximum)
            weight = content.weight_of(group.code)
            text = limit if group.kind == "cases" else f"{plain_number(weight)} / {limit}"
            is_right = group.kind == "cases" or weight == group.maximum
            name = name_of(group.names, self.label_set)
            found.append(SumLine(row[KEY], group.code, name, text, is_right))
        return found

    @property
    def weight(self) -> str:
        """The sum of all weights; "" while it cannot be read."""
        return "" if self.look.weight is None else plain_number(self.look.weight)

    @property
    def is_hundred(self) -> bool:
        """Whether they come to 100."""
        return self.look.weight == Decimal(100)

    @property
    def departs_why(self) -> str:
        """In what it departs from the regulation's frame."""
        if self.look.frame != REGULATION:
            values = {"frame": self.look.frame, "regulation": REGULATION}
            return _("框架 %(frame)s；制度是 %(regulation)s") % values
        return _("有的组能得的分和上限不一样")

    @property
    def samples(self) -> list[SampleLine]:
        """Sample months scored."""
        content = self.look.content
        return sample_lines(content, self.look.samples, self.label_set) if content else []

    @property
    def shape(self) -> str:
        """Which rows there are, in which order."""
        return shape_of(self.desk.working)


def seen(desk: Desk, label_set: str) -> Seen:
    """Look at a desk."""
    working = desk.working
    look = look_at(built(working))
    errors: dict[str, str] = {}
    counts: Counter[str] = Counter()
    lines = []
    for fault in look.faults:
        place = place_of(working, fault.path)
        text = sentence(fault.code, fault.values)
        if place.field:
            errors.setdefault(place.field, text)
        if place.row:
            counts[place.row] += 1
        lines.append(fault_line(working, place, text))
    return Seen(desk, look, errors, counts, lines, label_set)


def fault_line(working: Working, place: Place, text: str) -> FaultLine:
    """A fault with the words for its place."""
    where = _words(working, place)
    separator = _("：")
    opens = place.row if place.path == "items" else ""
    anchor = f"f-{place.field}" if place.field else _anchor(place)
    return FaultLine(f"{where}{separator}{text}" if where else text, anchor, opens)


def _anchor(place: Place) -> str:
    return f"row-{place.row}" if place.row else _PARTS.get(place.path, "part-head")


def _words(working: Working, place: Place) -> str:
    """Whose field: M1 分值."""
    top = working.found(place.row)
    code = str(top[1].get("code", "")) if top else ""
    where, _dot, rest = place.field.partition(".")
    if where == "h":
        return str(next((spec.label for spec in HEAD if spec.key == rest), ""))
    key, _dot, inner = rest.partition(".")
    found = working.found(key)
    if found is None:
        return code
    path, row, _rows, above = found
    label = next((spec.label for spec in specs_of(path, row, above) if spec.key == inner), "")
    own = str(row.get("code", "")) if row[KEY] != place.row else ""
    return " ".join(str(part) for part in (code, own, label) if part)


def sample_lines(
    content: SchemeContent, samples: Sequence[Sample], label_set: str
) -> list[SampleLine]:
    """Sample months as they are shown."""
    bands = {band.code: name_of(band.names, label_set) for band in content.bands}
    found = []
    for sample in samples:
        made = sample.breakdown
        if made is None:
            why = sentence(sample.fault.code, sample.fault.values) if sample.fault else ""
            found.append(SampleLine(share(sample.share), "", why))
        else:
            band = bands.get(made.band, "")
            found.append(SampleLine(share(sample.share), number(made.total), band))
    return found


def shape_of(working: Working) -> str:
    """Which rows there are, in which order; kinds of formulas too, since they bring fields."""
    parts: list[str] = []
    row: Row
    for path, row, _rows, _above in working:
        parts += [path, row[KEY], str(row.get("formula.kind", ""))]
    return canonical.digest(parts)[:16]
