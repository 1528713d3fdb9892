"""Why the files of an edition could not be made: kept as a code, told in the reader's words."""

import json
from typing import Any, Final

from django.utils.translation import gettext as _

from core.errors import Refused
from reports.cells import BrokenCell
from reports.models import Edition

_WORDS_AT_MOST: Final = 60


def kept(error: Exception) -> str:
    """The fault as an edition keeps it."""
    return json.dumps(_plain(error), ensure_ascii=False)


def _plain(error: Exception) -> dict[str, Any]:
    if isinstance(error, BrokenCell):
        return {
            "code": "cell",
            "column": error.column[:_WORDS_AT_MOST],
            "text": error.text[:_WORDS_AT_MOST],
        }
    if isinstance(error, Refused):
        return {"code": "refused", "text": str(error.message)[:200]}
    code = "content" if isinstance(error, LookupError | TypeError | ValueError) else "other"
    return {"code": code, "text": type(error).__name__[:_WORDS_AT_MOST]}


def why(edition: Edition) -> str:
    """The fault in a sentence for the reader; "" where there is none."""
    if not edition.error:
        return ""
    fault: dict[str, str] = json.loads(edition.error)
    match fault["code"]:
        case "cell":
            words = _("“%(column)s”一列里写着“%(text)s”，不是这一列该有的数或日期。")
            return words % fault
        case "refused":
            return fault["text"]
        case "content":
            return _("内容不完整，不能排版（%(text)s）。") % fault
        case _:
            return _("排版时出错（%(text)s），请系统管理员看后台日志。") % fault


def why_lost() -> str:
    """What is said where the worker never came back."""
    return _("生成时后台中断了几次，没有做成。请重试。")
