"""The bounded language of EXPR: arithmetic over named numbers, and nothing else.

Numbers, names, + − × ÷, comparisons (also joined by and, or, not), ``min``, ``max``, ``round``
(half up) and a choice, written as in a spreadsheet, ``IF(x >= 60, a, b)``, or ``a if x >= 60 else
b``. Signs of a Chinese keyboard count as their half-width ones. There is no power, no text, no
attribute. All arithmetic is decimal. Pure.
"""

from __future__ import annotations

import ast
import operator
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation, localcontext
from decimal import DecimalException as ArithmeticFault
from functools import lru_cache
from typing import Any, Final

from simpleeval import InvalidExpression, SimpleEval

from core.numbers import rounded

LENGTH_AT_MOST: Final = 500
PARTS_AT_MOST: Final = 120
DEPTH_AT_MOST: Final = 50
RESULT_AT_MOST: Final = Decimal(1_000_000)


class ExpressionFault(ValueError):
    """An expression that is not of this language, or has no result; ``code`` says why."""

    def __init__(self, code: str, part: str = "") -> None:
        super().__init__(f"{code}: {part}")
        self.code = code
        self.part = part


_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "≤": "<=", "≥": ">=", "≠": "!=", "、": ","})
# "if(" where a value is expected is the spreadsheet's function, not Python's choice.
_IF_CALL = re.compile(r"(^|[(,+\-*/<>=])(\s*)if(\s*\()", re.IGNORECASE)
_ARITHMETIC = Context(prec=40, Emax=60, Emin=-60)


def _divided(part: Decimal, whole: Decimal) -> Decimal:
    if not whole:
        raise ExpressionFault("division_by_zero")
    return part / whole


_OPERATORS: Final[dict[type[ast.AST], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divided,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_BRANCHES = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call)
_LEAVES = (ast.Name, ast.Constant)
_FUNCTIONS: Final = ("min", "max", "round")


@dataclass(frozen=True)
class Expression:
    """A read expression: its tree, and the names it asks for."""

    tree: ast.expr
    names: frozenset[str]


def compiled(text: str, known: Collection[str]) -> Expression:
    """Read an expression that may use the names in ``known``; ExpressionFault if it cannot be."""
    return _compiled(text, frozenset(known))


@lru_cache(maxsize=512)
def _compiled(text: str, known: frozenset[str]) -> Expression:
    if len(text) > LENGTH_AT_MOST:
        raise ExpressionFault("too_long", str(LENGTH_AT_MOST))
    source = _IF_CALL.sub(r"\1\2IF\3", unicodedata.normalize("NFKC", text).translate(_SIGNS))
    source = source.strip()
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionFault("not_readable", text) from None
    nodes = list(_walked(tree, 0))
    if len(nodes) > PARTS_AT_MOST:
        raise ExpressionFault("too_many_parts", str(PARTS_AT_MOST))
    tree = _Reader(source).visit(tree)
    names = frozenset(node.id for node in _walked(tree, 0) if isinstance(node, ast.Name))
    if unknown := sorted(names - known):
        raise ExpressionFault("unknown_name", ", ".join(unknown))
    if not _is_number(tree):
        raise ExpressionFault("no_number", text)
    return Expression(tree, names)


def _walked(node: ast.AST, depth: int) -> Iterator[ast.AST]:
    """The value nodes of a tree; operators and the names of functions are looked at elsewhere."""
    if depth > DEPTH_AT_MOST:
        raise ExpressionFault("too_deep", str(DEPTH_AT_MOST))
    if not isinstance(node, (*_BRANCHES, *_LEAVES)):
        raise ExpressionFault("not_allowed", type(node).__name__)
    yield node
    children = node.args if isinstance(node, ast.Call) else ast.iter_child_nodes(node)
    for child in children:
        if isinstance(child, ast.expr):
            yield from _walked(child, depth + 1)


class _Reader(ast.NodeTransformer):
    """Turns numbers into decimals as they are written, and IF into a choice."""

    def __init__(self, source: str) -> None:
        self._source = source

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        segment = ast.get_source_segment(self._source, node) or ""
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise ExpressionFault("not_allowed", segment)
        try:
            return ast.copy_location(ast.Constant(Decimal(segment)), node)  # type: ignore[arg-type]
        except InvalidOperation:
            raise ExpressionFault("not_allowed", segment) from None

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        return self._with_known_operator(node, node.op)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        return self._with_known_operator(node, node.op)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        return self._with_known_operator(node, *node.ops)

    def _with_known_operator(self, node: ast.expr, *operators: ast.AST) -> ast.expr:
        for each in operators:
            if type(each) not in _OPERATORS:
                raise ExpressionFault("not_allowed", type(each).__name__)
        self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if node.keywords or (name != "IF" and name.lower() not in _FUNCTIONS):
            raise ExpressionFault("not_allowed", name or "()")
        args = [self.visit(arg) for arg in node.args]
        if name == "IF":
            if len(args) != 3:
                raise ExpressionFault("wrong_count", "IF")
            return ast.copy_location(ast.IfExp(args[0], args[1], args[2]), node)
        most = 2 if name.lower() == "round" else PARTS_AT_MOST
        if not 1 <= len(args) <= most:
            raise ExpressionFault("wrong_count", name)
        function = ast.copy_location(ast.Name(name.lower(), ast.Load()), node)
        return ast.copy_location(ast.Call(function, args, []), node)


def _is_number(node: ast.expr) -> bool:
    """Whether a part gives a number (and not yes or no); looks into every part below."""
    if isinstance(node, ast.BoolOp):
        _all(not _is_number(value) for value in node.values)
        return False
    if isinstance(node, ast.Compare):
        _all(_is_number(each) for each in (node.left, *node.comparators))
        return False
    if isinstance(node, ast.UnaryOp):
        is_not = isinstance(node.op, ast.Not)
        _all([_is_number(node.operand) is not is_not])
        return not is_not
    if isinstance(node, ast.BinOp):
        _all((_is_number(node.left), _is_number(node.right)))
    elif isinstance(node, ast.IfExp):
        _all((not _is_number(node.test), _is_number(node.body), _is_number(node.orelse)))
    elif isinstance(node, ast.Call):
        _all(_is_number(arg) for arg in node.args)
    return True


def _all(fits: Any) -> None:
    if not all(fits):
        raise ExpressionFault("mixed")


def evaluated(expression: Expression, values: Mapping[str, Decimal]) -> Decimal:
    """The result; ExpressionFault when it divides by nothing or runs out of bounds."""
    evaluator = SimpleEval(
        operators=_OPERATORS,
        functions={"min": min, "max": max, "round": _round},
        names=dict(values),
        allowed_attrs={},
    )
    try:
        with localcontext(_ARITHMETIC):
            result = evaluator.eval("", previously_parsed=expression.tree)
    except ArithmeticFault:
        raise ExpressionFault("out_of_bounds", str(RESULT_AT_MOST)) from None
    except InvalidExpression:
        raise ExpressionFault("not_readable") from None
    if not isinstance(result, Decimal) or abs(result) > RESULT_AT_MOST:
        raise ExpressionFault("out_of_bounds", str(RESULT_AT_MOST))
    # 1 ÷ 3 × 3 is 1: what lies behind the twentieth place is the division's, not the scheme's.
    return rounded(result, 20)


def _round(value: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    if places not in range(7):
        raise ExpressionFault("out_of_bounds", "round")
    return rounded(value, int(places))
