"""Which of the expressions in an export archive are harmless to evaluate: those of sizes."""

from __future__ import annotations

import ast
import re
from typing import Any

from packflow.utils.parsing import one_at_a_time

_SYMPY = {
    *("Symbol", "Integer", "Float", "Rational", "Add", "Mul", "Pow", "Abs", "Max", "Min", "Mod", "floor", "ceiling"),
    *("Eq", "Ne", "Lt", "Le", "Gt", "Ge", "Equality", "Unequality", "LessThan", "GreaterThan", "StrictLessThan"),
    *("StrictGreaterThan", "And", "Or", "Not", "ITE", "Piecewise", "ExprCondPair", "Tuple"),
    # PyTorch's own
    *("FloorDiv", "ModularIndexing", "Where", "PythonMod", "CleanDiv", "CeilToInt", "FloorToInt", "CeilDiv", "LShift"),
    *("RShift", "PowByNatural", "FloatPow", "FloatTrueDiv", "IntTrueDiv", "IsNonOverlappingAndDenseIndicator"),
    *("TruncToFloat", "TruncToInt", "RoundToInt", "RoundDecimal", "ToFloat", "Identity"),
}
_GUARD_FUNCTIONS = {*_SYMPY - {"Symbol"}, "max", "min", "abs", "int", "float", "bool"}
_METHODS = {"size", "stride", "storage_offset", "dim", "item"}
_MATH = {"floor", "ceil", "trunc", "sqrt", "isnan", "inf", "pow"}

#: Before it evaluates, sympy reads a text in ways of its own: no comment, line end, or letter that looks like another.
_TEXT = re.compile(r"[A-Za-z0-9_ .,()=+\-*/%<>!'&|~]*")
_GUARD_TEXT = re.compile(r"[A-Za-z0-9_ .,()=+\-*/%<>!'&|~\[\]]*")
_NUMBER = re.compile(r"-?[0-9.]+(e[+-]?[0-9]+)?")
_SYMBOL = re.compile(r"[a-z]+[0-9]+|oo|int_oo|zoo|nan|true|false")
_NODES = (
    ast.Expression,
    ast.keyword,
    ast.Load,
    ast.UnaryOp,
    ast.BinOp,
    ast.Compare,
    ast.operator,
    ast.unaryop,
    ast.cmpop,
)


def is_plain_expression(text: str) -> bool:
    """Whether an expression is built of sympy's sums and the like, symbols and numbers alone.

    Example:
        >>> is_plain_expression("Add(Symbol('s0', positive=True, integer=True), Integer(1))")
        True
        >>> is_plain_expression("__import__('os').system('true')")
        False
    """
    tree = _parsed(text, _TEXT)
    return tree is not None and _is_plain(tree)


def _parsed(text: str, letters: re.Pattern[str]) -> ast.expr | None:
    if not letters.fullmatch(text):
        return None
    try:
        with one_at_a_time:
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_plain(node: Any) -> bool:
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in _SYMPY:
            return False
        arguments = node.args
        if node.func.id in ("Symbol", "Float") and arguments and isinstance(arguments[0], ast.Constant):
            value = str(arguments[0].value)
            arguments = arguments[1:]
            if not (value.isidentifier() if node.func.id == "Symbol" else _NUMBER.fullmatch(value)):
                return False
        return all(map(_is_plain, arguments)) and all(_is_plain(keyword.value) for keyword in node.keywords)
    if isinstance(node, ast.Name):
        return _SYMBOL.fullmatch(node.id) is not None
    if isinstance(node, ast.Constant):  # sympy would evaluate text in turn
        return isinstance(node.value, (bool, int, float))
    if isinstance(node, ast.Tuple):
        return all(map(_is_plain, node.elts))
    return isinstance(node, _NODES) and all(map(_is_plain, ast.iter_child_nodes(node)))


def is_plain_guard(text: str) -> bool:
    """Whether a condition on the inputs compares sizes and numbers alone.

    Example:
        >>> is_plain_guard("L['y'].size()[0] == L['x'].size()[0]"), is_plain_guard("exit(1)")
        (True, False)
    """
    tree = _parsed(text, _GUARD_TEXT)
    return tree is not None and _is_guard(tree)


def _is_guard(node: Any) -> bool:
    if isinstance(node, ast.Call):
        return (
            not node.keywords
            and (_is_method(node.func) or (isinstance(node.func, ast.Name) and node.func.id in _GUARD_FUNCTIONS))
            and all(map(_is_guard, node.args))
        )
    if isinstance(node, ast.Attribute):
        return isinstance(node.value, ast.Name) and node.value.id == "math" and node.attr in _MATH
    if isinstance(node, ast.Subscript):
        key = node.slice
        named = isinstance(key, ast.Constant) and isinstance(key.value, (str, int))
        return named and _is_guard(node.value)
    if isinstance(node, ast.Name):
        return node.id in ("L", "inf")
    if isinstance(node, ast.Constant):
        return node.value is None or isinstance(node.value, (bool, int, float))
    if isinstance(node, (ast.BoolOp, ast.boolop)):
        return all(map(_is_guard, ast.iter_child_nodes(node)))
    return isinstance(node, _NODES) and all(map(_is_guard, ast.iter_child_nodes(node)))


def _is_method(node: ast.expr) -> bool:
    if not isinstance(node, ast.Attribute):
        return False
    return _is_guard(node) or (node.attr in _METHODS and _is_guard(node.value))
