"""What may stand in the program of an export archive: nothing that PyTorch would run as Python.

PyTorch makes Python source of a program and compiles it, so that any name in it may be code; it looks operators up by
any dotted name, and imports the modules of classes. So each text in a program is refused unless it is of a kind that
is known to be harmless in its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from packflow_torch.expressions import is_plain_expression, is_plain_guard

_NAME = re.compile(r"[\w.@+-]*")
_TEXT = re.compile(r"[^'\"\\\x00-\x1f\x7f]*")
#: What PyTorch keeps of a node's origin; it is looked at by people.
_NOTES = {"stack_trace", "nn_module_stack", "source_fn_stack", "torch_fn", "from_node", "custom"}
#: Names of a module's parts, which PyTorch puts between quotes.
_ATTRIBUTES = {"parameter_name", "buffer_name", "tensor_constant_name", "fqn"}
_CONTAINERS = {
    "builtins.tuple",
    "builtins.list",
    "builtins.dict",
    "collections.OrderedDict",
    "collections.namedtuple",
    "torch.fx.immutable_collections.immutable_list",
    "torch.fx.immutable_collections.immutable_dict",
}
_ARITHMETIC = re.compile(
    r"_operator\.(eq|ne|le|ge|lt|gt|neg|pos|mul|add|sub|floordiv|truediv|mod|pow|and_|or_|lshift|rshift|getitem)"
    r"|math\.[a-z]\w*|torch\.sym_[a-z]+"
)
_OPERATOR = re.compile(r"torch\.ops\.([A-Za-z_]\w*)\.([A-Za-z_]\w*)(?:\.([A-Za-z_]\w*))?", re.ASCII)
_NAMESPACES = {"aten", "prims", "quantized", "quantized_decomposed", "torchvision", "torchaudio"}
_FILES = {"from_file", "save"}
_CONTROL_FLOW = {
    "associative_scan",
    "auto_functionalized",
    "auto_functionalized_v2",
    "cond",
    "flex_attention",
    "invoke_subgraph",
    "map_impl",
    "out_dtype",
    "scan",
    "while_loop",
    "wrap_with_autocast",
    "wrap_with_set_grad_enabled",
}


def program_problems(found: Any, *place: str | int) -> Iterator[str]:
    """Name each text in a program that could be run.

    Example:
        >>> next(program_problems({"nodes": [{"target": "torch.os.system"}]}))
        "it calls 'torch.os.system', which is no operator of tensors alone"

    Args:
        found: what its JSON says.
        place: the keys and positions that lead to it.
    """
    if isinstance(found, str):
        problem = _text_problem(found, place)
        if problem:
            yield problem
    elif isinstance(found, list):
        for position, value in enumerate(found):
            yield from program_problems(value, *place, position)
    elif isinstance(found, dict):
        for key, value in found.items():
            if not _is_plain_key(key, place):
                yield f"{key!r:.100} is no plain name"
            if place[-1:] != ("metadata",) or key not in _NOTES or not isinstance(value, str):
                yield from program_problems(value, *place, key)


def _is_plain_key(key: str, place: tuple[str | int, ...]) -> bool:
    if place[-1:] == ("range_constraints",):
        return is_plain_expression(key)
    return is_plain_text(key) if place == ("config",) else _NAME.fullmatch(key) is not None


def _text_problem(text: str, place: tuple[str | int, ...]) -> str | None:
    key = next((step for step in reversed(place) if isinstance(step, str)), "")
    if key in ("target", "as_operator"):
        return None if is_operator(text) else f"it calls {text!r:.100}, which is no operator of tensors alone"
    if key == "expr_str":
        return None if is_plain_expression(text) else f"it evaluates {text!r:.100}, which is no expression of sizes"
    if key == "guards_code":
        return None if is_plain_guard(text) else f"it evaluates {text!r:.100}, which is no condition of sizes"
    if key in ("in_spec", "out_spec"):
        return None if _is_plain_structure(text) else f"it has {text!r:.100}, which is no structure of plain containers"
    if place[-4:-3] == ("inputs",) and place[-2:] == ("arg", "as_string"):  # an operator's; written as a literal
        return None
    if key in _ATTRIBUTES:
        return None if is_plain_text(text) else f"{text!r:.100} ({key}) has quotes or control characters"
    if key in ("as_string", "as_strings"):
        return (
            None if is_plain_text(text) else f"it takes the text {text!r:.100}, which has quotes or control characters"
        )
    return None if _NAME.fullmatch(text) else f"{text!r:.100} ({key}) is no plain name"


def is_plain_text(text: str) -> bool:
    """Whether a text cannot end the quotes that it is put between.

    Example:
        >>> is_plain_text("bij,bjk->bik"), is_plain_text("' or 1")
        (True, False)
    """
    return _TEXT.fullmatch(text) is not None


def is_operator(name: str) -> bool:
    """Whether a name is that of an operator which computes tensors of tensors and touches nothing else.

    Example:
        >>> is_operator("torch.ops.aten.add.Tensor"), is_operator("torch.ops.aten.from_file.default")
        (True, False)
    """
    if _ARITHMETIC.fullmatch(name):
        return True
    found = _OPERATOR.fullmatch(name)
    if not found:
        return False
    namespace, operator, overload = found.groups()
    if namespace == "higher_order":
        return operator in _CONTROL_FLOW and overload is None
    return namespace in _NAMESPACES and operator not in _FILES and _is_overload(namespace, operator, overload)


def _is_overload(namespace: str, operator: str, overload: str | None) -> bool:
    import torch
    from torch._ops import OpOverload

    packet = getattr(getattr(torch.ops, namespace), operator, None)
    found = getattr(packet, overload, None) if overload else None
    # What the interpreter of TorchScript knows beside these reaches files and objects.
    return isinstance(found, OpOverload) and torch._C._dispatch_has_kernel(found.name())  # noqa: SLF001


def _is_plain_structure(text: str) -> bool:
    """Whether the description of nested containers names no class but those, nor anything to import."""
    try:
        _, spec = json.loads(text)
        return _is_plain_spec(spec)
    except (ValueError, TypeError, LookupError, RecursionError):
        return False


def _is_plain_spec(spec: Any) -> bool:
    if spec["type"] is None:
        return spec["context"] is None and not spec["children_spec"]
    context = spec["context"]
    if isinstance(context, str) and spec["type"] != "collections.namedtuple":
        context = json.loads(context)
    keys = context if isinstance(context, list) else [context]
    plain = all(key is None or type(key) is int or (type(key) is str and _NAME.fullmatch(key)) for key in keys)
    return spec["type"] in _CONTAINERS and plain and all(map(_is_plain_spec, spec["children_spec"]))
