"""Reads a ``packflow.yaml`` from the disk: whatever the file may be, an error says what it is and what to do."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packflow.project.nodes import Fields, Node, node_lines
from packflow.project.origin import Origin
from packflow.project.problems import file_problem, problem
from packflow.project.values import text, value
from packflow.project.yaml import read_yaml

if TYPE_CHECKING:
    from os import PathLike

    from pydantic import BaseModel

NAME = "packflow.yaml"
LARGEST = 1 << 20
#: The fields whose values are YAML's; all others are text, as it is written.
_VALUES = frozenset({"backend_config", "extra"})
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_fields(file: str | PathLike[str], model: type[BaseModel]) -> tuple[dict[str, Any], Origin]:
    """Give the fields of a file, not yet checked, and where each is.

    Raises:
        ProjectError: the file cannot be read, or is no YAML mapping.
    """
    file = Path(file)
    name = str(file)
    document = read_yaml(_decoded(_content(file), name), name)
    if document is None:
        raise problem("the file is empty. Write at least name, version and inference_backend.", name)
    if not isinstance(document, Fields):
        raise problem("expected `field: value` lines, such as `name: my-project`.", name, document.line)
    lines = {".".join(map(str, path)): line for path, line in node_lines(document)}
    given = {key: _given(key, node, name) for key, node in document.nodes.items()}
    optional = {key for key, field in model.model_fields.items() if not field.is_required()}
    # An optional field with nothing behind its colon is as if it were not there.
    return {key: found for key, found in given.items() if found is not None or key not in optional}, Origin(name, lines)


def _given(key: str, node: Node, file: str) -> Any:
    return value(node, file, key) if key in _VALUES else text(node)


def _content(file: Path) -> bytes:
    name = str(file)
    try:
        if not stat.S_ISREG(file.stat().st_mode):  # a pipe would keep us waiting
            kind = "a folder" if file.is_dir() else "no ordinary file"
            raise problem(f"this is {kind}; expected a text file. Remove it, and write one.", name)
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise problem(f"there is no such file.{_other_spelling(file)}", name) from error
    except (OSError, ValueError) as error:
        raise problem(
            f"the file cannot be read: {file_problem(error)}. Check its path and permissions.", name
        ) from error
    if len(content) > LARGEST:
        raise problem(f"the file is larger than {LARGEST:,} bytes. Keep data in files of their own.", name)
    return content


def _other_spelling(file: Path) -> str:
    for other in ("packflow.yml", "Packflow.yaml", "packflow.yaml.txt", "packflow.json"):
        if (file.parent / other).is_file():
            return f" If it is what is meant, rename {other!r} to {NAME!r}."
    return " A project has one in its folder; `packflow create` makes a new project."


def _decoded(content: bytes, name: str) -> str:
    if content.startswith(_UTF16):
        raise problem("the file is UTF-16 text. Save it as UTF-8.", name)
    before_nul, nul, _ = content.partition(b"\0")
    if nul:
        reason = "there is a NUL byte: this is no text, or not UTF-8. Save the file as UTF-8 text."
        raise problem(reason, name, before_nul.count(b"\n") + 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    # Nothing is chained: the decoder's error holds the whole file.
    raise problem("there is a byte that is not UTF-8. Save the file as UTF-8 text.", name, line)
