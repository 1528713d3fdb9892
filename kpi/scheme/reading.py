"""The JSON of a scheme's content, in and out (see kpi.scheme.parts for its shape).

Numbers are decimal text without needless zeros, so that the same scheme always has the same JSON
and the same digest, whichever way it came. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from kpi.scheme.parts import (
    Band,
    ConsequenceSpec,
    Fault,
    FormulaSpec,
    Group,
    Item,
    Names,
    SchemeContent,
    SchemeFaults,
    Topic,
)

Part = TypeVar("Part")
# Keys of a formula's settings that hold numbers, at any depth.
_NUMBERS: Final = frozenset(
    (
        *("floor", "cap", "loss", "size", "target", "base", "gain", "lost_at_most"),
        *("from", "to", "points", "share", "otherwise", "least", "most"),
        *("pass_mark", "full_mark", "best"),
    )
)
_DIGITS: Final = 15
# items.0.formula.options.0.tiers.0.points, and a little more.
_DEPTH: Final = 10
_SIZE: Final = Decimal("1e12")
# What no workbook and no database keeps.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_LANGUAGES: Final = frozenset({"zh-hans", "en"})
_LABEL_SETS: Final = frozenset({"telecom", "bank"})


def decimal_text(number: Decimal) -> str:
    """A number as it is written here: without zeros at the end, never with an exponent."""
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


@dataclass
class _Reader:
    """Reads the parts of a scheme and notes what is wrong with them, so that all is said once."""

    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: str, code: str, **values: str) -> None:
        self.faults.append(Fault(path, code, values))

    def mapping(
        self, value: Any, path: str, *, must: Sequence[str] = (), may: Sequence[str] = ()
    ) -> Mapping[str, Any]:
        """An object with these keys and no others."""
        if not isinstance(value, Mapping):
            self.fault(path, "not_an_object")
            return {}
        for key in must:
            if key not in value:
                self.fault(f"{path}.{key}".lstrip("."), "missing")
        for key in value:
            if key not in (*must, *may):
                self.fault(f"{path}.{key}".lstrip("."), "unknown_key", key=str(key))
        return value

    def rows(self, value: Any, path: str, read: Callable[[Any, str], Part]) -> tuple[Part, ...]:
        if not isinstance(value, list | tuple):
            self.fault(path, "not_a_list")
            return ()
        return tuple(read(row, f"{path}.{n}") for n, row in enumerate(value))

    def text(self, value: Any, path: str, *, longest: int = 80) -> str:
        if isinstance(value, str):
            text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
            if len(text) <= longest and not _CONTROL.search(text):
                return text
        self.fault(path, "not_a_text", longest=str(longest))
        return ""

    def number(self, value: Any, path: str) -> Decimal:
        try:
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                raise InvalidOperation
            number = Decimal(str(value).strip())
            # What a spreadsheet keeps of a number is fifteen digits.
            if not number.is_finite() or len(number.normalize().as_tuple().digits) > _DIGITS:
                raise InvalidOperation
            if abs(number) >= _SIZE or (number and abs(number) < 1 / _SIZE):
                raise InvalidOperation
        except InvalidOperation:
            self.fault(path, "not_a_number", value=str(value)[:40])
            return Decimal(0)
        return Decimal(decimal_text(number + 0))

    def whole(self, value: Any, path: str) -> int:
        """A number without a fraction."""
        number = self.number(value, path)
        if number != number.to_integral_value():
            self.fault(path, "not_whole", value=f"{number:f}")
            return 0
        return int(number)

    def names(self, value: Any, path: str) -> Names:
        """Texts by label set and language; what is empty is left out."""
        sets = self.mapping(value, path, must=["telecom"], may=["bank"])
        read = {key: self._texts(texts, f"{path}.{key}") for key, texts in sets.items()}
        return {key: texts for key, texts in read.items() if texts and key in _LABEL_SETS}

    def _texts(self, value: Any, path: str) -> Mapping[str, str]:
        texts = self.mapping(value, path, may=["zh-hans", "en"])
        read = {key: self.text(text, f"{path}.{key}") for key, text in texts.items()}
        return {key: text for key, text in read.items() if text and key in _LANGUAGES}

    def optional(self, value: Any, path: str) -> Names | None:
        """The same where there may be none at all."""
        return (self.names(value, path) or None) if value else None

    def settings(self, value: Any, path: str, key: str = "") -> Any:
        """A formula's settings, in one order, with every number as decimal text."""
        if path.count(".") > _DEPTH:
            self.fault(path, "unknown_key", key=key)
            return ""
        if key == "names" and isinstance(value, Mapping):
            return self.names(value, path)
        if isinstance(value, Mapping):
            return {
                str(inner): self.settings(each, f"{path}.{inner}", str(inner))
                for inner, each in sorted(value.items(), key=lambda pair: str(pair[0]))
                if each is not None and each != []
            }
        if isinstance(value, list | tuple):
            return [self.settings(each, f"{path}.{n}") for n, each in enumerate(value)]
        if key in _NUMBERS:
            return decimal_text(self.number(value, path))
        if isinstance(value, bool):
            return value
        return self.text(value, path, longest=2000)


def parsed(value: Any) -> SchemeContent:
    """The content of a scheme from its JSON; SchemeFaults when it does not have the shape.

    Whether what it says makes sense is kpi.scheme.faults's matter.
    """
    reader = _Reader()
    content = _content(reader, value)
    if reader.faults:
        raise SchemeFaults(list(_outermost(reader.faults)))
    return content


def _outermost(faults: Sequence[Fault]) -> Iterator[Fault]:
    """The first fault of every place, without those within a place that is wrong as a whole."""
    said: set[str] = set()
    for fault in faults:
        steps = fault.path.split(".")
        if said.isdisjoint(".".join(steps[:n]) for n in range(1, len(steps) + 1)):
            said.add(fault.path)
            yield fault


def _content(reader: _Reader, value: Any) -> SchemeContent:
    must = ["names", "groups", "items", "bands", "veto_band", "unrated_below"]
    data = reader.mapping(value, "", must=must, may=["consequences"])
    return SchemeContent(
        names=reader.names(data.get("names"), "names"),
        groups=reader.rows(data.get("groups"), "groups", lambda v, p: _group(reader, v, p)),
        items=reader.rows(data.get("items"), "items", lambda v, p: _item(reader, v, p)),
        bands=reader.rows(data.get("bands"), "bands", lambda v, p: _band(reader, v, p)),
        veto_band=reader.text(data.get("veto_band"), "veto_band"),
        unrated_below=reader.number(data.get("unrated_below"), "unrated_below"),
        consequences=reader.rows(
            data.get("consequences", ()), "consequences", lambda v, p: _consequence(reader, v, p)
        ),
    )


def _group(reader: _Reader, value: Any, path: str) -> Group:
    must = ["code", "kind", "clause", "names", "minimum", "maximum"]
    data = reader.mapping(value, path, must=must, may=["topics"])
    return Group(
        code=reader.text(data.get("code"), f"{path}.code"),
        names=reader.names(data.get("names"), f"{path}.names"),
        clause=reader.text(data.get("clause"), f"{path}.clause"),
        kind=reader.text(data.get("kind"), f"{path}.kind"),
        minimum=reader.number(data.get("minimum"), f"{path}.minimum"),
        maximum=reader.number(data.get("maximum"), f"{path}.maximum"),
        topics=reader.rows(
            data.get("topics", ()), f"{path}.topics", lambda v, p: _topic(reader, v, p)
        ),
    )


def _topic(reader: _Reader, value: Any, path: str) -> Topic:
    data = reader.mapping(value, path, must=["code", "clause", "names"])
    return Topic(
        code=reader.text(data.get("code"), f"{path}.code"),
        names=reader.names(data.get("names"), f"{path}.names"),
        clause=reader.text(data.get("clause"), f"{path}.clause"),
    )


def _item(reader: _Reader, value: Any, path: str) -> Item:
    must = ["code", "group", "clause", "names", "weight", "metric", "formula"]
    data = reader.mapping(value, path, must=must, may=["unit", "topic", "source", "note"])
    formula = reader.settings(data.get("formula"), f"{path}.formula")
    if not isinstance(formula, dict) or "kind" not in formula:
        reader.fault(f"{path}.formula.kind", "missing")
        formula = {"kind": ""}
    return Item(
        code=reader.text(data.get("code"), f"{path}.code"),
        group=reader.text(data.get("group"), f"{path}.group"),
        topic=reader.text(data.get("topic", ""), f"{path}.topic"),
        names=reader.names(data.get("names"), f"{path}.names"),
        clause=reader.text(data.get("clause"), f"{path}.clause"),
        weight=reader.number(data.get("weight"), f"{path}.weight"),
        formula=FormulaSpec(str(formula.pop("kind")), formula),
        metric=reader.text(data.get("metric"), f"{path}.metric"),
        unit=reader.text(data.get("unit", ""), f"{path}.unit", longest=12),
        source=reader.optional(data.get("source"), f"{path}.source"),
        note=reader.optional(data.get("note"), f"{path}.note"),
    )


def _band(reader: _Reader, value: Any, path: str) -> Band:
    data = reader.mapping(value, path, must=["code", "names", "from", "coefficient"])
    return Band(
        code=reader.text(data.get("code"), f"{path}.code", longest=12),
        names=reader.names(data.get("names"), f"{path}.names"),
        since=reader.number(data.get("from"), f"{path}.from"),
        coefficient=reader.number(data.get("coefficient"), f"{path}.coefficient"),
    )


def _consequence(reader: _Reader, value: Any, path: str) -> ConsequenceSpec:
    may = ["band", "count", "best", "share"]
    data = reader.mapping(value, path, must=["code", "names", "kind"], may=may)
    share = data.get("share")
    return ConsequenceSpec(
        code=reader.text(data.get("code"), f"{path}.code", longest=20),
        names=reader.names(data.get("names"), f"{path}.names"),
        kind=reader.text(data.get("kind"), f"{path}.kind"),
        band=reader.text(data.get("band", ""), f"{path}.band"),
        count=reader.whole(data.get("count", 0), f"{path}.count"),
        best=reader.text(data.get("best", ""), f"{path}.best"),
        share=None if share is None else reader.number(share, f"{path}.share"),
    )


def as_json(content: SchemeContent) -> dict[str, Any]:
    """The JSON that ``parsed`` reads; the same content always gives the same JSON."""
    return {
        "names": content.names,
        "groups": [_group_json(group) for group in content.groups],
        "items": [_item_json(item) for item in content.items],
        "bands": [
            {
                "code": band.code,
                "names": band.names,
                "from": decimal_text(band.since),
                "coefficient": decimal_text(band.coefficient),
            }
            for band in content.bands
        ],
        "veto_band": content.veto_band,
        "unrated_below": decimal_text(content.unrated_below),
        "consequences": [_consequence_json(spec) for spec in content.consequences],
    }


def _group_json(group: Group) -> dict[str, Any]:
    return {
        "code": group.code,
        "kind": group.kind,
        "clause": group.clause,
        "names": group.names,
        "minimum": decimal_text(group.minimum),
        "maximum": decimal_text(group.maximum),
        "topics": [
            {"code": topic.code, "clause": topic.clause, "names": topic.names}
            for topic in group.topics
        ],
    }


def _item_json(item: Item) -> dict[str, Any]:
    optional = {"source": item.source, "note": item.note}
    return {
        "code": item.code,
        "group": item.group,
        "topic": item.topic,
        "clause": item.clause,
        "names": item.names,
        "weight": decimal_text(item.weight),
        "unit": item.unit,
        "metric": item.metric,
        "formula": item.formula.as_json(),
        **{key: names for key, names in optional.items() if names},
    }


def _consequence_json(spec: ConsequenceSpec) -> dict[str, Any]:
    optional = {
        "band": spec.band,
        "count": spec.count,
        "best": spec.best,
        "share": None if spec.share is None else decimal_text(spec.share),
    }
    return {
        "code": spec.code,
        "kind": spec.kind,
        "names": spec.names,
        **{key: value for key, value in optional.items() if value},
    }
