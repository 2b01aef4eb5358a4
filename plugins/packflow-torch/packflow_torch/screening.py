"""Does an export archive hold anything that runs code? Looked for before PyTorch opens it.

``torch.export.load`` unpickles parts of an archive without restraint, evaluates expressions of sizes as Python,
reaches operators by any dotted name under ``torch``, and loads compiled libraries. An archive needs none of that to
hold a model: its weights are plain bytes, its expressions sympy's, its operators those under ``torch.ops``. Whatever
else is in it is told here. This reads JSON, names of members, and pickles only under PyTorch's own restraint
(``weights_only``).
"""

from __future__ import annotations

import ast
import builtins
import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

_TARGET = re.compile(r"(torch\.ops(\.[A-Za-z_]\w*){2,3}|_operator\.[a-z]\w*|math\.[a-z]\w*|torch\.sym_[a-z]+)")
_SAFE_NODES = (
    ast.Expression,
    ast.Call,
    ast.keyword,
    ast.Name,
    ast.Load,
    ast.Constant,
    ast.UnaryOp,
    ast.BinOp,
    ast.Compare,
    ast.operator,
    ast.unaryop,
    ast.cmpop,
)


def archive_problem(content: bytes) -> str | None:
    """Say what in an export archive could run code; None if nothing could.

    Raises:
        zipfile.BadZipFile: it is no archive.
        ValueError: its JSON is no JSON.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {info.filename.partition("/")[2]: info.filename for info in archive.infolist()}
        if "archive_format" not in members:
            return "it is of an older format, which is read with pickle. Export the model anew with this PyTorch"
        for member, name in sorted(members.items()):
            problem = _member_problem(member, lambda name=name: archive.read(name), archive, members)
            if problem:
                return f"{member}: {problem}"
    return None


def _member_problem(member: str, read: Any, archive: zipfile.ZipFile, members: dict[str, str]) -> str | None:
    if member.startswith("data/aotinductor/") or member.endswith((".so", ".dll", ".dylib", ".pyd")):
        return "it is compiled code"
    if member.startswith("models/"):
        return next(_model_problems(json.loads(read())), None)
    if member.endswith("_config.json"):
        folder = member.rpartition("/")[0]
        return next(_payload_problems(json.loads(read()), folder, archive, members), None)
    if member.endswith(".pt"):
        return _pickle_problem(read())
    return None


def _payload_problems(
    config: dict[str, Any], folder: str, archive: zipfile.ZipFile, members: dict[str, str]
) -> Iterator[str]:
    """Look at what the table of weights or constants names: bytes of tensors, or something that is unpickled."""
    for name, payload in config.get("config", {}).items():
        path = str(payload.get("path_name", ""))
        if not path.startswith(("weight_", "tensor_")):
            yield f"{name!r} is an object of a class ({path}), which is unpickled"
        elif payload.get("use_pickle"):
            member = members.get(f"{folder}/{path}")
            problem = _pickle_problem(archive.read(member)) if member else "it is not there"
            if problem:
                yield f"{name!r}: {problem}"


def _pickle_problem(content: bytes) -> str | None:
    import torch

    try:
        torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not weights alone
        first = str(error).strip().partition("\n")[0]
        return f"it is a pickle that holds more than tensors ({first})"
    return None


def _model_problems(found: Any) -> Iterator[str]:
    """Walk a program: every operator's name, and every expression."""
    if isinstance(found, dict):
        for key, value in found.items():
            if key == "target" and isinstance(value, str) and "inputs" in found and not _TARGET.fullmatch(value):
                yield f"it calls {value!r}, which is no operator of PyTorch"
            elif key == "expr_str" and isinstance(value, str) and not is_plain_expression(value):
                yield f"it evaluates {value!r}, which is no expression of sizes"
            else:
                yield from _model_problems(value)
    elif isinstance(found, list):
        for value in found:
            yield from _model_problems(value)


def is_plain_expression(text: str) -> bool:
    """Whether an expression is built of sympy's classes, symbols and numbers alone.

    Example:
        >>> is_plain_expression("Add(Symbol('s0', positive=True, integer=True), Integer(1))")
        True
        >>> is_plain_expression("__import__('os').system('true')")
        False
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    symbols = {argument for node in ast.walk(tree) if _makes_symbol(node) for argument in node.args}  # type: ignore[attr-defined]
    return all(_is_plain(node, symbols) for node in ast.walk(tree))


def _makes_symbol(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Symbol"


def _is_plain(node: ast.AST, symbols: set[Any]) -> bool:
    if isinstance(node, ast.Name):
        return not node.id.startswith("_") and not hasattr(builtins, node.id)
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):  # sympy would evaluate it in turn
        return node in symbols and isinstance(node.value, str) and node.value.isidentifier()
    return isinstance(node, _SAFE_NODES)
