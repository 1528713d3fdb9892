"""The bulletin in the browser: list, editor, comments, approval, the published page, signing."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.workbooks import open_table
from organization.models import Branch, Person, RoleGrant
from reports.figures import month_figures
from reports.models import Bulletin
from tests.cast import BEGIN, Cast, at
from tests.conftest import StoryClock
from tests.domain.bulletins import (
    DRAFTED,
    NOVEMBER,
    PUBLISHED,
    asked,
    drafted,
    proposed,
    raised,
    whole_way,
)

pytestmark = pytest.mark.django_db
Browser = Callable[[Person], Client]


@pytest.fixture
def november(checked: Cast, clock: StoryClock) -> Cast:
    """The moment of the draft on WD5."""
    raised(checked)
    clock.moment = DRAFTED
    return checked


def text_of(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return response.content.decode()


def save(client: Client, bulletin: Bulletin, version: int, **fields: Any) -> tuple[int, Any]:
    answer = client.patch(
        reverse("bulletin-write", args=[bulletin.pk]),
        json.dumps({"version": str(version), "fields": fields}),
        content_type="application/json",
        headers={"accept": "application/json"},
    )
    return answer.status_code, answer.json()


def form_of(bulletin: Bulletin, **more: str) -> dict[str, str]:
    return {
        "version": str(bulletin.version),
        "title": bulletin.title,
        "send_to": bulletin.send_to,
        "copy_to": bulletin.copy_to,
        **{f"texts.{part}": text for part, text in bulletin.texts.items()},
        **more,
    }


def test_an_empty_list_says_what_comes(cast: Cast, browser_of: Browser) -> None:
    assert "还没有通报" in text_of(browser_of(cast["林晓岚"]), "/bulletins/")
    assert browser_of(cast["马骏"]).get("/bulletins/").status_code == 403


@pytest.mark.parametrize("moment", ["2026-11-24 09:00:00", "2026-12-02 11:59:59"])
def test_all_month_the_list_says_when_the_next_can_be_drafted(
    cast: Cast, browser_of: Browser, clock: StoryClock, moment: str
) -> None:
    said = "2026年11月的数据 12月2日（周三）12:00 冻结，之后可以起草"
    if moment.startswith("2026-12"):
        said = said.replace("12月2日（周三）", "今天 ")
    Bulletin.objects.create(
        month="2026-10", title="十月", state="published", drafted_at=DRAFTED, updated_at=DRAFTED
    )
    clock.set(moment)
    page = text_of(browser_of(cast["韩静"]), "/bulletins/")
    assert said in re.sub("<[^>]+>", "", page)
    assert said not in re.sub("<[^>]+>", "", text_of(browser_of(cast["周建平"]), "/bulletins/"))


def test_begun_from_the_list(november: Cast, browser_of: Browser) -> None:
    client = browser_of(november["韩静"])
    page = text_of(client, "/bulletins/")
    assert "2026年11月通报还没有起草" in page
    assert 'action="/bulletins/draft/"' in page
    assert 'action="/bulletins/draft/"' not in text_of(
        browser_of(november["周建平"]), "/bulletins/"
    )
    answer = client.post("/bulletins/draft/", {"month": "2026-11"})
    bulletin = Bulletin.objects.get()
    assert answer["Location"] == f"/bulletins/{bulletin.pk}/"
    assert "2026年11月通报：草稿" in text_of(client, "/bulletins/")
    assert client.post("/bulletins/draft/", {"month": "x"}).status_code == 422


def test_the_editor_shows_figures_sentences_and_their_rows(
    november: Cast, browser_of: Browser
) -> None:
    bulletin = drafted(november)
    page = text_of(browser_of(november["韩静"]), f"/bulletins/{bulletin.pk}/")
    assert 'name="take.problems.count"' in page
    assert f'href="/weeks/2026-W46/of/{november["陈嘉怡"].pk}/"' in page
    assert "本月未检查" in page
    assert 'name="texts.next_month"' in page
    assert "陈嘉怡" not in page


def test_what_is_typed_and_tapped_is_saved(november: Cast, browser_of: Browser) -> None:
    bulletin = drafted(november)
    client = browser_of(november["韩静"])
    status, body = save(
        client, bulletin, 1, **{"texts.good": "城西做得好", "take.good.clean": True}
    )
    assert (status, body["version"]) == (200, "2")
    assert save(client, bulletin, 2, **{"take.good.clean": False})[0] == 200
    bulletin.refresh_from_db()
    assert (bulletin.texts, bulletin.taken, bulletin.version) == (
        {"good": "城西做得好"},
        {"good": []},
        3,
    )
    status, body = save(client, bulletin, 3, **{"take.good.best": True})
    assert (status, list(body["errors"])) == (422, ["taken.good"])


def test_another_window_was_faster(november: Cast, browser_of: Browser) -> None:
    bulletin = drafted(november)
    first, second = browser_of(november["韩静"]), browser_of(november["苏婉"])
    save(first, bulletin, 1, **{"texts.good": "一", "take.good.clean": True})
    status, body = save(second, bulletin, 1, **{"texts.good": "二"})
    assert status == 409
    assert body["current"]["version"] == "2"
    assert body["current"]["fields"]["texts.good"] == "一"
    assert body["current"]["fields"]["take.good.clean"] is True
    answer = second.post(
        f"/bulletins/{bulletin.pk}/ask/", form_of(bulletin, **{"texts.good": "二"})
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "别处也改过" in page
    assert (">二</textarea>" in page, "一" in page) == (True, True)


def test_a_name_is_pointed_out(november: Cast, browser_of: Browser) -> None:
    bulletin = drafted(november)
    client = browser_of(november["韩静"])
    save(client, bulletin, 1, **{"texts.good": "请陈嘉怡介绍经验"})
    page = text_of(client, f"/bulletins/{bulletin.pk}/")
    assert "写了 陈嘉怡 的姓名" in page
    assert "请工号200005介绍经验" in text_of(client, f"/bulletins/{bulletin.pk}/?preview")
    east = text_of(client, f"/bulletins/{bulletin.pk}/?preview&branch={november.east.pk}")
    assert "请陈嘉怡介绍经验" in east


def test_asked_with_what_stands_in_the_form(november: Cast, browser_of: Browser) -> None:
    bulletin = drafted(november)
    client = browser_of(november["韩静"])
    answer = client.post(
        f"/bulletins/{bulletin.pk}/ask/",
        form_of(bulletin, **{"texts.good": "城西做得好", "take.good.clean": "1"}),
    )
    assert answer.status_code == 302
    bulletin.refresh_from_db()
    assert (bulletin.state, bulletin.texts["good"], bulletin.taken["good"]) == (
        "commenting",
        "城西做得好",
        ["clean"],
    )


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    november: Cast, browser_of: Browser
) -> None:
    bulletin = drafted(november)
    answer = browser_of(november["韩静"]).post(
        f"/bulletins/{bulletin.pk}/ask/", form_of(bulletin, title="", **{"texts.good": "城西好"})
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#field-title"' in page
    assert ">城西好</textarea>" in page
    bulletin.refresh_from_db()
    assert (bulletin.state, bulletin.version) == ("draft", 1)


def test_a_branch_reads_its_own_edition_and_speaks(
    november: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    bulletin = asked(november, drafted(november))
    clock.set("2026-12-08 09:00:00")
    leader = browser_of(november["周建平"])
    page = text_of(leader, f"/bulletins/{bulletin.pk}/")
    assert "陈嘉怡" in page
    assert "城东分公司对草稿的意见" in page
    wrong = leader.post(f"/bulletins/{bulletin.pk}/comment/", {"branch": november.east.pk})
    assert (wrong.status_code, "请写内容" in wrong.content.decode()) == (422, True)
    leader.post(
        f"/bulletins/{bulletin.pk}/comment/", {"branch": november.east.pk, "text": "表4有误"}
    )
    writer = browser_of(november["韩静"])
    assert "2026年11月通报：1 条意见待答复" in text_of(writer, f"/bulletins/{bulletin.pk}/")
    comment = bulletin.comments.get()
    empty = writer.post(f"/bulletins/{bulletin.pk}/comments/{comment.pk}/answer/", {"answer": ""})
    assert empty.status_code == 422
    writer.post(f"/bulletins/{bulletin.pk}/comments/{comment.pk}/answer/", {"answer": "已改"})
    assert "已改" in text_of(leader, f"/bulletins/{bulletin.pk}/")
    other = browser_of(november["郑秋实"])
    other.post(f"/bulletins/{bulletin.pk}/comment/", {"branch": november.west.pk, "none": "1"})
    assert "表4有误" not in text_of(other, f"/bulletins/{bulletin.pk}/")
    assert "没有意见" in text_of(other, f"/bulletins/{bulletin.pk}/")


def test_the_second_person_publishes(
    november: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    bulletin = proposed(november, asked(november, drafted(november)))
    clock.moment = PUBLISHED
    url = f"/bulletins/{bulletin.pk}/"
    first, second = browser_of(november["韩静"]), browser_of(november["苏婉"])
    assert "批准并发布" not in text_of(first, url)
    assert "批准并发布" in text_of(second, url)
    refused = second.post(f"{url}send-back/", {"version": bulletin.version, "why": ""})
    assert (refused.status_code, "写明退回的原因" in refused.content.decode()) == (422, True)
    second.post(f"{url}publish/", {"version": bulletin.version})
    page = text_of(browser_of(november["林晓岚"]), url)
    assert "市通报〔2026〕1号" in page
    assert "城东分公司版" in page


def test_signed_reminded_supplemented(
    november: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    bulletin = whole_way(november)
    clock.set("2026-12-14 11:00:00")
    url = f"/bulletins/{bulletin.pk}/"
    leader, writer = browser_of(november["周建平"]), browser_of(november["韩静"])
    assert "等您签收" in text_of(leader, "/bulletins/")
    leader.post(f"{url}sign/")
    assert "等您签收" not in text_of(leader, "/bulletins/")
    assert "1/4" in text_of(writer, "/bulletins/")
    book = writer.get(f"{url}receipts-workbook/")
    rows = open_table(book.content, "x.xlsx").sheets[0].rows
    signed = [row for row in rows if row[2] == "周建平"]
    assert [str(row[3])[:16] for row in signed] == ["2026-12-14 11:00"]
    writer.post(f"{url}remind/")
    again = writer.post(f"{url}remind/")
    assert (again.status_code, "刚提醒过" in again.content.decode()) == (422, True)
    empty = writer.post(f"{url}supplement/", {"why": ""})
    assert (empty.status_code, "写明补充的原因" in empty.content.decode()) == (422, True)
    made = writer.post(f"{url}supplement/", {"why": "申诉改分"})
    assert made["Location"] == f"/bulletins/{Bulletin.objects.get(supplement=1).pk}/"
    page = text_of(writer, made["Location"])
    assert "申诉改分" in page
    # It is told from the bulletin that it supplements, and is not late with it.
    assert "<h1>2026年11月 补充 1通报：草稿</h1>" in page
    assert "2026年11月 补充 1通报：草稿" in text_of(writer, "/bulletins/")
    # Beside the month's overview stand the number published last, who signs, and the draft.
    beside = re.sub(r"<[^>]+>|\s+", " ", text_of(writer, "/overview/2026-11/?of=0"))
    said = " ".join(beside.split("工作月度通报")[-1].split())
    assert f"2026年11月 {bulletin.document_number} 今天 10:00 发布 签收 1/4，城东分公司、" in said
    assert re.search(r"2026年11月 补充 1 草稿 \d+/11 部分 .*前发布 继续编写", said)
    clock.set("2026-12-15 09:00:00")
    Bulletin.objects.filter(supplement=1).update(drafted_at=at("2026-12-15 08:59:59"))
    assert "已过截止" not in text_of(browser_of(november["韩静"]), made["Location"])


def test_of_editions_the_foreign_branchs_is_not_there(
    november: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    bulletin = whole_way(november)
    clock.moment = PUBLISHED
    west = bulletin.editions.get(branch=november.west)
    leader = browser_of(november["周建平"])
    text_of(leader, f"/bulletins/{bulletin.pk}/?edition={west.pk}", 404)
    company = bulletin.editions.get(branch=None)
    page = text_of(leader, f"/bulletins/{bulletin.pk}/?edition={company.pk}")
    assert ("200005" in page, "陈嘉怡" in page) == (True, False)


def grown(cast: Cast, number: int) -> None:
    """So many more branches with a manager each."""
    for n in range(number):
        branch = Branch.objects.create(
            code=f"X{n}", name=f"新{n}分公司", opened_on=BEGIN, sort_key=f"x{n}"
        )
        person = Person.objects.create(
            job_number=f"9{n:05}", name=f"新人{n}", branch=branch, joined_on=BEGIN, sort_key=f"x{n}"
        )
        RoleGrant.objects.create(person=person, role="manager", branch=branch, valid_from=BEGIN)


def test_figures_cost_as_many_statements_for_two_branches_as_for_forty(november: Cast) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        month_figures(NOVEMBER, DRAFTED)
    grown(november, 38)
    with CaptureQueriesContext(connection) as many:
        month_figures(NOVEMBER, DRAFTED)
    assert len(many) == len(few)


def test_pages_cost_as_much_however_many_bulletins(
    november: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    bulletin = whole_way(november)
    clock.set("2026-12-15 10:00:00")
    client = browser_of(november["韩静"])
    client.get("/bulletins/")
    with CaptureQueriesContext(connection) as one:
        client.get("/bulletins/")
    for month in range(1, 11):
        Bulletin.objects.create(
            month=f"2026-{month:02}",
            state="published",
            title="x",
            figures=bulletin.figures,
            document_number=f"x{month}",
            published_at=at("2026-10-10 10:00:00"),
            drafted_at=DRAFTED,
            updated_at=DRAFTED,
        )
    with CaptureQueriesContext(connection) as eleven:
        client.get("/bulletins/")
    assert len(eleven) == len(one)
