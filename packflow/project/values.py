"""What the text of a YAML node means: the text as it stands, or a value as YAML 1.2 has it.

YAML 1.2's core schema is what people expect: ``yes``, ``on`` and dates are text, ``0o17`` is an octal number and
``010`` is ten, ``1e3`` is a number.
"""

from __future__ import annotations

import math
import re
from typing import Any

from packflow.project.nodes import Fields, Items, Node, Scalar
from packflow.project.problems import problem

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NAMED = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)
#: What Python reads without being told otherwise; a number this long is a mistake.
_MOST_DIGITS = 4300


def text(node: Node) -> Any:
    """Give a node with every value as the text that is written; None where nothing is.

    Example:
        >>> from packflow.project.yaml import read_yaml
        >>> text(read_yaml("{version: 1.0, on: 007, note: }", "packflow.yaml"))
        {'version': '1.0', 'on': '007', 'note': None}
    """
    if isinstance(node, Fields):
        return {key: text(inner) for key, inner in node.nodes.items()}
    if isinstance(node, Items):
        return [text(inner) for inner in node.nodes]
    return None if node.plain and node.text in _NULLS else node.text


def value(node: Node, file: str, field: str = "") -> Any:
    """Give a node with every value as YAML 1.2 reads it; an alias gives a copy.

    Example:
        >>> from packflow.project.yaml import read_yaml
        >>> value(read_yaml("[1, 010, 1e3, yes, true, ~, 2024-01-01, '1']", "packflow.yaml"), "packflow.yaml")
        [1, 10, 1000.0, 'yes', True, None, '2024-01-01', '1']

    Raises:
        ProjectError: a number is too large.
    """
    if isinstance(node, Fields):
        return {key: value(inner, file, f"{field}.{key}") for key, inner in node.nodes.items()}
    if isinstance(node, Items):
        return [value(inner, file, f"{field}.{index}") for index, inner in enumerate(node.nodes)]
    found = _scalar(node)
    if found is _TOO_LARGE:
        reason = f"{field.lstrip('.')} is a number too large to be held. Write a smaller one, or quote it to have text."
        raise problem(reason, file, node.line, field.lstrip("."))
    return found


_TOO_LARGE = object()


def _scalar(node: Scalar) -> Any:
    written = node.text
    if not node.plain:
        return written
    if written in _NULLS:
        return None
    if written in _BOOLS:
        return _BOOLS[written]
    if _INT.fullmatch(written):
        base = {"0o": 8, "0x": 16}.get(written[:2], 10)
        return _TOO_LARGE if len(written) > _MOST_DIGITS else int(written, base)
    if _FLOAT.fullmatch(written):
        number = float(written)
        return _TOO_LARGE if math.isinf(number) else number
    if _NAMED.fullmatch(written):
        return float(written.replace(".", ""))
    return written
