"""Documents, cases and questions in the browser: added, told, signed; handed in, answered."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from confidentiality.models import Disclosure
from meetings.choices import Presence
from meetings.models import Contribution, Document
from meetings.operations.documents import tell_present
from organization.models import Person
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.domain.minuted import ENDED, held

Browser = Callable[[Person], Client]
GIVEN = {"title": "专线资费", "gist": "新资费", "level": "2", "tell_by": "2026-11-27"}


@pytest.fixture(autouse=True)
def friday_before(clock: StoryClock) -> None:
    """It is added on the Friday before the weekly meeting."""
    clock.set("2026-11-20 16:00:00")


def test_a_supervisor_adds_a_document_and_who_was_absent_signs(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    boss = browser_of(cast["周建平"])
    assert boss.post("/documents/new/", {**GIVEN, "roles": []}).status_code == 422
    file = SimpleUploadedFile("资费.pdf", b"%PDF-1.7 x")
    answer = boss.post("/documents/new/", {**GIVEN, "roles": ["manager"], "file": file})
    document = Document.objects.get()
    url = f"/documents/{document.pk}/"
    assert answer["Location"] == url
    clock.set("2026-11-23 09:00:00")
    tell_present(held(cast, "weekly", presence={"陈嘉怡": Presence.ABSENT}), ENDED)
    reader = browser_of(cast["陈嘉怡"])
    page = reader.get(url).content.decode()
    assert "我已阅读" in page
    assert "何俊峰" not in page  # how the others stand is for those who lead them
    assert reader.get(f"{url}file/").content == b"%PDF-1.7 x"
    assert Disclosure.objects.get().person == cast["陈嘉怡"]
    assert reader.post(f"{url}sign/")["Location"] == url
    assert document.readers.get(person=cast["陈嘉怡"]).way == "read"
    assert "我已阅读" not in reader.get(url).content.decode()
    boss = browser_of(cast["周建平"])
    shown = boss.get(url).content.decode()
    assert [shown.count(name) for name in ("何俊峰", "林晓岚", "陈嘉怡")] == [1, 1, 1]
    assert "何俊峰" not in boss.get(f"{url}?state=waiting").content.decode()
    assert boss.get(f"{url}readers/").status_code == 200


def test_a_document_that_was_told_keeps_its_words_on_the_page_too(
    cast: Cast, browser_of: Browser
) -> None:
    boss = browser_of(cast["周建平"])
    boss.post("/documents/new/", {**GIVEN, "roles": ["manager"]})
    document = Document.objects.get()
    tell_present(held(cast, "weekly", presence={"陈嘉怡": Presence.ABSENT}), ENDED)
    url = f"/documents/{document.pk}/change/"
    assert "内容不能再改" in boss.get(url).content.decode()
    given = {**GIVEN, "title": "另一回事", "tell_by": "2026-11-30", "version": 1}
    assert boss.post(url, {**given, "without": [cast["陈嘉怡"].pk]}).status_code == 302
    document.refresh_from_db()
    assert (document.title, document.tell_by) == ("专线资费", date(2026, 11, 30))
    assert document.readers.count() == 2
    stale = boss.post(url, {**given, "roles": ["gm", "deputy"]})
    assert (stale.status_code, document.readers.count()) == (409, 2)


def test_a_question_goes_from_its_author_to_every_branch(cast: Cast, browser_of: Browser) -> None:
    author, boss = browser_of(cast["林晓岚"]), browser_of(cast["赵国梁"])
    given = {"kind": "question", "title": "提前解约", "text": "还有八个月"}
    assert author.post("/cases-and-questions/new/", {**given, "text": ""}).status_code == 422
    author.post("/cases-and-questions/new/", given)
    one = Contribution.objects.get()
    url = f"/cases-and-questions/{one.pk}/"
    author.post(f"{url}change/", {**given, "text": "还有七个月", "version": 1})
    boss.post(f"{url}answer/", {"answer": "先面谈", "version": 2})
    assert author.post(f"{url}withdraw/", {"version": 3}).status_code == 422
    west = browser_of(cast["吴志远"])
    assert "提前解约" not in west.get("/cases-and-questions/?q=面谈").content.decode()
    assert boss.post(f"{url}share/", {"version": 3})["Location"] == url
    assert "提前解约" in west.get("/cases-and-questions/?q=面谈").content.decode()
    assert "先面谈" in west.get(url).content.decode()
    assert boss.post(f"{url}unshare/", {"version": 3}).status_code == 409
    boss.post(f"{url}unshare/", {"version": 4})
    assert west.get(url).status_code == 404
