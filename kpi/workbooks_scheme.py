"""A scheme as a workbook that people edit and hand back.

Every sheet's name and every heading ends with the key it stands for (代码 code): by it a file is
read again, whatever language or order its columns are in. An empty cell is a thing left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from core.errors import Refused
from core.workbooks import Cell, ColumnSpec, Sheet, SheetSpec, open_table, write_workbook
from kpi.scheme import SchemeContent, as_json, decimal_text

Row = Mapping[str, Any]

_NAMES: Final = ("telecom.zh-hans", "telecom.en", "bank.zh-hans", "bank.en")
_NAME_HEADS: Final = ("电信名称", "电信英文", "银行名称", "银行英文")
_OF_NAMES: Final = ("names", "source", "note")
# Single settings of formulas, and what a row of their lists may hold beside code and names.
_SETTINGS: Final = (
    ("下限", "floor"),
    ("上限", "cap"),
    ("每档扣", "loss"),
    ("每档", "size"),
    ("目标", "target"),
    ("方向", "direction"),
    ("基础分", "base"),
    ("每档加", "gain"),
    ("最多扣", "lost_at_most"),
    ("其余", "otherwise"),
    ("取值", "of"),
    ("及格", "pass_mark"),
    ("满分", "full_mark"),
    ("最高档", "best"),
    ("加减", "sign"),
    ("同一事项取最高", "highest_per_event"),
    ("一票否决", "is_veto"),
    ("算式", "expression"),
    ("最低", "least"),
    ("最高", "most"),
)
_LISTS: Final = ("options", "questions", "rows", "names")
_IN_LISTS: Final = (
    ("分", "points"),
    ("占比", "share"),
    ("最低", "least"),
    ("最高", "most"),
    ("从", "from"),
    ("含下限", "from_in"),
    ("到", "to"),
    ("含上限", "to_in"),
    ("奖励", "is_bonus"),
    ("分档计", "tiers_are"),
    ("按次数分档", "tiers"),
)
_BOOLEANS: Final = frozenset({"highest_per_event", "is_veto", "from_in", "to_in", "is_bonus"})
_YES, _NO = "是", "否"
_TEXTS: Final = frozenset(
    {"code", "group", "topic", "clause", "kind", "unit", "metric", "direction", "sign", "of"}
    | {"expression", "tiers_are", "tiers", "veto_band", "band", "best", "list", "item"}
)


def workbook(content: SchemeContent) -> bytes:
    """The scheme as XLSX: 方案, 分组, 小类, 项目, 公式, 选项, 等级, 建议."""
    plain = as_json(content)
    return write_workbook(
        [
            _sheet(
                "方案 scheme",
                [
                    *_name_columns("names"),
                    ("否决等级", "veto_band"),
                    ("不评级在岗", "unrated_below"),
                ],
                [plain],
            ),
            _sheet(
                "分组 groups",
                [
                    ("代码", "code"),
                    ("类别", "kind"),
                    ("条款", "clause"),
                    *_name_columns("names"),
                    ("下限", "minimum"),
                    ("上限", "maximum"),
                ],
                plain["groups"],
            ),
            _sheet(
                "小类 topics",
                [("组", "group"), ("代码", "code"), ("条款", "clause"), *_name_columns("names")],
                [
                    {"group": group["code"], **topic}
                    for group in plain["groups"]
                    for topic in group["topics"]
                ],
            ),
            _sheet(
                "项目 items",
                [
                    ("代码", "code"),
                    ("组", "group"),
                    ("小类", "topic"),
                    ("条款", "clause"),
                    *_name_columns("names"),
                    ("分值", "weight"),
                    ("单位", "unit"),
                    ("数据来源", "metric"),
                    *_name_columns("source", "来源"),
                    *_name_columns("note", "说明"),
                ],
                plain["items"],
            ),
            _sheet(
                "公式 formulas",
                [("项目", "code"), ("公式", "kind"), *_SETTINGS],
                [{"code": item["code"], **item["formula"]} for item in plain["items"]],
            ),
            _sheet(
                "选项 options",
                [
                    ("项目", "item"),
                    ("列表", "list"),
                    ("代码", "code"),
                    *_name_columns("names"),
                    *_IN_LISTS,
                ],
                [
                    {"item": item["code"], "list": key, **row}
                    for item in plain["items"]
                    for key in _LISTS
                    for row in item["formula"].get(key, ())
                ],
            ),
            _sheet(
                "等级 bands",
                [
                    ("代码", "code"),
                    *_name_columns("names"),
                    ("从", "from"),
                    ("系数", "coefficient"),
                ],
                plain["bands"],
            ),
            _sheet(
                "建议 consequences",
                [
                    ("代码", "code"),
                    ("类别", "kind"),
                    *_name_columns("names"),
                    ("等级", "band"),
                    ("次数", "count"),
                    ("其中", "best"),
                    ("占比", "share"),
                ],
                plain["consequences"],
            ),
        ]
    )


def _name_columns(key: str, prefix: str = "") -> list[tuple[str, str]]:
    return [
        (f"{prefix}{head}", f"{key}.{part}") for head, part in zip(_NAME_HEADS, _NAMES, strict=True)
    ]


def _sheet(title: str, columns: Sequence[tuple[str, str]], rows: Iterable[Row]) -> SheetSpec:
    return SheetSpec(
        title,
        [ColumnSpec(f"{head} {key}", width=_width(head, key)) for head, key in columns],
        [[_cell(row, key) for _head, key in columns] for row in rows],
    )


def _width(head: str, key: str) -> float | None:
    if key == "expression":
        return 48
    return 24 if "." in key else None


def _cell(row: Row, key: str) -> str | Decimal | int | None:
    """A value as it stands in a cell: numbers are numbers, yes and no are words."""
    if "." in key:
        names, label_set, language = key.split(".")
        text = ((row.get(names) or {}).get(label_set) or {}).get(language)
        return str(text) if text else None
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool):
        return _YES if value else _NO
    if key == "tiers":
        return ", ".join(f"{tier['from']}={tier['points']}" for tier in value)
    if key in _TEXTS:
        return str(value)
    return value if isinstance(value, int) else Decimal(str(value))


# --- reading ---------------------------------------------------------------------------------


def read_workbook(data: bytes, filename: str) -> dict[str, Any]:
    """The JSON of the scheme in a workbook of this form; Refused where a sheet is missing."""
    book = open_table(data, filename)
    sheets = {_key(sheet.name): _rows(sheet) for sheet in book.sheets}
    for key in ("scheme", "groups", "items", "formulas", "bands"):
        if not sheets.get(key):
            raise Refused(
                _("工作簿里没有“%(sheet)s”表，或者是空的。请在导出的文件上改。") % {"sheet": key},
                field="file",
            )
    formulas = {row.get("code"): row for row in sheets["formulas"]}
    lists = sheets.get("options", [])
    return {
        **sheets["scheme"][0],
        "groups": [
            {**group, "topics": _without("group", sheets.get("topics", []), group.get("code"))}
            for group in sheets["groups"]
        ],
        "items": [
            {**item, "formula": _formula(formulas.get(item.get("code"), {}), lists)}
            for item in sheets["items"]
        ],
        "bands": sheets["bands"],
        "consequences": sheets.get("consequences", []),
    }


def _without(key: str, rows: Sequence[Row], value: Any) -> list[dict[str, Any]]:
    """The rows of one owner, without the column that names it."""
    return [
        {inner: each for inner, each in row.items() if inner != key}
        for row in rows
        if row.get(key) == value
    ]


def _formula(row: Row, lists: Sequence[Row]) -> dict[str, Any]:
    formula = {key: value for key, value in row.items() if key != "code"}
    for key in _LISTS:
        of_item = [
            {inner: each for inner, each in entry.items() if inner not in ("item", "list")}
            for entry in lists
            if entry.get("item") == row.get("code") and entry.get("list") == key
        ]
        if of_item:
            formula[key] = of_item
    return formula


def _key(text: object) -> str:
    """What a heading stands for: its last word."""
    words = str(text or "").split()
    return words[-1] if words else ""


def _rows(sheet: Sheet) -> list[dict[str, Any]]:
    """A sheet's rows by the keys of its headings, without empty cells and empty rows."""
    if not sheet.rows:
        return []
    keys = [_key(head) for head in sheet.rows[0]]
    found = []
    for cells in sheet.rows[1:]:
        row: dict[str, Any] = {}
        for key, cell in zip(keys, cells, strict=True):
            if key and cell is not None:
                _put(row, key, cell)
        if row:
            found.append(row)
    return found


def _put(row: dict[str, Any], key: str, cell: Cell) -> None:
    value: Any = _text(cell)
    if "." in key:
        names, label_set, language = [*key.split("."), "", ""][:3]
        row.setdefault(names, {}).setdefault(label_set, {})[language] = value
        return
    if key in _BOOLEANS:
        value = {_YES: True, _NO: False}.get(value, cell if isinstance(cell, bool) else value)
    elif key == "tiers":
        value = [
            dict(zip(("from", "points"), (part.strip() for part in tier.split("=")), strict=False))
            for tier in value.replace("，", ",").split(",")
        ]
    row[key] = value


def _text(cell: Cell) -> str:
    """A cell as text; a number without what a spreadsheet's way of keeping it adds."""
    if isinstance(cell, bool):
        return _YES if cell else _NO
    if isinstance(cell, float | int):
        return decimal_text(Decimal(repr(cell)))
    return str(cell).strip()
