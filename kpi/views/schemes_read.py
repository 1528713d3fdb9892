"""A version of the scheme as it is read: told in words, with sample scores; and as a file."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from confidentiality.operations import disclose
from core import clock
from core.actors import Actor
from core.chips import chip
from core.errors import NotFound
from core.exports import XLSX
from core.formats import moment, month_name, number
from core.parts import Difference, Fact, Segment
from core.periods import Month
from core.requests import SignedInRequest, whole_number
from kpi.choices import SchemeState
from kpi.labels import name_of, scheme_name
from kpi.metrics import metrics
from kpi.models import Scheme
from kpi.permissions import can_approve_scheme, can_change_scheme, can_keep_schemes
from kpi.queries.schemes import newest_rehearsal, scheme_seen, schemes_for
from kpi.scheme import Group, Item, SchemeContent, parsed
from kpi.scheme_files import json_bytes, xlsx_bytes
from kpi.scheme_looks import Look, look_at
from kpi.scheme_words import (
    GROUP_KIND_NAMES,
    LABEL_SETS,
    bound_text,
    consequence_told,
    parts_of,
    plain_number,
    share,
    told,
)
from kpi.views.schemes_editor import label_set_now
from kpi.views.schemes_rail import sample_lines
from kpi.views.schemes_words import told_differences

CHIPS: Final = {
    SchemeState.DRAFT: "draft",
    SchemeState.PROPOSED: "waiting",
    SchemeState.APPROVED: "active",
    SchemeState.WITHDRAWN: "stopped",
}
JSON: Final = "application/json"


@dataclass(frozen=True)
class ItemLine:
    """An item's line: how it is scored, what stands behind, where its numbers come from."""

    code: str
    name: str
    told: str
    behind: str
    note: str
    source: str
    metric: str
    is_installed: bool
    clause: str
    weight: str
    samples: Sequence[str]


@dataclass(frozen=True)
class Block:
    """The items under one heading: of a topic, or "" of the group as a whole."""

    name: str
    clause: str
    items: Sequence[ItemLine]


@dataclass(frozen=True)
class GroupPart:
    """A group with its blocks, its bounds and the sum of its weights."""

    code: str
    name: str
    kind: str
    clause: str
    bounds: str
    blocks: Sequence[Block]
    samples: Sequence[str]


@require_safe
def scheme(request: SignedInRequest, number: int) -> HttpResponse:
    """A version, in the label set asked for (else the company's)."""
    actor = request.actor
    found = scheme_seen(actor, number)
    content = parsed(found.content)
    look = look_at(found.content)
    label_set = asked_label_set(request)
    base = base_of(actor, found)
    context = {
        "scheme": found,
        "content": content,
        "title": title_of(found),
        "state": state_chip(found),
        "groups": [group_part(content, group, label_set, look) for group in content.groups],
        "bands": band_facts(content, label_set),
        "consequences": [
            (name_of(spec.names, label_set), consequence_told(spec, content, label_set))
            for spec in content.consequences
        ],
        "unrated_below": share(content.unrated_below),
        "veto_band": veto_name(content, label_set),
        "samples": sample_lines(content, look.samples, label_set),
        "segments": label_segments(request, label_set),
        "facts": facts_of(found, base),
        "base": base,
        "changes": changes_shown(found, base, label_set),
        "is_keeper": can_keep_schemes(actor),
        "may_edit": found.state == SchemeState.DRAFT and can_change_scheme(actor, found),
        "may_approve": found.state == SchemeState.PROPOSED and can_approve_scheme(actor, found),
        "may_withdraw": found.state in (SchemeState.DRAFT, SchemeState.PROPOSED)
        and (can_change_scheme(actor, found) or can_approve_scheme(actor, found)),
        "is_open": found.state in (SchemeState.DRAFT, SchemeState.PROPOSED),
        "rehearsal": newest_rehearsal(found) if can_keep_schemes(actor) else None,
        "has_older": found.rehearsals.exists() if can_keep_schemes(actor) else False,
    }
    return render(request, "kpi/scheme.html", context)


def title_of(scheme: Scheme) -> str:
    """What there is to say of a version first."""
    values = {
        "n": scheme.number,
        "name": scheme_name(scheme),
        "month": month_name(Month.parse(scheme.valid_from)),
    }
    if scheme.state == SchemeState.APPROVED:
        return _("第 %(n)d 版 %(name)s：%(month)s起生效") % values
    if scheme.state == SchemeState.PROPOSED:
        return _("第 %(n)d 版 %(name)s：等人批准，%(month)s起生效") % values
    if scheme.state == SchemeState.WITHDRAWN:
        return _("第 %(n)d 版 %(name)s：已撤回") % values
    return _("第 %(n)d 版 %(name)s：草稿，%(month)s起生效") % values


def state_chip(scheme: Scheme) -> str:
    """The version's state as a chip."""
    return chip(CHIPS[SchemeState(scheme.state)], scheme.get_state_display())


def asked_label_set(request: SignedInRequest) -> str:
    """telecom or bank: as asked, else the company's."""
    asked = request.GET.get("labels", "")
    return asked if asked in LABEL_SETS else label_set_now()


def label_segments(request: SignedInRequest, current: str) -> list[Segment]:
    """The two label sets as a choice."""
    return [Segment(label, f"?labels={key}", key == current) for key, label in LABEL_SETS.items()]


def group_part(
    content: SchemeContent, group: Group, label_set: str, look: Look | None = None
) -> GroupPart:
    """A group as it is read."""
    items = content.items_of(group.code)
    blocks = [
        Block(
            name_of(topic.names, label_set),
            topic.clause,
            [
                item_line(content, item, label_set, look)
                for item in items
                if item.topic == topic.code
            ],
        )
        for topic in group.topics
    ]
    plain = [item_line(content, item, label_set, look) for item in items if not item.topic]
    return GroupPart(
        group.code,
        name_of(group.names, label_set),
        str(GROUP_KIND_NAMES.get(group.kind, "")),
        group.clause,
        bound_text(group.minimum, group.maximum),
        [block for block in (Block("", "", plain), *blocks) if block.items],
        [
            number(line.score)
            for sample in (look.samples if look else ())
            if sample.breakdown is not None
            for line in sample.breakdown.groups
            if line.code == group.code
        ],
    )


def item_line(content: SchemeContent, item: Item, label_set: str, look: Look | None) -> ItemLine:
    """An item as it is read."""
    metric = metrics().get(item.metric)
    lines = [
        sample.breakdown.items[item.code]
        for sample in (look.samples if look else ())
        if sample.breakdown is not None
    ]
    return ItemLine(
        code=item.code,
        name=name_of(item.names, label_set),
        told=told(item, label_set, veto_name(content, label_set)),
        behind=_("、").join(parts_of(item, label_set)),
        note=name_of(item.note, label_set) if item.note else "",
        source=name_of(item.source, label_set) if item.source else "",
        metric=str(metric.label) if metric else item.metric,
        is_installed=metric is not None,
        clause=item.clause,
        weight="" if item.formula.kind == "CASE" else plain_number(item.weight),
        samples=[number(line.score) for line in lines],
    )


def veto_name(content: SchemeContent, label_set: str) -> str:
    """What the band of a veto is called."""
    return next(
        (
            name_of(band.names, label_set)
            for band in content.bands
            if band.code == content.veto_band
        ),
        content.veto_band,
    )


def band_facts(content: SchemeContent, label_set: str) -> list[tuple[str, str, str]]:
    """The bands: name, from which total on, the coefficient of the performance pay (E5)."""
    return [
        (name_of(band.names, label_set), plain_number(band.since), plain_number(band.coefficient))
        for band in content.bands
    ]


def base_of(actor: Actor, scheme: Scheme) -> Scheme | None:
    """The version it was drafted from; for whoever does not see that one, the one before it."""
    seen = schemes_for(actor).filter(number__lt=scheme.number)
    own = seen.filter(pk=scheme.based_on_id).first() if scheme.based_on_id else None
    return own or (None if can_keep_schemes(actor) else seen.order_by("-number").first())


def facts_of(scheme: Scheme, base: Scheme | None) -> list[Fact]:
    """Who wrote it and who approved it, and when."""
    at = clock.now()
    found = [
        Fact(
            _("起草人"),
            f"{scheme.drafted_by.name} {moment(scheme.drafted_at, at)}"
            if scheme.drafted_by
            else _("随产品提供"),
        )
    ]
    if scheme.proposed_at:
        found.append(Fact(_("提交"), moment(scheme.proposed_at, at)))
    if scheme.approved_by and scheme.approved_at:
        found.append(
            Fact(_("批准人"), f"{scheme.approved_by.name} {moment(scheme.approved_at, at)}")
        )
    if base is not None:
        url = reverse("scheme", args=[base.number])
        found.append(Fact(_("以此为基础"), str(base), url))
    if scheme.why:
        found.append(Fact(_("为什么"), scheme.why))
    return found


def changes_shown(scheme: Scheme, base: Scheme | None, label_set: str) -> list[Difference]:
    """What a version changes of another one."""
    return told_differences(base.content, scheme.content, label_set) if base else []


@require_safe
def scheme_differences(request: SignedInRequest, number: int) -> HttpResponse:
    """What a version changes: of the one it was drafted from, or of another one."""
    found = scheme_seen(request.actor, number)
    label_set = asked_label_set(request)
    others = [one for one in schemes_for(request.actor).order_by("-number") if one != found]
    against = whole_number(request.GET.get("against"))
    base = base_of(request.actor, found) if against is None else scheme_seen(request.actor, against)
    changes = changes_shown(found, base, label_set)
    context = {
        "scheme": found,
        "base": base,
        "changes": changes,
        "title": _headline(found, base, len(changes)),
        "others": [
            (one, f"?against={one.number}", base is not None and one.pk == base.pk)
            for one in others
        ],
    }
    return render(request, "kpi/scheme_differences.html", context)


def _headline(scheme: Scheme, base: Scheme | None, count: int) -> str:
    if base is None:
        return _("第 %(n)d 版没有上一版可比") % {"n": scheme.number}
    values = {"n": scheme.number, "base": base.number, "count": count}
    if not count:
        return _("第 %(n)d 版和第 %(base)d 版一样") % values
    return _("第 %(n)d 版和第 %(base)d 版有 %(count)d 处不同") % values


@require_safe
def scheme_file(request: SignedInRequest, number: int, ending: str) -> HttpResponse:
    """The version as JSON or XLSX; that it was handed out is written down."""
    found = scheme_seen(request.actor, number)
    made = file_of(found, ending)
    disclose(
        actor=request.actor,
        at=clock.now(),
        name=made[0],
        sha256=hashlib.sha256(made[1]).hexdigest(),
        rows=len(found.content["items"]),
    )
    return HttpResponse(
        made[1],
        content_type=made[2],
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(made[0])}",
            "X-Content-Type-Options": "nosniff",
        },
    )


def file_of(scheme: Scheme, ending: str) -> tuple[str, bytes, str]:
    """Name, bytes and type of a version's file; NotFound for another ending."""
    content = parsed(scheme.content)
    name = _("考核方案 第 %(n)d 版 %(name)s") % {"n": scheme.number, "name": scheme_name(scheme)}
    if ending == "json":
        return f"{name}.json", json_bytes(content), JSON
    if ending == "xlsx":
        return f"{name}.xlsx", xlsx_bytes(content), XLSX
    raise NotFound
