"""Names as they are found and sorted."""

from __future__ import annotations

import pytest

from core.names import cleaned_name, firm_keys, person_keys, search_text


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("单雄信", "shanxiongxin", "sxx"),
        ("曾丽", "zengli", "zl"),
        ("仇洋", "qiuyang", "qy"),
        ("尉迟建", "yuchijian", "ycj"),
        ("欧阳娟", "ouyangjuan", "oyj"),
        ("朴正欢", "piaozhenghuan", "pzh"),
        ("张丽", "zhangli", "zl"),
    ],
)
def test_a_surname_is_read_as_one(name: str, pinyin: str, initials: str) -> None:
    keys = person_keys(name)
    assert (keys.pinyin, keys.initials) == (pinyin, initials)


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("重庆银行", "chongqingyinhang", "cqyh"),
        ("ＭＢＰ软件", "mbpruanjian", "mrj"),
        ("数字100网络", "shuzi100wangluo", "sz1wl"),
        ("城区分公司", "chengqufengongsi", "cqfgs"),
    ],
)
def test_a_firm_is_read_character_by_character(name: str, pinyin: str, initials: str) -> None:
    keys = firm_keys(name)
    assert (keys.pinyin, keys.initials) == (pinyin, initials)


def test_a_firm_is_found_by_the_other_reading_too() -> None:
    keys = firm_keys("长风电子有限公司")
    text = search_text("长风电子有限公司", keys)
    assert all(words in text for words in ("changfeng", "zhangfeng", "cfdz", "zfdz"))
    assert firm_keys("东方纺织").other_pinyin == ""


def test_people_sort_by_their_pinyin() -> None:
    people = ["赵国梁", "单雄信", "欧阳娟", "张丽", "张力"]
    ordered = sorted(people, key=lambda name: person_keys(name).sort_key)
    assert ordered == ["欧阳娟", "单雄信", "张丽", "张力", "赵国梁"]


def test_one_column_finds_name_pinyin_initials_and_tail() -> None:
    text = search_text("林晓岚", person_keys("林晓岚"), "200004", "1207")
    assert text == "林晓岚 linxiaolan lxl 200004 1207"
    assert len(search_text("长" * 500, firm_keys("长"), limit=240)) == 240


def test_blanks_in_names_are_slips_of_the_hand() -> None:
    assert cleaned_name(" 张\u3000丽 ") == "张丽"
    assert cleaned_name("John  Smith") == "John Smith"
