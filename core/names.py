"""Chinese names as people search and sort them: by character, pinyin, initials.

People's surnames are read as surnames (单 is shan, 尉迟 is yuchi); firms' names character by
character with the trade words that are read otherwise. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from pypinyin import lazy_pinyin

# Two-character surnames, which are never split, with their reading.
_DOUBLE_SURNAMES = {
    "欧阳": "ou yang",
    "太史": "tai shi",
    "端木": "duan mu",
    "上官": "shang guan",
    "司马": "si ma",
    "东方": "dong fang",
    "独孤": "du gu",
    "南宫": "nan gong",
    "万俟": "mo qi",
    "闻人": "wen ren",
    "夏侯": "xia hou",
    "诸葛": "zhu ge",
    "尉迟": "yu chi",
    "公羊": "gong yang",
    "赫连": "he lian",
    "澹台": "tan tai",
    "皇甫": "huang fu",
    "宗政": "zong zheng",
    "濮阳": "pu yang",
    "公冶": "gong ye",
    "太叔": "tai shu",
    "申屠": "shen tu",
    "公孙": "gong sun",
    "慕容": "mu rong",
    "仲孙": "zhong sun",
    "钟离": "zhong li",
    "长孙": "zhang sun",
    "宇文": "yu wen",
    "司徒": "si tu",
    "鲜于": "xian yu",
    "司空": "si kong",
    "令狐": "ling hu",
    "百里": "bai li",
    "呼延": "hu yan",
    "东郭": "dong guo",
    "西门": "xi men",
    "公西": "gong xi",
    "纳兰": "na lan",
    "拓跋": "tuo ba",
    "轩辕": "xuan yuan",
}
# Single surnames that are read otherwise than the character elsewhere.
_SURNAMES = {
    "单": "shan",
    "仇": "qiu",
    "解": "xie",
    "曾": "zeng",
    "查": "zha",
    "朴": "piao",
    "盖": "ge",
    "区": "ou",
    "缪": "miao",
    "翟": "zhai",
    "乐": "yue",
    "员": "yun",
    "黑": "he",
    "重": "chong",
    "秘": "bi",
    "折": "she",
    "卜": "bu",
    "种": "chong",
    "繁": "po",
    "覃": "qin",
    "召": "shao",
    "能": "nai",
    "适": "kuo",
    "隗": "wei",
    "郇": "xun",
    "都": "du",
    "祭": "zhai",
    "么": "yao",
    "洗": "xian",
}
# Words in firms' names whose characters are read otherwise than alone.
_TRADE_WORDS = {
    "银行": "yin hang",
    "商行": "shang hang",
    "车行": "che hang",
    "行业": "hang ye",
    "会计": "kuai ji",
    "音乐": "yin yue",
    "乐器": "yue qi",
    "重庆": "chong qing",
    "厦门": "xia men",
    "番禺": "pan yu",
    "蚌埠": "beng bu",
    "都市": "du shi",
    "首都": "shou du",
    "成都": "cheng du",
    "长征": "chang zheng",
    "调味": "tiao wei",
    "给水": "ji shui",
    "供给": "gong ji",
    "六安": "lu an",
}
# Characters of firms' names that are read in two ways, each reading beside the other.
_OTHER_READINGS = {
    sign: {one: two, two: one}
    for sign, one, two in (
        ("长", "chang", "zhang"),
        ("重", "chong", "zhong"),
        ("行", "hang", "xing"),
        ("乐", "le", "yue"),
        ("朝", "chao", "zhao"),
        ("盛", "sheng", "cheng"),
        ("都", "du", "dou"),
        ("会", "hui", "kuai"),
        ("调", "tiao", "diao"),
        ("省", "sheng", "xing"),
        ("单", "dan", "shan"),
        ("曾", "zeng", "ceng"),
        ("厦", "sha", "xia"),
        ("参", "can", "shen"),
        ("藏", "cang", "zang"),
        ("传", "chuan", "zhuan"),
        ("降", "jiang", "xiang"),
        ("校", "xiao", "jiao"),
        ("宿", "su", "xiu"),
    )
}
_TRADE_PATTERN = re.compile("|".join(_TRADE_WORDS))
_SPACES = re.compile(r"\s+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class NameKeys:
    """How a name is found and sorted: ``shanxiongxin``, ``sxx``, and a key for ordering."""

    pinyin: str
    initials: str
    sort_key: str
    # The same with the other reading of characters that have two; "" where none has.
    other_pinyin: str = ""
    other_initials: str = ""


def person_keys(name: str) -> NameKeys:
    """Keys of a person's name, its surname read as a surname."""
    return _keys(name, _person_syllables(name))


def firm_keys(name: str) -> NameKeys:
    """Keys of a firm's or branch's name; people look for 长风 as changfeng and as zhangfeng."""
    syllables = _firm_syllables(name)
    keys = _keys(name, syllables)
    signs = folded(name)
    if len(signs) != len(syllables) or _OTHER_READINGS.keys().isdisjoint(signs):
        return keys
    pairs = zip(signs, syllables, strict=True)
    other = [_OTHER_READINGS.get(sign, {}).get(read, read) for sign, read in pairs]
    return replace(
        keys, other_pinyin="".join(other), other_initials="".join(each[0] for each in other)
    )


def search_text(name: str, keys: NameKeys, *more: str, limit: int = 400) -> str:
    """The one lower-case column that ``LIKE '%…%'`` looks in: name, pinyin, initials, ``more``.

    ``more`` are codes, job numbers, tails of phones. Cut at ``limit`` characters.
    """
    words = (
        folded(name),
        *(keys.pinyin, keys.initials, keys.other_pinyin, keys.other_initials),
        *(folded(each) for each in more),
    )
    return " ".join(dict.fromkeys(word for word in words if word))[:limit]


def folded(text: str) -> str:
    """Text as it is compared: half-width, lower case, single spaces, none at the ends."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip().lower()


def is_one_line(text: str) -> bool:
    """Whether there is neither a line break nor another control character in it: names and places
    stand in headings, in lines of files and calendars."""
    return not _CONTROLS.search(text)


def cleaned_name(name: str) -> str:
    """A name as it is kept: no spaces at the ends, none between Chinese characters."""
    text = _SPACES.sub(" ", name.replace("\u200b", "").replace("\ufeff", "")).strip()
    return re.sub(r"(?<=[\u3400-\u9fff·]) (?=[\u3400-\u9fff·])", "", text)


def _keys(name: str, syllables: tuple[str, ...]) -> NameKeys:
    joined = " ".join(syllables)
    return NameKeys(
        pinyin="".join(syllables).replace(" ", ""),
        initials="".join(each[0] for each in syllables),
        sort_key=f"{joined} {folded(name)}"[:120],
    )


@lru_cache(maxsize=4096)
def _person_syllables(name: str) -> tuple[str, ...]:
    name = folded(name)
    if len(name) > 2 and name[:2] in _DOUBLE_SURNAMES:
        return (*_DOUBLE_SURNAMES[name[:2]].split(), *_read(name[2:]))
    if len(name) > 1 and name[0] in _SURNAMES:
        return (_SURNAMES[name[0]], *_read(name[1:]))
    if name.isascii():
        return tuple(_read(name))
    # A surname is never read together with what follows it.
    return (*_read(name[:1]), *_read(name[1:]))


def _firm_syllables(name: str) -> tuple[str, ...]:
    syllables: list[str] = []
    name, place = folded(name), 0
    for match in _TRADE_PATTERN.finditer(name):
        syllables += _spelled(name[place : match.start()])
        syllables += _TRADE_WORDS[match[0]].split()
        place = match.end()
    return tuple(syllables + _spelled(name[place:]))


def _read(text: str) -> list[str]:
    return [each for part in lazy_pinyin(text) for each in part.split()]


def _spelled(text: str) -> list[str]:
    """Character by character; a run of other signs is one syllable."""
    syllables: list[str] = []
    run = ""
    for sign in text:
        if "\u3400" <= sign <= "\u9fff":
            syllables += [run] if run else []
            run = ""
            syllables.append(_syllable(sign))
        elif sign.isalnum():
            run += sign
        elif run:
            syllables.append(run)
            run = ""
    return [*syllables, run] if run else syllables


@lru_cache(maxsize=8192)
def _syllable(character: str) -> str:
    return lazy_pinyin(character)[0]
