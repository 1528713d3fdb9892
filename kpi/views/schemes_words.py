"""What differs between two versions, in words: which item, which value, from what to what."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.parts import Difference as Shown
from kpi.labels import name_of
from kpi.metrics import metrics
from kpi.scheme import Difference, SchemeContent, SchemeFaults, differences, parsed
from kpi.scheme_fields import (
    BAND,
    CONSEQUENCE,
    DEDUCT_OPTION,
    GROUP,
    HEAD,
    ITEM,
    LIST_TITLES,
    NAME,
    QUESTION,
    SETTINGS,
    TIER_ROW,
    TOPIC,
    FieldSpec,
)
from kpi.scheme_words import GROUP_KIND_NAMES, KIND_NAMES, consequence_told, plain_number, told

Text = str | Promise
PART_NAMES: Final[Mapping[str, Text]] = {
    "groups": gettext_lazy("分组"),
    "items": gettext_lazy("项目"),
    "bands": pgettext_lazy("考核", "等级"),
    "consequences": gettext_lazy("建议"),
    "scheme": gettext_lazy("方案"),
}
_SPECS: Final[Mapping[str, tuple[FieldSpec, ...]]] = {
    "groups": GROUP,
    "items": (*ITEM, *(spec for specs in SETTINGS.values() for spec in specs)),
    "bands": BAND,
    "consequences": CONSEQUENCE,
    "scheme": HEAD,
}
_INNER: Final[Mapping[str, tuple[FieldSpec, ...]]] = {
    "formula.options": DEDUCT_OPTION,
    "formula.questions": QUESTION,
    "formula.names": NAME,
    "formula.rows": TIER_ROW,
    "topics": TOPIC,
}


def told_differences(old: Any, new: Any, label_set: str) -> list[Shown]:
    """What the JSON of another scheme changes; nothing while one of them cannot be read."""
    try:
        before, after = parsed(old), parsed(new)
    except SchemeFaults:
        return []
    return list(shown_differences(differences(before, after), before, after, label_set))


def shown_differences(
    found: list[Difference], before: SchemeContent, after: SchemeContent, label_set: str
) -> Iterator[Shown]:
    """Each difference with the words for its place and its values."""
    names = _names(before, label_set) | _names(after, label_set)
    for one in found:
        yield _shown(one, names, before, after, label_set)


def _names(content: SchemeContent, label_set: str) -> dict[tuple[str, str], str]:
    """What each part is called, by its kind and code."""
    found = {("groups", row.code): name_of(row.names, label_set) for row in content.groups}
    found |= {("items", row.code): name_of(row.names, label_set) for row in content.items}
    found |= {("bands", row.code): name_of(row.names, label_set) for row in content.bands}
    return found | {
        ("consequences", row.code): name_of(row.names, label_set) for row in content.consequences
    }


def _shown(
    one: Difference,
    names: Mapping[tuple[str, str], str],
    before: SchemeContent,
    after: SchemeContent,
    label_set: str,
) -> Shown:
    part = str(PART_NAMES[one.part])
    whose = _whose(one, names)
    if one.change == "moved":
        label = _("%(part)s的顺序") % {"part": part}
        return Shown(label, _("、").join(one.old), _("、").join(one.new))
    if one.change == "added":
        label = _("新增%(part)s %(whose)s") % {"part": part, "whose": whose}
        return Shown(label, "", _whole(one, after, label_set))
    if one.change == "removed":
        label = _("去掉%(part)s %(whose)s") % {"part": part, "whose": whose}
        return Shown(label, _whole(one, before, label_set), _("（无）"))
    label = " ".join(filter(None, (whose, place_words(one.part, one.path))))
    return Shown(
        label, value_words(one.path, one.old, label_set), value_words(one.path, one.new, label_set)
    )


def _whose(one: Difference, names: Mapping[tuple[str, str], str]) -> str:
    name = names.get((one.part, one.code), "")
    if one.part in ("bands", "consequences"):
        return name or one.code
    return f"{one.code} {name}".strip()


def _whole(one: Difference, content: SchemeContent, label_set: str) -> str:
    """A whole part in a sentence."""
    if one.part == "items":
        return told(content.by_code[one.code], label_set, content.veto_band)
    if one.part == "consequences":
        spec = next(spec for spec in content.consequences if spec.code == one.code)
        return consequence_told(spec, content, label_set)
    value = one.new or one.old
    if one.part == "bands":
        return _("%(from)s 分起，系数 %(coefficient)s") % {
            "from": plain_number(value["from"]),
            "coefficient": plain_number(value["coefficient"]),
        }
    return f"{plain_number(value['minimum'])}…{plain_number(value['maximum'])}"


def place_words(part: str, path: str) -> str:
    """The words for a place in a part: 分值; 事项和分数 A 固定分."""
    for inner, specs in _INNER.items():
        if path == inner:
            return str(LIST_TITLES.get(inner, _("小类")))
        if path.startswith(f"{inner}."):
            code, _dot, rest = path[len(inner) + 1 :].partition(".")
            return " ".join(filter(None, (code, _label(specs, rest))))
    return _label(_SPECS[part], path)


def _label(specs: tuple[FieldSpec, ...], path: str) -> str:
    if not path:
        return ""
    for spec in specs:
        if spec.key == path or spec.key.startswith(f"{path}."):
            return _with_source(spec)
    return path


def _with_source(spec: FieldSpec) -> str:
    """A label, with what it is the text of where that is not the name."""
    of_what = {"source": _("来源"), "note": _("说明")}.get(spec.key.partition(".")[0], "")
    return " ".join(filter(None, (of_what, str(spec.label))))


def value_words(path: str, value: Any, label_set: str) -> str:
    """A JSON value as people read it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return _("；").join(value_words("", each, label_set) for each in value)
    if isinstance(value, Mapping):
        return _mapping_words(value, label_set)
    return _word(path, str(value))


def _mapping_words(value: Mapping[str, Any], label_set: str) -> str:
    if "telecom" in value or "bank" in value:
        return name_of(value, label_set)
    parts = []
    for key, each in value.items():
        text = value_words(key, each, label_set)
        if text:
            parts.append(text if key in ("names", "code", "kind") else f"{key} {text}")
    return " ".join(parts)


def _word(path: str, value: str) -> str:
    last = path.rpartition(".")[2]
    if path == "formula.kind":
        return str(KIND_NAMES.get(value, value))
    if last == "kind":
        return str(GROUP_KIND_NAMES.get(value, value))
    if last == "metric":
        metric = metrics().get(value)
        return str(metric.label) if metric else value
    try:
        return plain_number(value)
    except ArithmeticError:
        return value
