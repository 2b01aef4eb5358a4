"""What lies in a project's directories, for the errors' suggestions. Files are read at most; nothing is imported."""

from __future__ import annotations

import ast
import os
from pathlib import Path

from packflow.utils.module_names import plain_name
from packflow.utils.nearest import nearest
from packflow.utils.parsing import parse


def backends_in(path: Path) -> list[str]:
    """Name the classes of a file that derive from InferenceBackend, or from another class of the file that does."""
    try:
        tree = parse(path.read_bytes())
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return []
    found: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
            if bases & {"InferenceBackend", *found}:
                found.append(node.name)
    return found


def python_files(directory: Path, wanted: str = "") -> str:
    """Name the near Python files of a directory, or a few of them."""
    if not os.path.isdir(directory):  # noqa: PTH112  # pathlib's raises for a name that is too long
        return f" There is no directory {str(directory)!r} either."
    try:
        names = sorted(entry.name for entry in directory.iterdir() if entry.suffix == ".py" and entry.is_file())
    except OSError as error:
        return f" {str(directory)!r} cannot be listed: {error.strerror}."
    if not names:
        return f" There are no Python files in {str(directory)!r}."
    near = nearest(wanted, names)
    if near:
        return f" Did you mean {near!r}?"
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f" Python files in {str(directory)!r}: {', '.join(names[:8])}{more}."


def spelt_with_objects(target: str, base: Path) -> str:
    """Spell the targets that a target without an object may have meant."""
    path = base / (target if target.endswith(".py") else f"{target.replace('.', '/')}.py")
    targets = [f"{target}:{name}" for name in backends_in(path)]
    return f" The backends in {str(path)!r}: {', '.join(map(repr, targets))}." if targets else ""


def where_searched(error: BaseException, directory: Path, module_name: str) -> str:
    """Say where a project's modules are looked for, where one was missed."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return ""
    name = plain_name(error.name).partition(".")[0]
    own = directory / f"{name}.py"
    if own.is_file() or (directory / name).is_dir():
        return (
            f". {str(own if own.is_file() else directory / name)!r} is there, but a local project's modules are found "
            f"by import statements alone: a pickle, or importlib.import_module({name!r}), does not find them by their "
            "bare names. Install the project as a package for that."
        )
    places = list(dict.fromkeys([directory, directory.joinpath(*module_name.split(".")[:-1])]))
    return f". A project's own modules are looked for in {' and in '.join(repr(str(place)) for place in places)}."
