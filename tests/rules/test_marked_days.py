"""Every day that is picked or shown can bear 休 or 班: where days are written past core.formats."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NOT_OURS = {".venv", "node_modules", "staticfiles", "build", "tests", "benchmarks", "migrations"}

# For the scripts, in a form for machines.
MACHINE_FORM = re.compile(r"""\|date:["']c["']""")
DATE_FILTER = re.compile(r"\|date\b")
NATIVE_DATE = re.compile(r"""<input[^>]*type=["']?date\b""")
DATE_INPUT = re.compile(r"\bDateInput\([^)]*\)")

# Files that write a day by themselves, and why it stays plain there.
PLAIN = {
    "core/audit.py": "the key of a job",
    "core/formats.py": "this is where the mark is put in",
    "core/imports/tables.py": "what a file says, as it is compared",
    "core/imports/values.py": "what a file says",
    "core/workbooks/writing.py": "a workbook's cell",
    "desk/style.py": "what a date field holds",
    "duties/letters.py": "the key of a mail",
    "duties/schedule.py": "the key of a job",
    "duties/todo_views.py": "what a date field holds",
    "inspections/duty_table.py": "a workbook's heading, the same over every door",
    "inspections/views/finding.py": "what a date field holds",
    "kpi/company_tables.py": "a workbook's heading, the same over every door",
    "kpi/mark_table.py": "a workbook's heading, the same over every door",
    "kpi/target_reminders.py": "the key of a job",
    "kpi/target_workbooks.py": "a workbook's heading, the same over every door",
    "kpi/views/work_items.py": "what a date field holds",
    "meetings/attendance_table.py": "a workbook's heading, the same over every door",
    "meetings/jobs.py": "the key of a job",
    "meetings/models/feeds.py": "a row's name for programmers",
    "meetings/schedule.py": "the key of a job",
    "meetings/steps.py": "what the trail compares",
    "organization/forms.py": "what a date field holds",
    "reports/cells.py": "a bulletin's cell, the same in every form of the document",
    "reports/overview_table.py": "a workbook's heading, the same over every door",
    "reports/spot_check_table.py": "a workbook's heading, the same over every door",
    "reports/stamps.py": "the stamp on a copy, the same over every door",
    "worklogs/imports/writing.py": "what a file says, as it is compared",
    "worklogs/table_workbooks.py": "a workbook's heading, the same over every door",
    "worklogs/workbooks.py": "a workbook's heading, archived with its checksum",
}


def files(ending: str) -> Iterator[tuple[str, str]]:
    """Our sources of that kind, by their path in the repository."""
    for path in sorted(ROOT.rglob(f"*.{ending}")):
        place = path.relative_to(ROOT)
        if not NOT_OURS & set(place.parts) and not place.is_relative_to("desk/demo"):
            yield place.as_posix(), path.read_text(encoding="utf-8")


def test_templates_show_days_with_our_own_filters() -> None:
    found = [name for name, text in files("html") if DATE_FILTER.search(MACHINE_FORM.sub("", text))]
    assert found == []


def test_days_are_picked_from_the_calendar_with_its_marks() -> None:
    native = [name for name, text in files("html") if NATIVE_DATE.search(text)]
    assert native == []
    bare = [
        (name, field)
        for name, text in files("py")
        for field in DATE_INPUT.findall(text)
        if "data-date" not in field
    ]
    assert bare == []


def test_what_writes_a_day_by_itself_has_a_reason() -> None:
    found = {name for name, text in files("py") if "%m-%d" in text}
    assert found == set(PLAIN)
