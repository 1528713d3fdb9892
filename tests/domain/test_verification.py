"""Anybody who holds a paper may ask whether it is genuine, and learns no more than its heading."""

import hashlib
from typing import Any, Final

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse

from core.files import content_of, path_of
from reports.codes import as_typed, verification_code
from reports.models import Bulletin, Edition
from reports.queries.verification import genuine_code, genuine_file
from reports.views.verification import TRIES_A_MINUTE
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.editions import copied, rendered

UNKNOWN: Final = "2222-3333-4444-5555"


@pytest.fixture
def bulletin(cast: Cast, clock: StoryClock) -> Bulletin:
    clock.set("2026-11-20 09:00:00")
    return rendered(cast)


def company(bulletin: Bulletin) -> Edition:
    return Edition.objects.select_related("pdf", "xlsx").get(bulletin=bulletin, branch=None)


def handed_in(client: Client, content: bytes) -> Any:
    return client.post(reverse("verify"), {"file": SimpleUploadedFile("x.pdf", content)})


def test_the_qr_code_leads_to_what_stands_in_the_heading_and_to_nothing_else(
    bulletin: Bulletin,
) -> None:
    edition = company(bulletin)
    answer = Client().get(reverse("verify-code", args=[edition.code]))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in page
    for words in (
        "这是正式发布的文件",
        "江通市通报〔2026〕10号",
        "关于2026年10月客户经理工作情况的通报",
        "2026年10月",
        "2026-11-13 09:00",
        edition.digest,
        edition.code,
    ):
        assert words in page
    for content in ("高新", "93.05", "恒源食品", "检查", "韩静"):
        assert content not in page
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "write",
    [str, str.lower, lambda code: code.replace("-", " "), lambda code: code.replace("-", "")],
)
def test_a_code_may_be_typed_as_people_type(bulletin: Bulletin, write: Any) -> None:
    edition = company(bulletin)
    answer = Client().post(reverse("verify"), {"code": write(edition.code)})
    assert answer["Location"] == reverse("verify-code", args=[edition.code])
    found = genuine_code(write(edition.code))
    assert found is not None
    assert found.digest == edition.digest


@pytest.mark.parametrize("code", [UNKNOWN, "x", "<script>", "2222", "0" * 500, "通报"])
def test_what_is_unknown_and_what_is_wrong_are_answered_alike(
    bulletin: Bulletin, code: str
) -> None:
    client = Client()
    unknown = client.get(reverse("verify-code", args=[UNKNOWN]))
    answer = client.get(reverse("verify-code", args=[code]))
    assert answer.status_code == unknown.status_code == 404
    assert _without_tokens(answer) == _without_tokens(unknown)
    assert "没有这个验证码。请对照文件末页再输一次。" in answer.content.decode()


def _without_tokens(answer: Any) -> list[str]:
    lines: list[str] = answer.content.decode().splitlines()
    changing = ("csrfmiddlewaretoken", "csrf-token", "nonce", 'name="next"')
    return [line for line in lines if not any(word in line for word in changing)]


def test_what_is_not_published_is_unknown(bulletin: Bulletin) -> None:
    edition = company(bulletin)
    Bulletin.objects.update(state="proposed")
    assert genuine_code(edition.code) is None
    assert edition.pdf
    assert genuine_file(edition.pdf.sha256) is None


def test_a_file_is_known_by_its_bytes_archived_or_stamped(bulletin: Bulletin, cast: Cast) -> None:
    edition = company(bulletin)
    copy = copied(cast, edition, "林晓岚")
    assert edition.pdf
    assert edition.xlsx
    assert copy.file
    client = Client()
    before = sorted(path_of("").parent.rglob("*"))
    for file in (edition.pdf, edition.xlsx):
        page = handed_in(client, content_of(file)).content.decode()
        assert "这是正式发布的文件" in page
        assert "下载记录" not in page
    page = handed_in(client, content_of(copy.file)).content.decode()
    assert f"D-20261113-{copy.pk:04d}" in page
    assert "林晓岚" not in page  # not even whose copy it was
    changed = handed_in(client, content_of(copy.file) + b" ")
    assert changed.status_code == 404
    assert "这个文件不是系统发出的原样" in changed.content.decode()
    # Nothing that was handed in is kept.
    assert sorted(path_of("").parent.rglob("*")) == before


def test_a_branchs_edition_says_whose_it_is(bulletin: Bulletin, cast: Cast) -> None:
    east = Edition.objects.get(bulletin=bulletin, branch=cast.east)
    found = genuine_code(east.code)
    assert found is not None
    assert (found.place, found.digest) == ("城东分公司", east.digest)


def test_a_later_supplement_is_named(bulletin: Bulletin) -> None:
    Bulletin.objects.create(
        month="2026-10",
        supplement=1,
        state="published",
        title="补充",
        document_number="江通市通报〔2026〕11号",
        published_at=at("2026-11-18 09:00:00"),
        drafted_at=at("2026-11-17 09:00:00"),
        updated_at=at("2026-11-18 09:00:00"),
    )
    found = genuine_code(company(bulletin).code)
    assert found is not None
    assert found.supplements == ("江通市通报〔2026〕11号",)


def test_too_large_a_file_and_nothing_at_all_are_refused_calmly(bulletin: Bulletin) -> None:
    with override_settings(UPLOAD_MAX_BYTES=10):
        answer = handed_in(Client(), b"x" * 11)
    assert answer.status_code == 422
    assert "文件超过" in answer.content.decode()
    answer = Client().post(reverse("verify"), {"code": " "})
    assert answer.status_code == 422


def test_who_tries_too_often_waits_a_minute(bulletin: Bulletin, clock: StoryClock) -> None:
    client = Client()
    address = reverse("verify-code", args=[UNKNOWN])
    assert [client.get(address).status_code for _n in range(TRIES_A_MINUTE)] == [
        404
    ] * TRIES_A_MINUTE
    late = client.get(reverse("verify-code", args=[company(bulletin).code]))
    assert late.status_code == 429
    assert "请过一分钟再试" in late.content.decode()
    assert handed_in(client, b"x").status_code == 429
    other = Client(REMOTE_ADDR="198.51.100.9")
    assert other.get(address).status_code == 404
    clock.advance(seconds=60)
    assert client.get(address).status_code == 404


def test_somebody_who_is_signed_in_sees_the_same(
    bulletin: Bulletin, cast: Cast, browser_of: Any
) -> None:
    page = browser_of(cast["许衡"]).get(reverse("verify-code", args=[company(bulletin).code]))
    assert page.status_code == 200
    assert "93.05" not in page.content.decode()


def test_a_program_asks_by_code_or_by_digest(
    bulletin: Bulletin, cast: Cast, browser_of: Any
) -> None:
    edition = company(bulletin)
    assert edition.pdf
    client = browser_of(cast["林晓岚"])
    told = client.get(reverse("api-verify", args=[edition.code])).json()
    assert (told["document_number"], told["digest"]) == ("江通市通报〔2026〕10号", edition.digest)
    same = client.get(reverse("api-verify-file", args=[edition.pdf.sha256.upper()])).json()
    assert same == told
    wrong = hashlib.sha256(b"x").hexdigest()
    assert client.get(reverse("api-verify-file", args=[wrong])).status_code == 404


def test_codes_have_no_letters_that_are_mistaken_on_paper() -> None:
    codes = [verification_code(hashlib.sha256(str(n).encode()).hexdigest()) for n in range(200)]
    assert len(set(codes)) == 200
    assert all(len(code) == 19 and not set(code) & set("01OIULoil") for code in codes)
    assert as_typed(" 7ed7 x53v-jsa5rr88 ") == "7ED7-X53V-JSA5-RR88"
