"""Files of a published bulletin: made once each, stamped for whoever takes them, written down."""

import hashlib
import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pdfplumber
import pikepdf
import pytest
from django.test import Client
from django.urls import reverse

from confidentiality.models import Disclosure
from core import glyphs, jobs
from core.actors import CLOCK
from core.errors import NotAllowed, NotFound, Refused
from core.files import content_of, keep_bytes, path_of
from core.models import AuditRow, Job, StoredFile
from core.periods import Month
from core.workbooks import open_table
from reports import files_jobs
from reports.copies import copy_number
from reports.document import from_content
from reports.models import Edition, StampedCopy
from reports.operations.files import ask_for_copy, ask_for_month, retry_edition
from reports.queries.files import (
    month_of,
    months_of,
    with_states,
    work_of_copy,
    years_with_files,
)
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.editions import PUBLISHED, TAKEN, bundled, copied, published, rendered

OCTOBER: Final = Month(2026, 10)
LATER: Final = at("2026-11-14 09:00:00")


def edition(cast: Cast, place: str = "") -> Edition:
    branch = {"": None, "east": cast.east, "west": cast.west}[place]
    return Edition.objects.select_related("pdf", "xlsx", "bulletin").get(branch=branch)


def text_of(content: bytes) -> str:
    with pdfplumber.open(BytesIO(content)) as pdf:
        return "".join(char["text"] for page in pdf.pages for char in page.chars)


def disclosed() -> list[tuple[str, str, int]]:
    rows = Disclosure.objects.select_related("person").order_by("pk")
    return [(row.person.name, row.sha256, row.rows) for row in rows]


# The archive


def test_every_edition_gets_its_files_and_nothing_makes_them_again(cast: Cast) -> None:
    published(cast, rows=1)
    jobs.run_due(PUBLISHED)
    one = edition(cast, "east")
    assert one.pdf
    assert one.xlsx
    assert (one.state, one.pdf.name, one.xlsx.name) == (
        "ready",
        "江通市通报〔2026〕10号_城东分公司.pdf",
        "江通市通报〔2026〕10号_城东分公司.xlsx",
    )
    assert (one.pdf.branch_id, one.pdf.level, one.pdf.owner_id) == (cast.east.pk, 2, None)
    kept = content_of(one.pdf)
    assert hashlib.sha256(kept).hexdigest() == one.pdf.sha256
    assert one.digest in text_of(kept).replace(" ", "")
    assert one.code in text_of(kept)
    # Asked again by whatever mistake, the worker leaves them alone.
    jobs.enqueue(kind="reports.render_edition", key="again", args={"edition": one.pk}, at=LATER)
    jobs.run_due(LATER)
    assert StoredFile.objects.filter(kind="bulletin").count() == 6
    again = edition(cast, "east")
    assert (again.pdf_id, again.xlsx_id) == (one.pdf_id, one.xlsx_id)


def test_one_poisoned_branch_says_why_and_the_others_are_made(cast: Cast) -> None:
    published(cast)
    poisoned = edition(cast, "west")
    table = next(part["tables"][0] for part in poisoned.content["parts"] if part["tables"])
    table["rows"][0][3] = "九十三"
    poisoned.save()
    jobs.run_due(PUBLISHED)
    states = {one.branch_id: one.state for one in Edition.objects.all()}
    assert states == {None: "ready", cast.east.pk: "ready", cast.west.pk: "failed"}
    [told] = with_states([edition(cast, "west")])
    assert (told.state, told.why) == (
        "failed",
        "“得分”一列里写着“九十三”，不是这一列该有的数或日期。",
    )
    # Its job is done: it is not tried again by itself.
    assert set(
        Job.objects.filter(kind="reports.render_edition").values_list("state", flat=True)
    ) == {"done"}

    # What was in the way is mended; the market department tries again.
    table["rows"][0][3] = "93.05"
    Edition.objects.filter(pk=poisoned.pk).update(content=poisoned.content)
    with pytest.raises(NotAllowed):
        retry_edition(edition_id=poisoned.pk, actor=cast.actor("郑秋实", on=LATER), at=LATER)
    retry_edition(edition_id=poisoned.pk, actor=cast.actor("韩静", on=LATER), at=LATER)
    assert with_states([edition(cast, "west")])[0].state == "waiting"
    jobs.run_due(LATER)
    assert with_states([edition(cast, "west")])[0].state == "ready"
    assert AuditRow.objects.filter(what="reports.retry_edition").count() == 1
    with pytest.raises(Refused, match="不用重试"):
        retry_edition(edition_id=poisoned.pk, actor=cast.actor("韩静", on=LATER), at=LATER)


def test_a_worker_that_never_came_back_is_a_failure_that_can_be_tried_again(cast: Cast) -> None:
    published(cast)
    Job.objects.filter(kind="reports.render_edition").update(state="failed", error="lost")
    assert [one.state for one in month_of(cast.actor("韩静"), OCTOBER).editions] == ["failed"] * 3
    one = edition(cast, "east")
    retry_edition(edition_id=one.pk, actor=cast.actor("韩静", on=LATER), at=LATER)
    jobs.run_due(LATER)
    assert with_states([edition(cast, "east")])[0].state == "ready"


def test_a_full_disk_is_tried_again_and_is_not_the_contents_fault(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(cast)

    def full(*_args: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(files_jobs, "bulletin_workbook", full)
    jobs.run_due(PUBLISHED)
    assert set(Edition.objects.values_list("state", flat=True)) == {"waiting"}
    monkeypatch.undo()
    jobs.run_due(at("2026-11-13 09:10:00"))
    assert set(Edition.objects.values_list("state", flat=True)) == {"ready"}


# Copies


@pytest.mark.once
def test_a_copy_bears_who_took_it_and_keeps_the_text_letter_by_letter(cast: Cast) -> None:
    rendered(cast)
    original = edition(cast, "east")
    copy = copied(cast, original, "林晓岚")
    assert copy.file
    assert original.pdf
    assert copy_number(copy) == f"D-20261113-{copy.pk:04d}"
    made, kept = content_of(copy.file), content_of(original.pdf)
    assert made != kept
    assert text_of(made) == text_of(kept)
    with pikepdf.open(BytesIO(made)) as pdf:
        assert str(pdf.docinfo["/Copy"]) == (
            f"下载：林晓岚（工号 200004）　2026-11-13 10:02:31　记录号 {copy_number(copy)}"
        )
        assert str(pdf.docinfo["/Title"]).startswith("江通市通报〔2026〕10号")
    with pdfplumber.open(BytesIO(made)) as pdf, pdfplumber.open(BytesIO(kept)) as before:
        assert len(pdf.pages) == len(before.pages)
        for page, unstamped in zip(pdf.pages, before.pages, strict=True):
            added = page.curves[: len(page.curves) - len(unstamped.curves)]
            assert added  # outlines, which nobody can select
            assert min(one["x0"] for one in page.curves) >= 0
            assert max(one["x1"] for one in page.curves) <= page.width
    assert (copy.file.kind, copy.file.owner_id) == ("bulletin-copy", cast["林晓岚"].pk)


@pytest.mark.once
def test_a_workbook_bears_it_in_its_properties_and_under_its_pages(cast: Cast) -> None:
    rendered(cast)
    original = edition(cast, "east")
    copy = copied(cast, original, "林晓岚", "xlsx")
    assert copy.file
    assert original.xlsx
    made, kept = content_of(copy.file), content_of(original.xlsx)
    with zipfile.ZipFile(BytesIO(made)) as parts:
        properties = parts.read("docProps/core.xml").decode()
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "林晓岚 200004</lastModifiedBy>" in properties
    assert f"记录号 {copy_number(copy)}</description>" in properties
    assert "<oddFooter>&amp;L&amp;8下载：林晓岚（工号 200004）　2026-11-13 10:02:31" in sheet
    rows = [sheet.rows for sheet in open_table(made, "x.xlsx").sheets]
    assert rows == [sheet.rows for sheet in open_table(kept, "x.xlsx").sheets]


@pytest.mark.once
def test_the_same_copy_is_the_same_bytes(cast: Cast) -> None:
    rendered(cast)
    copy = copied(cast, edition(cast), "林晓岚")
    assert copy.file
    first = copy.file.sha256
    StampedCopy.objects.update(file=None)
    [job] = Job.objects.filter(kind="reports.stamp_copy")
    effect = files_jobs.stamp_copy(job.args, TAKEN, jobs.Progress(job.pk, job.attempt, TAKEN))
    assert effect()["sha256"] == first


def test_who_asks_twice_waits_once_and_who_has_it_gets_another(cast: Cast) -> None:
    rendered(cast)
    one, actor = edition(cast), cast.actor("林晓岚", on=TAKEN)
    first = ask_for_copy(edition_id=one.pk, kind="pdf", actor=actor, at=TAKEN)
    assert ask_for_copy(edition_id=one.pk, kind="pdf", actor=actor, at=TAKEN) == first
    jobs.run_due(TAKEN)
    assert ask_for_copy(edition_id=one.pk, kind="pdf", actor=actor, at=LATER) != first


def test_a_copy_that_is_made_while_it_is_looked_at_is_not_lost(cast: Cast) -> None:
    rendered(cast)
    actor = cast.actor("韩静")
    seen = ask_for_copy(edition_id=edition(cast).pk, kind="pdf", actor=actor, at=TAKEN)
    assert work_of_copy(seen).state == "waiting"
    jobs.run_due(TAKEN)
    assert work_of_copy(seen).state == "ready"


def test_copies_are_asked_for_by_those_who_read_the_edition(cast: Cast) -> None:
    rendered(cast)
    east, west, company = edition(cast, "east"), edition(cast, "west"), edition(cast)
    wanted = {
        "林晓岚": [east, company],
        "赵国梁": [east, company],
        "吴志远": [west, company],
        "韩静": [east, west, company],
        "马骏": [],
        "许衡": [],
    }
    for name, editions in wanted.items():
        for one in (east, west, company):
            actor = cast.actor(name, on=TAKEN)
            if one in editions:
                ask_for_copy(edition_id=one.pk, kind="pdf", actor=actor, at=TAKEN)
            else:
                with pytest.raises(NotFound):
                    ask_for_copy(edition_id=one.pk, kind="pdf", actor=actor, at=TAKEN)
    with pytest.raises(NotFound):
        ask_for_copy(edition_id=east.pk, kind="docx", actor=cast.actor("韩静"), at=TAKEN)


def test_nothing_is_stamped_before_it_is_made(cast: Cast) -> None:
    published(cast)
    with pytest.raises(Refused, match="还没有生成"):
        ask_for_copy(edition_id=edition(cast).pk, kind="pdf", actor=cast.actor("韩静"), at=TAKEN)
    with pytest.raises(Refused, match="还没有生成"):
        ask_for_month(month=OCTOBER, actor=cast.actor("韩静"), at=TAKEN)


def test_without_the_font_a_copy_says_what_is_missing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: StoryClock, browser_of: Any
) -> None:
    rendered(cast)
    monkeypatch.setattr(glyphs, "FOLDERS", (tmp_path,))
    glyphs._font.cache_clear()
    copy = copied(cast, edition(cast), "林晓岚")
    assert copy.file is None
    clock.moment = TAKEN
    page = browser_of(cast["林晓岚"]).get(reverse("copy", args=[copy.pk])).content.decode()
    assert "服务器上没有 Noto Sans CJK 字体" in page


# A month in a ZIP


def test_a_month_in_a_zip_holds_what_its_reader_may_read(cast: Cast) -> None:
    bulletin = rendered(cast)
    job = bundled(cast, bulletin, "林晓岚")
    file = StoredFile.objects.get(pk=job.result["file"])
    assert (file.name, file.kind) == ("2026-10_工作通报.zip", "bulletin-zip")
    with zipfile.ZipFile(BytesIO(content_of(file))) as archive:
        assert archive.testzip() is None
        assert {one.date_time for one in archive.infolist()} == {(2026, 11, 13, 9, 0, 0)}
        names = archive.namelist()
        contents = {hashlib.sha256(archive.read(name)).hexdigest() for name in names}
    folder = "江通市通报〔2026〕10号"
    assert sorted(names) == sorted(
        f"{folder}/{folder}_{place}.{kind}"
        for place in ("全公司", "城东分公司")
        for kind in ("pdf", "xlsx")
    )
    # Each of them is a copy that can be verified later.
    assert contents == set(StampedCopy.objects.values_list("file__sha256", flat=True))
    assert StampedCopy.objects.count() == 4


def test_a_file_that_is_damaged_is_named_in_the_zip_and_the_others_are_there(
    cast: Cast, settings: Any, tmp_path: Path
) -> None:
    settings.FILES_DIR = tmp_path
    bulletin = rendered(cast)
    broken = edition(cast, "west")
    assert broken.pdf
    whole = content_of(broken.pdf)
    path_of(broken.pdf.sha256).write_bytes(b"%PDF-1.7 damaged")
    job = bundled(cast, bulletin, "韩静")
    assert (job.result["files"], job.result["missing"]) == (
        5,
        ["江通市通报〔2026〕10号_城西分公司.pdf"],
    )
    file = StoredFile.objects.get(pk=job.result["file"])
    with zipfile.ZipFile(BytesIO(content_of(file))) as archive:
        assert archive.read("没有收入的文件.txt").decode() == job.result["missing"][0]
    # What is kept anew under the same digest is whole again.
    assert keep_bytes(whole) == broken.pdf.sha256
    assert content_of(broken.pdf) == whole


def test_a_zip_at_work_is_enough(cast: Cast) -> None:
    rendered(cast)
    actor = cast.actor("韩静", on=TAKEN)
    job = ask_for_month(month=OCTOBER, actor=actor, at=TAKEN)
    assert ask_for_month(month=OCTOBER, actor=actor, at=LATER) == job
    other = ask_for_month(month=OCTOBER, actor=cast.actor("孙岚", on=TAKEN), at=TAKEN)
    assert other != job
    with pytest.raises(NotFound):
        ask_for_month(month=Month(2026, 9), actor=actor, at=TAKEN)
    with pytest.raises(NotAllowed):
        ask_for_month(month=OCTOBER, actor=CLOCK, at=TAKEN)


# Pages


@pytest.fixture
def at_ten(clock: StoryClock) -> StoryClock:
    clock.moment = TAKEN
    return clock


def test_the_page_shows_by_year_and_month_what_can_be_taken(
    cast: Cast, at_ten: StoryClock, browser_of: Any
) -> None:
    rendered(cast)
    actor = cast.actor("林晓岚", on=TAKEN)
    assert years_with_files(actor) == [2026]
    [month] = months_of(actor, 2026)
    assert [one.edition.branch_id for one in month.editions] == [None, cast.east.pk]
    page = browser_of(cast["林晓岚"]).get(reverse("downloads")).content.decode()
    assert "2026年10月通报可以下载" in page
    assert "城东分公司" in page
    assert "城西分公司" not in page
    assert "重试" not in page


def test_a_copy_is_made_while_its_page_waits_and_then_is_a_plain_link(
    cast: Cast, at_ten: StoryClock, browser_of: Any
) -> None:
    rendered(cast)
    browser: Client = browser_of(cast["林晓岚"])
    answer = browser.post(reverse("copy-ask", args=[edition(cast, "east").pk, "pdf"]))
    [copy] = StampedCopy.objects.all()
    assert (answer.status_code, answer["Location"]) == (302, reverse("copy", args=[copy.pk]))
    page = browser.get(answer["Location"]).content.decode()
    assert reverse("copy-progress", args=[copy.pk]) in page
    link = reverse("copy-file", args=[copy.pk])
    assert link not in page
    assert browser.get(link).status_code == 404
    told = browser.get(reverse("copy-progress", args=[copy.pk])).json()
    assert told == {"state": "waiting", "done": 0, "total": 1, "note": ""}

    # Left and come back to, by another way: it is there.
    jobs.run_due(TAKEN)
    told = browser.get(reverse("copy-progress", args=[copy.pk])).json()
    assert told["state"] == "done"
    page = browser.get(reverse("copy", args=[copy.pk])).content.decode()
    assert f'<a class="btn btn-primary" href="{link}"' in page
    given = browser.get(link)
    copy.refresh_from_db()
    assert copy.file
    assert given["Content-Type"] == "application/pdf"
    assert given["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert hashlib.sha256(given.content).hexdigest() == copy.file.sha256
    rows = sum(
        len(table.rows)
        for part in from_content(edition(cast, "east").content).parts
        for table in part.tables
    )
    assert disclosed() == [("林晓岚", copy.file.sha256, rows)]
    other: Client = browser_of(cast["陈嘉怡"])
    assert other.get(link).status_code == 404


def test_the_archived_file_itself_goes_out_of_no_door(
    cast: Cast, at_ten: StoryClock, browser_of: Any
) -> None:
    rendered(cast)
    one = edition(cast, "east")
    for name in ("赵国梁", "韩静"):
        browser: Client = browser_of(cast[name])
        answer = browser.get(reverse("api-file-content", args=[one.pdf_id]))
        assert answer.status_code == 404


def test_who_has_moved_keeps_no_way_to_the_old_branch(
    cast: Cast, at_ten: StoryClock, browser_of: Any
) -> None:
    bulletin = rendered(cast)
    copy = copied(cast, edition(cast, "east"), "林晓岚")
    job = bundled(cast, bulletin, "林晓岚")
    browser: Client = browser_of(cast["林晓岚"])
    addresses = [reverse("copy-file", args=[copy.pk]), reverse("bundle-file", args=[job.pk])]
    assert [browser.get(one).status_code for one in addresses] == [200, 200]
    cast["林晓岚"].grants.update(branch=cast.west)
    cast["林晓岚"].branch = cast.west
    cast["林晓岚"].save()
    assert [browser.get(one).status_code for one in addresses] == [404, 404]


def test_a_zip_is_made_in_the_background_and_written_down_when_taken(
    cast: Cast, at_ten: StoryClock, browser_of: Any
) -> None:
    rendered(cast)
    browser: Client = browser_of(cast["韩静"])
    answer = browser.post(reverse("bundle-ask", args=[OCTOBER]))
    [job] = Job.objects.filter(kind="reports.zip_month")
    assert answer["Location"] == reverse("bundle", args=[job.pk])
    assert (
        reverse("bundle-progress", args=[job.pk])
        in browser.get(answer["Location"]).content.decode()
    )
    jobs.run_due(TAKEN)
    assert browser.get(reverse("bundle-progress", args=[job.pk])).json()["state"] == "done"
    given = browser.get(reverse("bundle-file", args=[job.pk]))
    assert given["Content-Type"] == "application/zip"
    job.refresh_from_db()
    assert disclosed() == [("韩静", job.result["sha256"], 6)]
    assert hashlib.sha256(given.content).hexdigest() == job.result["sha256"]


def test_the_page_follows_the_worker_and_offers_a_second_try(
    cast: Cast, at_ten: StoryClock, browser_of: Any
) -> None:
    published(cast)
    browser: Client = browser_of(cast["韩静"])
    progress = reverse("downloads-progress", args=[OCTOBER])
    assert browser.get(progress).json() == {
        "state": "running", "done": 0, "total": 3, "note": "共 3 份，做好 0 份",
    }  # fmt: skip
    assert progress in browser.get(reverse("downloads")).content.decode()
    poisoned = edition(cast, "west")
    poisoned.content["parts"] = {}
    poisoned.content["title"] = 7
    Edition.objects.filter(pk=poisoned.pk).update(content={"parts": [{}]})
    jobs.run_due(PUBLISHED)
    assert browser.get(progress).json()["state"] == "done"
    page = browser.get(reverse("downloads")).content.decode()
    assert "2026年10月通报：1 份文件没有生成" in page
    assert "内容不完整，不能排版" in page
    assert reverse("edition-retry", args=[poisoned.pk]) in page
    answer = browser.post(reverse("edition-retry", args=[poisoned.pk]))
    assert answer["Location"] == f"{reverse('downloads')}?year=2026"
    assert browser.post(reverse("edition-retry", args=[poisoned.pk])).status_code == 422


# The API


def test_a_program_asks_waits_and_takes_the_file_in_parts(
    cast: Cast, at_ten: StoryClock, browser_of: Any
) -> None:
    rendered(cast)
    client: Client = browser_of(cast["林晓岚"])
    [own, company] = sorted(
        client.get(reverse("api-editions")).json()["items"],
        key=lambda one: one["branch"] is None,
    )
    assert (own["state"], company["branch"]) == ("ready", None)
    answer = client.post(
        reverse("api-edition-copies", args=[own["id"]]),
        data=json.dumps({"kind": "pdf"}),
        content_type="application/json",
    )
    assert answer.status_code == 202
    copy = answer.json()
    assert (copy["state"], copy["size"]) == ("waiting", None)
    assert answer["Location"].endswith(reverse("api-copy", args=[copy["id"]]))
    assert client.get(reverse("api-job", args=[copy["job"]])).json()["state"] == "waiting"
    file = reverse("api-copy-file", args=[copy["id"]])
    assert client.get(file).status_code == 404
    jobs.run_due(TAKEN)
    ready = client.get(answer["Location"]).json()
    assert ready["state"] == "ready"

    whole = client.get(file)
    tag, size = whole["ETag"], ready["size"]
    assert (tag, len(whole.content)) == (f'"{ready["sha256"]}"', size)
    part = client.get(file, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part["Content-Range"]) == (206, f"bytes 100-199/{size}")
    assert part.content == whole.content[100:200]
    last = client.get(file, headers={"Range": "bytes=-10", "If-Range": tag})
    assert (last.status_code, last.content) == (206, whole.content[-10:])
    other = client.get(file, headers={"Range": "bytes=0-9", "If-Range": '"old"'})
    assert (other.status_code, len(other.content)) == (200, size)
    beyond = client.get(file, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{size}")
    seen = Disclosure.objects.count()
    held = client.get(file, headers={"If-None-Match": tag})
    assert (held.status_code, held.content, Disclosure.objects.count()) == (304, b"", seen)


def test_a_program_takes_a_month(cast: Cast, at_ten: StoryClock, browser_of: Any) -> None:
    rendered(cast)
    client: Client = browser_of(cast["韩静"])
    answer = client.post(
        reverse("api-editions-zip", args=[OCTOBER]), data="{}", content_type="application/json"
    )
    job = answer.json()
    assert (answer.status_code, job["state"]) == (202, "waiting")
    assert answer["Location"].endswith(reverse("api-job", args=[job["id"]]))
    jobs.run_due(TAKEN)
    given = client.get(reverse("api-zip-file", args=[job["id"]]))
    assert given["Content-Type"] == "application/zip"
    assert hashlib.sha256(given.content).hexdigest() == given["ETag"].strip('"')
    assert [one["state"] for one in client.get(reverse("api-copies")).json()["items"]] == [
        "ready"
    ] * 6
