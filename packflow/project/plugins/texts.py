"""How what a project says is written into a plugin's files: settings as Python, texts as TOML, the README. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from packflow.scaffold.plugins import AUTHOR

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"(#{1,6})(?=[ \t]|$)")
_WIDTH = 100


def python_literal(value: Any, indent: int = 0) -> str:
    r"""Write a setting as Python, with a line for each item of what has items.

    Example:
        >>> print(python_literal({"limits": {"low": 1}, "names": ["a"], "rate": float("inf"), "none": {}}))
        {
            "limits": {"low": 1},
            "names": ["a"],
            "rate": float("inf"),
            "none": {},
        }

    Args:
        value: what YAML gives: mappings, lists, texts, numbers, truth values, None.
        indent: how far its own lines are indented, in spaces.
    """
    short = _on_one_line(value)
    if indent and len(short) + indent <= _WIDTH:
        return short
    inner = " " * (indent + 4)
    if isinstance(value, Mapping) and value:
        items = [f"{_on_one_line(key)}: {python_literal(item, indent + 4)}" for key, item in value.items()]
        return "{\n" + "".join(f"{inner}{item},\n" for item in items) + " " * indent + "}"
    if isinstance(value, (list, tuple)) and value:
        items = [python_literal(item, indent + 4) for item in value]
        return "[\n" + "".join(f"{inner}{item},\n" for item in items) + " " * indent + "]"
    return short


def _on_one_line(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_on_one_line(key)}: {_on_one_line(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_on_one_line, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, str):
        return _quoted(value)
    return repr(value)


def _quoted(text: str) -> str:
    """Quote a text with double quotes, as formatters do; where it has some itself, as repr() does."""
    spelt = repr(text)
    return spelt if '"' in text or "'" in text else f'"{spelt[1:-1]}"'


def toml_text(text: str) -> str:
    r"""Write a text on one line as TOML has it.

    Example:
        >>> print(toml_text('say "a"\nb'))
        "say \"a\" b"
    """
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return json.dumps(line, ensure_ascii=False)


def toml_author(maintainer: str) -> str:
    """Write a maintainer as an entry of TOML's ``authors``.

    Example:
        >>> toml_author("Ada <ada@example.org>"), toml_author("The team, room 5")
        ('{ name = "Ada", email = "ada@example.org" }', '{ name = "The team, room 5" }')
    """
    match = AUTHOR.fullmatch(maintainer.strip())
    fields = {key: value for key, value in match.groupdict().items() if value} if match else {"name": maintainer}
    return "{ " + ", ".join(f"{key} = {toml_text(value)}" for key, value in fields.items()) + " }"


def below_heading(markdown: str) -> str:
    r"""Give Markdown that can stand below a heading of the second level: its own are moved down.

    Example:
        >>> print(below_heading("# Prices\n\n```sh\n# a comment\n```\n\n## Use\n").strip())
        ### Prices
        <BLANKLINE>
        ```sh
        # a comment
        ```
        <BLANKLINE>
        #### Use
    """
    lines, fence = [], ""
    for line in markdown.splitlines():
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        elif not fence and (heading := _HEADING.match(line)):
            line = "#" * min(6, len(heading[1]) + 2) + line[heading.end() :]
        lines.append(line)
    return "\n".join(lines) + "\n"
