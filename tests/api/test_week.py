"""A branch's Friday by the API alone: drafts, receipts, returns, the roll-up, the company."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from confidentiality.models import Disclosure
from config import tables
from core.jobs import run_due
from core.periods import Week
from duties.operations import ensure_periods
from organization.models import Person
from tests.api.conftest import Api, ApiOf
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.week import TEXTS, filed, logged
from worklogs import figures
from worklogs.contents import rollup_content
from worklogs.figures import SERVICES
from worklogs.models import SummaryVersion

WEEK = "2026-W48"


@pytest.fixture(autouse=True)
def friday(cast: Cast, clock: StoryClock) -> None:
    """Periods stand; 林晓岚 has logged three services."""
    ensure_periods(Week.parse(WEEK), Week.parse(WEEK))
    for hour in (9, 10, 11):
        logged(cast, "林晓岚", "东方纺织集团", f"2026-11-27 {hour:02d}:00:00")


# The services of the week as two sources: without the second, complaints are not counted.
_REST = tuple(one for one in SERVICES.figures if one.key != "complaints")
SOME = replace(SERVICES, figures=_REST)
COMPLAINTS = replace(
    SERVICES,
    key="complaints",
    figures=tuple(one for one in SERVICES.figures if one.key == "complaints"),
)


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Have these sources of this module counted, and no other."""

    def installed(*names: str) -> None:
        monkeypatch.setattr(tables, "FIGURE_SOURCES", [f"{__name__}.{name}" for name in names])
        figures.sources.cache_clear()
        figures.figures.cache_clear()

    yield installed
    monkeypatch.undo()
    figures.sources.cache_clear()
    figures.figures.cache_clear()


def submitted(client: Api, path: str, **body: Any) -> Any:
    tag = client.get(f"{path}draft/")["ETag"]
    return client.post(f"{path}submit/", {"texts": TEXTS, **body}, If_Match=tag)


def test_the_manager_types_and_files(api_of: ApiOf, cast: Cast, clock: StoryClock) -> None:
    client = api_of("林晓岚")
    path = f"summaries/{WEEK}/{cast['林晓岚'].pk}/"
    week = client.get(path).json()
    assert (week["standing"], week["summary"], week["counted"]["calls"]) == ("not_due", None, 3)
    assert week["deadline_at"] == "2026-11-27T17:30:00+08:00"

    empty = client.get(f"{path}draft/")
    assert empty.json() == {"version": 0, "saved_at": None, "body": {}}
    assert client.put(f"{path}draft/", {"texts": {"needs": "要"}}).status_code == 428
    saved = client.put(f"{path}draft/", {"texts": {"needs": "要"}}, If_Match=empty["ETag"])
    assert (saved.status_code, saved.json()["version"]) == (200, 1)
    second_tab = client.put(f"{path}draft/", {"texts": {}}, If_Match=empty["ETag"])
    assert second_tab.status_code == 412
    assert second_tab.json()["current"]["body"]["texts"] == {"needs": "要"}
    unknown = client.put(f"{path}draft/", {"texts": {"weather": "晴"}}, If_Match=saved["ETag"])
    assert unknown.status_code == 422

    gaps = client.post(f"{path}submit/", If_Match=saved["ETag"])
    assert gaps.status_code == 422
    assert "/texts/conclusions" in [one["pointer"] for one in gaps.json()["errors"]]
    odd = client.post(
        f"{path}submit/",
        {"texts": TEXTS, "figures": {"calls": {"declared": "5", "reason": ""}}},
        If_Match=saved["ETag"],
    )
    assert [one["pointer"].split("/")[1:3] for one in odd.json()["errors"]] == [
        ["figures", "calls"]
    ]

    clock.set("2026-11-27 17:30:00")
    filed = submitted(client, path)
    assert filed.status_code == 200
    assert (filed.json()["standing"], filed.json()["summary"]["minutes_late"]) == ("on_time", 0)
    assert filed.json()["newest"]["receipt"] == f"CD-{WEEK}-200004-1"
    assert client.get(f"{path}draft/").json()["version"] == 0
    again = submitted(client, path)
    assert again.json()["newest"]["receipt"] == filed.json()["newest"]["receipt"]
    assert len(client.get(f"{path}figures/calls/").json()["items"]) == 3
    assert client.get(f"{path}figures/moons/").status_code == 404


def test_one_second_late_is_late(api_of: ApiOf, cast: Cast, clock: StoryClock) -> None:
    clock.set("2026-11-27 17:30:01")
    filed = submitted(api_of("林晓岚"), f"summaries/{WEEK}/{cast['林晓岚'].pk}/")
    assert (filed.json()["standing"], filed.json()["summary"]["minutes_late"]) == ("late", 1)


def test_returned_with_remarks_and_filed_again(api_of: ApiOf, cast: Cast) -> None:
    client, boss = api_of("林晓岚"), api_of("周建平")
    path = f"summaries/{WEEK}/{cast['林晓岚'].pk}/"
    submitted(client, path)
    tag = boss.get(path)["ETag"]
    wrong = boss.post(f"{path}return/", {"remarks": {"text:weather": "?"}}, If_Match=tag)
    assert [one["pointer"] for one in wrong.json()["errors"]] == ["/remarks/text:weather"]
    back = boss.post(f"{path}return/", {"remarks": {"text:needs": "写具体"}}, If_Match=tag)
    assert (back.status_code, back.json()["given_back"]["remarks"]) == (
        200,
        {"text:needs": "写具体"},
    )
    stale = boss.post(f"{path}review/", {"opinion": "好"}, If_Match=tag)
    assert (stale.status_code, stale.json()["current"]["standing"]) == (412, "returned")
    texts = {**TEXTS, "needs": "下周要两条专线"}
    assert submitted(client, path, texts=texts).json()["newest"]["number"] == 2
    assert [one["number"] for one in client.get(f"{path}versions/").json()["items"]] == [2, 1]
    assert client.get(f"{path}versions/1/").json()["texts"]["needs"] == TEXTS["needs"]
    reviewed = boss.post(f"{path}review/", {"opinion": "好"}, If_Match=boss.get(path)["ETag"])
    assert reviewed.json()["summary"]["opinion"] == "好"
    assert [one["week"] for one in boss.get(f"summaries/?week={WEEK}").json()["items"]] == [WEEK]


def test_what_changed_since(api_of: ApiOf, cast: Cast, clock: StoryClock) -> None:
    boss = api_of("周建平")
    paths = [f"summaries/{WEEK}/{cast[name].pk}/" for name in ("林晓岚", "陈嘉怡", "何俊峰")]
    for path, name in zip(paths, ("林晓岚", "陈嘉怡", "何俊峰"), strict=True):
        submitted(api_of(name), path)
    clock.set("2026-11-27 14:00:00")
    boss.post(f"{paths[0]}review/", {"opinion": "好"}, If_Match="*")
    clock.set("2026-11-27 15:00:00")
    boss.post(f"{paths[2]}return/", {"remarks": {"text:needs": "写具体"}}, If_Match="*")

    def since(moment: str) -> list[str]:
        names, path = [], f"summaries/?limit=1&updated_since={moment}%2B08:00"
        while path:
            page = boss.get(path).json()
            names += [one["manager"]["name"] for one in page["items"]]
            path = (page["next"] or "").removeprefix("http://testserver/api/v1/")
        return names

    assert since("2026-11-27T12:00:00") == ["陈嘉怡", "林晓岚", "何俊峰"]
    assert since("2026-11-27T14:00:00") == ["林晓岚", "何俊峰"]
    assert since("2026-11-27T14:00:01") == ["何俊峰"]
    assert since("2026-11-27T15:00:01") == []


def test_filed_for_somebody_and_confirmed(api_of: ApiOf, cast: Cast) -> None:
    boss = api_of("周建平")
    path = f"summaries/{WEEK}/{cast['何俊峰'].pk}/"
    without = submitted(boss, path)
    assert [one["pointer"] for one in without.json()["errors"]] == ["/why_filed_for"]
    filed = submitted(boss, path, why_filed_for="住院")
    assert filed.json()["newest"]["filed_by"]["name"] == "周建平"
    assert boss.post(f"{path}confirm/").status_code == 403
    confirmed = api_of("何俊峰").post(f"{path}confirm/")
    assert (confirmed.status_code, confirmed.json()["newest"]["confirmed_at"] is None) == (
        200,
        False,
    )


def test_others_weeks_are_like_none(api_of: ApiOf, cast: Cast) -> None:
    same = {"X_Request_ID": "00000000-story"}
    none = api_of("林晓岚").get(f"summaries/{WEEK}/999999/", **same)
    for name in ("陈嘉怡", "吴志远"):
        other = api_of("林晓岚").get(f"summaries/{WEEK}/{cast[name].pk}/", **same)
        assert (other.status_code, other.content) == (404, none.content)
    assert api_of("林晓岚").get(f"boards/{WEEK}/{cast.east.pk}/").status_code == 404
    assert api_of("周建平").get(f"boards/{WEEK}/{cast.west.pk}/").status_code == 404
    assert api_of("周建平").get(f"company/{WEEK}/").status_code == 404
    assert api_of("韩静").get("summaries/2026-W54/1/").status_code == 404


def test_the_sheet_is_a_pdf_and_written_down(api_of: ApiOf, cast: Cast) -> None:
    client = api_of("林晓岚")
    path = f"summaries/{WEEK}/{cast['林晓岚'].pk}/"
    submitted(client, path)
    pdf = client.get(f"{path}versions/1/pdf/", Accept="application/pdf")
    assert (pdf.status_code, pdf["Content-Type"], pdf.content[:5]) == (
        200,
        "application/pdf",
        b"%PDF-",
    )
    assert [(one.person.name, one.name, one.door) for one in Disclosure.objects.all()] == [
        ("林晓岚", f"CD-{WEEK}-200004-1.pdf", "api")
    ]


def test_from_the_board_to_the_company(api_of: ApiOf, cast: Cast, clock: StoryClock) -> None:
    manager, boss, office = api_of("林晓岚"), api_of("周建平"), api_of("孙岚")
    submitted(manager, f"summaries/{WEEK}/{cast['林晓岚'].pk}/")
    clock.set("2026-11-27 17:30:01")
    board_path, path = f"boards/{WEEK}/{cast.east.pk}/", f"rollups/{WEEK}/{cast.east.pk}/"
    board = boss.get(board_path).json()
    assert [(row["manager"]["name"], row["standing"]) for row in board["rows"]] == [
        ("陈嘉怡", "missing"),
        ("何俊峰", "missing"),
        ("林晓岚", "on_time"),
    ]
    missing = [row["manager"]["id"] for row in board["rows"] if row["standing"] == "missing"]
    reminded = boss.post(f"{board_path}remind/", {"managers": missing})
    assert reminded.json() == {"reminded": sorted(missing)}
    assert boss.post(f"{board_path}remind/", {"managers": missing}).status_code == 422

    rollup = boss.get(path)
    assert (rollup.json()["state"], rollup.json()["content"]["counts"]["missing"]) == ("open", 2)
    left_out = [f"{cast['林晓岚'].pk}:help"]
    written = boss.patch(
        path, {"comment": "两人缺报", "left_out": left_out}, If_Match=rollup["ETag"]
    )
    assert (written.status_code, written.json()["comment"]) == (200, "两人缺报")
    assert boss.patch(path, {"comment": "旧"}, If_Match=rollup["ETag"]).status_code == 412
    assert office.post(f"{path}send/", If_Match=written["ETag"]).status_code == 403
    sent = boss.post(f"{path}send/", If_Match=written["ETag"], Idempotency_Key="send-1")
    assert (sent.status_code, sent.json()["newest"]) == (200, 1)
    repeated = boss.post(f"{path}send/", If_Match=written["ETag"], Idempotency_Key="send-1")
    assert repeated.content == sent.content
    assert boss.get(f"{path}versions/1/workbook/").status_code == 404
    run_due(clock.now())

    received = office.post(f"{path}versions/1/receive/")
    assert (received.status_code, received.json()["received_by"]["name"]) == (200, "孙岚")
    assert boss.post(f"{path}versions/1/receive/").status_code == 403
    workbook = office.get(f"{path}versions/1/workbook/")
    tag = workbook["ETag"]
    assert (workbook.status_code, workbook.content[:2]) == (200, b"PK")
    about = office.get(f"files/{received.json()['file']}/").json()
    assert tag == f'"{about["sha256"]}"'
    part = office.get(f"{path}versions/1/workbook/", Range="bytes=0-1", If_Range=tag)
    size = len(workbook.content)
    assert (part.status_code, part.content, part["Content-Range"]) == (
        206,
        b"PK",
        f"bytes 0-1/{size}",
    )
    beyond = office.get(f"{path}versions/1/workbook/", Range=f"bytes={size}-")
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{size}")
    assert office.get(f"{path}versions/1/workbook/", If_None_Match=tag).status_code == 304

    company = office.get(f"company/{WEEK}/")
    assert [(one["branch"]["code"], one["rollup_state"]) for one in company.json()["branches"]] == [
        ("CD", "received"),
        ("CX", None),
    ]
    issued = office.post(f"company/{WEEK}/issue/", {"comment": "城西缺"}, If_Match=company["ETag"])
    assert (issued.status_code, issued.json()["archive_number"]) == (201, f"QS-{WEEK}-1")
    assert issued.json()["content"]["missing"] == ["城西分公司"]
    stale = office.post(f"company/{WEEK}/issue/", {"comment": "再"}, If_Match=company["ETag"])
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 1)
    same = office.post(
        f"company/{WEEK}/issue/",
        {"comment": "城西缺", "why_corrected": "再发"},
        If_Match=issued["ETag"],
    )
    assert (same.status_code, same.json()["detail"]) == (
        422,
        "内容与上次归档的一样，没有要更正的。",
    )
    run_due(clock.now())
    assert office.get(f"consolidations/{WEEK}/1/workbook/").content[:2] == b"PK"
    assert [one["number"] for one in office.get("consolidations/").json()["items"]] == [1]
    assert boss.get("consolidations/").status_code == 404


@pytest.mark.parametrize("names", [("SOME", "COMPLAINTS"), ("SOME",)])
def test_a_figure_whose_source_is_not_installed_is_absent_and_not_zero(
    names: tuple[str, ...],
    install: Callable[..., None],
    api_of: ApiOf,
    browser_of: Callable[[Person], Client],
    cast: Cast,
    clock: StoryClock,
) -> None:
    install(*names)
    is_counted = "COMPLAINTS" in names
    lin, zhou = cast["林晓岚"], cast["周建平"]
    path = f"summaries/{WEEK}/{lin.pk}/"
    shown: list[Collection[str]] = []

    form = browser_of(lin).get(f"/weeks/{WEEK}/")
    shown.append([line.key for line in form.context["lines"]])
    assert ("f_complaints" in form.content.decode()) is is_counted
    client = api_of("林晓岚")
    shown.append(client.get(path).json()["counted"])
    asked = client.get(f"{path}figures/complaints/")
    assert asked.status_code == (200 if is_counted else 404)
    assert submitted(client, path).status_code == 200
    shown.append(SummaryVersion.objects.get().figures)

    clock.set("2026-11-27 17:46:00")
    page = browser_of(zhou).get(f"/rollups/{WEEK}/{cast.east.pk}/").content.decode()
    assert ("投诉" in page) is is_counted
    read = browser_of(zhou).get(f"/board/{WEEK}/?of={lin.pk}").content.decode()
    assert ("投诉" in read) is is_counted
    content = rollup_content(
        cast.east, Week.parse(WEEK), comment="", left_out=(), cut=at("2026-11-27 17:46:00")
    )
    shown.append([one["key"] for one in content["totals"]])
    assert [sorted(keys) for keys in shown] == [sorted(figures.figures())] * 4
    assert ("complaints" in figures.figures()) is is_counted


def test_a_figure_that_came_after_all_had_filed_is_absent_from_the_roll_up(
    install: Callable[..., None], cast: Cast
) -> None:
    install("SOME")
    filed(cast, "林晓岚", "2026-11-27 17:00:00")
    install("SOME", "COMPLAINTS")
    content = rollup_content(
        cast.east, Week.parse(WEEK), comment="", left_out=(), cut=at("2026-11-27 17:46:00")
    )
    assert [one["key"] for one in content["totals"]] == [one.key for one in _REST]
