"""Figures: what they are made of lies within their frame, and says in grey what colour says."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts import (
    FULL,
    HALF,
    Bar,
    Bars,
    Cell,
    Figure,
    HeatMap,
    Lines,
    Segment,
    Segments,
    Series,
    as_data,
    drawing_of,
    figure_of,
)
from core.charts.lines import APART, apart
from core.charts.shapes import (
    MARKER,
    SIZE,
    Box,
    Drawing,
    Group,
    Marker,
    Path,
    Text,
    hatching,
    scale,
    shortened,
    text_width,
)

D = Decimal
WORDS = st.text(st.sampled_from("高新江南临港Branch 5月()%，"), max_size=14)
NUMBERS = st.decimals(-10_000_000, 10_000_000, places=2)
WIDTHS = st.sampled_from([HALF, FULL])
FIGURES: st.SearchStrategy[Figure] = st.one_of(
    st.builds(
        Bars,
        WORDS,
        st.lists(
            st.builds(Bar, WORDS, NUMBERS, st.sampled_from(["strong", "plain", "hatched"])),
            max_size=12,
        ).map(tuple),
        target=st.none() | NUMBERS,
        target_label=WORDS,
        maximum=st.none() | NUMBERS,
        places=st.integers(0, 2),
        is_standing=st.booleans(),
        width=WIDTHS,
    ),
    st.integers(0, 12).flatmap(
        lambda count: st.builds(
            Lines,
            WORDS,
            st.lists(WORDS, min_size=count, max_size=count).map(tuple),
            st.lists(
                st.builds(
                    Series,
                    WORDS,
                    st.lists(st.none() | NUMBERS, min_size=count, max_size=count).map(tuple),
                ),
                max_size=3,
            ).map(tuple),
            target=st.none() | NUMBERS,
            target_label=WORDS,
            is_from_zero=st.booleans(),
            width=WIDTHS,
        )
    ),
    st.tuples(st.integers(0, 14), st.integers(0, 9)).flatmap(
        lambda size: st.builds(
            HeatMap,
            WORDS,
            st.lists(WORDS, min_size=size[0], max_size=size[0]).map(tuple),
            st.lists(WORDS, min_size=size[1], max_size=size[1]).map(tuple),
            st.lists(
                st.lists(
                    st.builds(Cell, WORDS, st.integers(-1, 5), st.booleans()),
                    min_size=size[0],
                    max_size=size[0],
                ).map(tuple),
                min_size=size[1],
                max_size=size[1],
            ).map(tuple),
            width=WIDTHS,
        )
    ),
    st.builds(
        Segments,
        WORDS,
        st.lists(st.builds(Segment, WORDS, NUMBERS, st.decimals(0, 1000, places=1), st.booleans()),
                 max_size=6).map(tuple),
        width=WIDTHS,
    ),
)  # fmt: skip


def reach(shape: Any) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a shape."""
    match shape:
        case Box():
            return shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
        case Path():
            xs, ys = zip(*shape.points, strict=True)
            return min(xs), min(ys), max(xs), max(ys)
        case Marker():
            return shape.x - MARKER, shape.y - MARKER, shape.x + MARKER, shape.y + MARKER
        case Text():
            wide = text_width(shape.text, is_bold=shape.is_bold)
            left = shape.x - {"start": 0.0, "middle": wide / 2, "end": wide}[shape.anchor]
            return left, shape.y - SIZE, left + wide, shape.y
    raise AssertionError(shape)


def outside(drawing: Drawing) -> list[Any]:
    """What reaches beyond the viewBox by more than a hair."""
    found = []
    for group in drawing.groups:
        for shape in group.shapes:
            if isinstance(shape, Text) and not shape.text:
                continue
            left, top, right, bottom = reach(shape)
            beyond = max(-left, -top, right - drawing.width, bottom - drawing.height)
            if beyond > 0.06:
                found.append(shape)
    return found


@given(FIGURES)
def test_nothing_lies_outside_the_frame(figure: Figure) -> None:
    drawing = drawing_of(figure)
    assert outside(drawing) == []
    assert all(
        shape.width >= 0 and shape.height >= 0
        for group in drawing.groups
        for shape in group.shapes
        if isinstance(shape, Box)
    )


@given(FIGURES)
def test_a_figure_is_frozen_and_read_again(figure: Figure) -> None:
    kind, data = as_data(figure)
    assert figure_of(kind, data) == figure


def test_what_is_frozen_is_text_and_plain_lists() -> None:
    bars = Bars("得分", (Bar("高新", D("93.05"), "strong"),), target=D(80))
    assert as_data(bars) == (
        "bars",
        {
            "title": "得分",
            "bars": [{"label": "高新", "value": "93.05", "tone": "strong", "title": "", "url": ""}],
            "description": "",
            "target": "80",
            "target_label": "",
            "maximum": None,
            "places": 2,
            "is_standing": False,
            "width": "213.0",
            "height": None,
        },
    )


def texts(drawing: Drawing) -> list[str]:
    return [one.text for group in drawing.groups for one in group.shapes if isinstance(one, Text)]


def marks(drawing: Drawing) -> list[Group]:
    return [group for group in drawing.groups if group.title]


BARS = Bars(
    "10月得分排名（分）",
    (
        Bar("高新", D("93.05"), "strong", url="/branches/1/"),
        Bar("江南", D("89.35")),
        Bar("云溪", D("68.50"), "hatched"),
    ),
    target=D(80),
    target_label="合格线 80",
    maximum=D(100),
)


def test_bars_are_as_long_as_their_values_and_print_them() -> None:
    drawing = drawing_of(BARS)
    boxes = [one for group in marks(drawing) for one in group.shapes if isinstance(one, Box)]
    first, second, third = boxes
    assert second.width / first.width == pytest.approx(89.35 / 93.05, abs=0.001)
    assert [(box.fill, bool(box.hatch)) for box in boxes] == [
        ("#333", False), ("#999", False), ("#fff", True),
    ]  # fmt: skip
    assert third.x == first.x
    assert {"93.05", "89.35", "68.50", "合格线 80", "0", "100"} <= set(texts(drawing))
    best = marks(drawing)[0]
    assert (best.title, best.url) == ("高新 93.05", "/branches/1/")
    target = next(
        one
        for group in drawing.groups
        for one in group.shapes
        if isinstance(one, Path) and one.look == "target"
    )
    assert target.points[0][0] == pytest.approx(first.x + first.width * 80 / 93.05, abs=0.05)


def test_a_link_is_heard_as_it_is_seen() -> None:
    seen = [group.label for group in marks(drawing_of(BARS))]
    assert seen == ["高新 93.05", "江南 89.35", "云溪 68.50"]
    named = Bars("x", (Bar("高新", D("93.05"), title="高新分公司，第 1 名", url="/x/"),))
    assert marks(drawing_of(named))[0].label == "高新 93.05 高新分公司，第 1 名"
    standing = drawing_of(Bars("x", (Bar("高新", D(93)),), is_standing=True, places=0))
    assert marks(standing)[0].label == "高新 93"


def test_lines_break_where_nothing_is_known_and_are_named_at_their_end() -> None:
    months = ("8月", "9月", "10月")
    drawing = drawing_of(
        Lines(
            "走势",
            months,
            (
                Series("平均", (D(82), D(83), D("82.40"))),
                Series("最低", (D(74), None, D("68.50")), urls=("/8/", "", "/10/")),
            ),
        )
    )
    paths = [
        one
        for group in drawing.groups
        for one in group.shapes
        if isinstance(one, Path) and one.look.startswith("line-")
    ]
    assert [(one.look, one.dash, len(one.points)) for one in paths] == [("line-1", "", 3)]
    forms = [
        one.form for group in drawing.groups for one in group.shapes if isinstance(one, Marker)
    ]
    assert forms == ["disc", "disc", "disc", "triangle", "triangle"]
    assert texts(drawing)[-2:] == ["平均 82.40", "最低 68.50"]
    assert [mark.url for mark in marks(drawing)] == ["", "", "", "/8/", "/10/"]


def test_more_lines_than_grey_can_tell_apart_are_refused() -> None:
    one = Series("x", (D(1),))
    with pytest.raises(ValueError, match="three lines"):
        Lines("x", ("1月",), (one,) * 4)
    with pytest.raises(ValueError, match="for every point"):
        Lines("x", ("1月", "2月"), (one,))
    with pytest.raises(ValueError, match="every column"):
        HeatMap("x", ("甲", "乙"), ("一",), ((Cell("1"),),))


def test_a_penalty_goes_left_of_nought_and_is_hatched() -> None:
    whole = Segments(
        "构成",
        (
            Segment("业绩", D("36.2"), D(40)),
            Segment("行为", D("18"), D(20)),
            Segment("服务质量", D("33"), D(40)),
            Segment("加减分", D("-5"), D(20), is_signed=True),
        ),
        width=FULL,
    )
    drawing = drawing_of(whole)
    tracks = [g.shapes[1] for g in drawing.groups]
    widths = [box.width for box in tracks if isinstance(box, Box)]
    assert widths[0] == widths[2] == widths[3] == pytest.approx(widths[1] * 2, abs=0.02)
    penalty = drawing.groups[3].shapes[2]
    assert isinstance(penalty, Box)
    assert penalty.hatch
    assert penalty.width == pytest.approx(widths[3] / 2 * 5 / 20, abs=0.02)
    assert "−5.00 / ±20" in texts(drawing)


def test_a_field_says_its_value_and_is_dark_where_it_is_bad() -> None:
    drawing = drawing_of(
        HeatMap(
            "对照",
            ("晨会", "周报"),
            ("城西",),
            ((Cell("缺 1", 3, url="/x/"), Cell("", is_void=True)),),
        )
    )
    bad, void = marks(drawing)
    assert [one.fill for one in bad.shapes if isinstance(one, Box | Text)] == ["#333", "#fff"]
    assert (bad.title, bad.url, drawing.has_links) == ("城西 晨会 缺 1", "/x/", True)
    assert [bool(one.hatch) for one in void.shapes if isinstance(one, Box)] == [True]


@given(st.lists(NUMBERS, max_size=9), st.booleans())
def test_an_axis_ends_on_round_numbers_around_its_values(
    values: list[Decimal], is_from_zero: bool
) -> None:
    axis = scale(values, 10, 200, is_from_zero=is_from_zero)
    assert 2 <= len(axis.ticks) <= 8
    for value in values:
        assert axis.low - 1e-6 <= float(value) <= axis.high + 1e-6
        assert 10 <= axis.at(value) <= 200
    if is_from_zero:
        assert axis.low <= 0 <= axis.high


@given(st.lists(st.floats(4, 110), max_size=3).map(sorted))
def test_names_at_the_ends_do_not_lie_on_each_other(wanted: list[float]) -> None:
    placed = apart(wanted, 4, 112)
    assert all(4 <= y <= 112 for y in placed)
    assert all(b - a >= APART - 1e-9 for a, b in pairwise(placed))


def test_a_text_without_room_says_that_it_goes_on() -> None:
    assert shortened("开发区分公司", 100) == "开发区分公司"
    assert shortened("开发区分公司", 33) == "开发区…"
    assert shortened("开发区", 3) == ""


def test_hatching_stays_in_its_field() -> None:
    d = hatching(10, 20, 30, 12)
    numbers = [float(one) for one in d.replace("M", " ").replace("L", " ").split()]
    assert all(10 <= x <= 40 for x in numbers[::2])
    assert all(20 <= y <= 32 for y in numbers[1::2])
    assert hatching(0, 0, 0, 0) == ""
