"""Every text of the sources has its English, and no English is left over."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tools import language

pytestmark = pytest.mark.once


def test_every_text_has_its_english(tmp_path: Path) -> None:
    wanted = language.extracted(tmp_path)
    assert len(language.texts(wanted)) > 1000  # the extraction found the sources
    assert language.faults(wanted, language.english()) == []


def test_what_is_wrong_with_an_english_text_is_said() -> None:
    wanted, known = Catalog(locale="en"), Catalog(locale="en")
    wanted.add("周报")
    wanted.add("汇总", context="文件")
    wanted.add("第 %(n)s 周")
    wanted.add("{name}：已到截止时间")
    wanted.add(("%(n)s 行", "%(n)s 行"))
    wanted.add(("%(n)s 人", "%(n)s 人"))
    wanted.add("%(n)s %(unit)s")
    known.add("%(n)s %(unit)s", "%(n)s")  # English has no measure words
    known.add("汇总", "Roll-up")
    known.add("第 %(n)s 周", "Week %(number)s")
    known.add("{name}：已到截止时间", "The deadline is now")
    known.add(("%(n)s 行", "%(n)s 行"), ("One row", "%(n)s rows"))
    known.add(("%(n)s 人", "%(n)s 人"), ("%(n)s person", ""))
    known.add("旧的", "Old", flags=["fuzzy"])
    assert language.faults(wanted, known) == [
        "no English: '周报'",
        "no English: '汇总' (文件)",
        "other placeholders: '第 %(n)s 周'",
        "other placeholders: '{name}：已到截止时间'",
        "no English: '%(n)s 人'",
        "in no source: '汇总'",
        "in no source: '旧的'",
    ]
