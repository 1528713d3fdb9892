"""The scheme as a file: JSON and XLSX give it back exactly; the command hands it in and out."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.errors import NotAllowed, Refused
from core.models import AuditRow
from kpi.models import Scheme
from kpi.operations.schemes import (
    import_scheme,
)
from kpi.queries.schemes import (
    newest_approved,
    scheme_faults,
)
from kpi.scheme import parsed
from kpi.scheme_files import json_bytes, read_scheme, xlsx_bytes
from tests.cast import Cast
from tests.domain.libreoffice import saved_by_libreoffice
from tests.domain.schemes import (
    DRAFTED,
    approved,
    proposed,
    with_second,
)
from tests.rules.annex5 import ANNEX5, SHIPPED, content, item_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def story(cast: Cast) -> Cast:
    """The cast with a second person in the market department."""
    return with_second(cast)


def everything() -> Any:
    """A scheme with every kind of formula and setting there is."""
    value = content()
    item_in(value, "M3")["formula"] = {
        "kind": "TIER",
        "of": "rate",
        "otherwise": "0.5",
        "rows": [
            {"from": "98", "points": "6"},
            {"from": "95.5", "from_in": False, "to": "98", "to_in": False, "share": "0.75"},
        ],
    }
    item_in(value, "S3")["formula"] = {
        "kind": "EXPR",
        "expression": "=IF(missed > 10,\n weight ÷ 2, weight)".removeprefix("="),
        "names": [{"code": "missed", "names": {"telecom": {"zh-hans": "未达", "en": "Missed"}}}],
        "least": "-1",
        "most": "5",
    }
    item_in(value, "P3d")["formula"] = {
        "kind": "DEDUCT",
        "lost_at_most": "0.8",
        "options": [
            {
                "code": "a",
                "names": {"telecom": {"zh-hans": "-缺席"}},
                "least": "0.1",
                "most": "0.2",
            },
            {
                "code": "b",
                "names": {
                    "telecom": {"zh-hans": "+迟到", "en": "=Late"},
                    "bank": {"zh-hans": "晚"},
                },
                "tiers": [{"from": "1", "points": "0.1"}, {"from": "4", "points": "0.05"}],
                "tiers_are": "each",
            },
            {
                "code": "c",
                "names": {"telecom": {"zh-hans": "好"}},
                "points": "1",
                "is_bonus": False,
            },
        ],
    }
    item_in(value, "S1")["formula"] |= {"direction": "down", "base": "4", "gain": "0.5"}
    return parsed(value)


def test_json_and_xlsx_give_the_same_scheme_back_exactly(story: Cast) -> None:
    for scheme in (ANNEX5, everything()):
        assert scheme_faults(scheme) == []
        assert parsed(read_scheme(json_bytes(scheme), "scheme.json")) == scheme
        assert parsed(read_scheme(xlsx_bytes(scheme), "scheme.xlsx")) == scheme


@pytest.mark.slow
def test_a_workbook_saved_by_libreoffice_is_still_the_same_scheme(tmp_path: Path) -> None:
    scheme = everything()
    saved = saved_by_libreoffice(xlsx_bytes(scheme), tmp_path)
    assert parsed(read_scheme(saved, "scheme.xlsx")) == scheme


@pytest.mark.parametrize("ending", ["json", "xlsx"])
def test_a_file_becomes_a_draft(story: Cast, ending: str) -> None:
    data = json_bytes(everything()) if ending == "json" else xlsx_bytes(everything())
    draft = import_scheme(
        data=data,
        filename=f"scheme.{ending}",
        name="新方案",
        valid_from="2027-01",
        actor=story.actor("韩静", on=DRAFTED),
        at=DRAFTED,
    )
    assert parsed(draft.content) == everything()
    assert (draft.state, draft.name, draft.based_on) == ("draft", "新方案", newest_approved())


UNREADABLE = [
    (b"", "scheme.json"),
    (b"[]", "scheme.json"),
    (b"{", "scheme.json"),
    (b"[" * 100_000, "scheme.json"),
    (b"PK\x03\x04 broken", "scheme.xlsx"),
    (b"{" + b" " * (2 * 1024 * 1024), "scheme.json"),
    (b'{"names": 1}', "scheme.json"),
]


@pytest.mark.parametrize(("data", "filename"), UNREADABLE)
def test_a_file_that_is_no_scheme_is_refused(story: Cast, data: bytes, filename: str) -> None:
    with pytest.raises(Refused):
        import_scheme(
            data=data, filename=filename, actor=story.actor("韩静", on=DRAFTED), at=DRAFTED
        )
    assert Scheme.objects.count() == 1


def told(*args: Any) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("scheme", *args, stdout=out)
    return out.getvalue()


def test_the_command_exports_imports_and_scores(story: Cast, clock: Any, tmp_path: Path) -> None:
    clock.set("2026-12-14 09:00:00")
    for ending in ("json", "xlsx"):
        file = tmp_path / f"scheme.{ending}"
        told("export", file)
        assert "draft" in told("import", file, "--valid-from", "2027-01")
    assert [one.content for one in Scheme.objects.all()] == [content()] * 3

    inputs = tmp_path / "inputs.json"
    inputs.write_text(
        json.dumps(
            {
                "M1": {"actual": "182.40", "target": 190},
                "S1": {"actual": 88},
                "P3c": {"met": 3, "total": 4},
                "D1": {"cases": [{"option": "over90"}]},
                "presence": {"present": 11, "working": 22},
            }
        )
    )
    before = Scheme.objects.count(), AuditRow.objects.count()
    printed = json.loads(told("score", SHIPPED, inputs))
    # 40 × 0.96, 20 − 1, 40 × 3 ÷ 4, −5.
    assert [group["score"] for group in printed["groups"]] == ["38.40", "19.00", "30.00", "-5.00"]
    assert (printed["total"], printed["band"]) == ("82.40", "good")
    assert (Scheme.objects.count(), AuditRow.objects.count()) == before


WRONG_INPUTS = [
    ("[]", "not {item code: inputs}"),
    ("{", "not JSON"),
    ('{"M9": {}}', "No such items: M9"),
    ('{"P3c": {"met": 5, "total": 4}}', "P3c.met"),
    ('{"presence": {"present": "many"}}', "presence"),
]


@pytest.mark.parametrize(("text", "says"), WRONG_INPUTS)
def test_the_command_says_what_is_wrong_with_the_inputs(
    db: None, tmp_path: Path, text: str, says: str
) -> None:
    inputs = tmp_path / "inputs.json"
    inputs.write_text(text)
    with pytest.raises(CommandError, match=says):
        told("score", SHIPPED, inputs)


def test_the_command_says_every_fault_of_a_file(db: None, tmp_path: Path, clock: Any) -> None:
    value = content()
    item_in(value, "M1")["weight"] = "13"
    file, inputs = tmp_path / "scheme.json", tmp_path / "inputs.json"
    file.write_text(json.dumps(value))
    inputs.write_text("{}")
    for act in (("import", file), ("score", file, inputs)):
        with pytest.raises(CommandError) as said:
            told(*act)
        assert len(str(said.value).splitlines()) == 2
    with pytest.raises(CommandError):
        told("export", tmp_path / "scheme.txt")
    with pytest.raises(CommandError):
        told("export", file, "--number", "9")
    with pytest.raises(CommandError):
        told("score", tmp_path / "nowhere.json", inputs)


def test_what_came_from_a_shell_is_taken_up_by_one_and_approved_by_another(
    story: Cast, clock: Any, tmp_path: Path
) -> None:
    clock.set("2026-12-14 09:00:00")
    file = tmp_path / "scheme.json"
    told("export", file)
    told("import", file, "--valid-from", "2026-12")
    draft = Scheme.objects.get(number=2)
    assert draft.drafted_by is None
    waiting = proposed(story, draft)
    assert waiting.drafted_by == story["韩静"]
    with pytest.raises(NotAllowed):
        approved(story, waiting, who="韩静")
    assert approved(story, waiting).state == "approved"
