"""How a text of a user's is written into YAML and Markdown so that it means itself there. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

#: What YAML reads as a text wherever it stands, unless it is a word or a number to YAML.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
#: Words that some reader of YAML takes for something else than a text.
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"})

#: What means something to Markdown anywhere in a line.
_INLINE = re.compile(r"[\\`*_\[\]<>&~$|!]")
#: What makes a heading, a list, a rule or a heading's underline of the line that it begins.
_BLOCK = re.compile(r"(?P<sign>[#+=:-])|(?P<number>\d+)(?P<dot>[.)])")


def yaml_text(text: str) -> str:
    r"""Write a text so that YAML reads it as that text, on one line.

    Example:
        >>> print(yaml_text("prices"), yaml_text("yes"), yaml_text("1.0"), yaml_text('say: "a\nb" # c'))
        prices "yes" "1.0" "say: \"a\nb\" # c"

    Args:
        text: what may be printed, and line breaks.
    """
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)  # YAML's quoted texts are JSON's, as long as there are no controls


def yaml_list(texts: Iterable[str]) -> str:
    """Write texts as a list of YAML, on one line.

    Example:
        >>> yaml_list(["Ada <ada@example.org>", "Grace"])
        '["Ada <ada@example.org>", "Grace"]'
    """
    return json.dumps(list(texts), ensure_ascii=False)


def markdown_text(text: str) -> str:
    r"""Write a text so that it is shown as it is where Markdown is read.

    Example:
        >>> print(markdown_text("# of *all* prices in file_a"))
        \# of \*all\* prices in file_a
        >>> print(markdown_text("1. April\nin <EUR>"))
        1\. April
        in \<EUR\>

    Line breaks stay; an underscore between letters or digits means nothing to Markdown and stays as it is.
    """
    return "\n".join(map(_markdown_line, text.split("\n")))


def _markdown_line(line: str) -> str:
    stripped = line.strip()  # four spaces would make code of it
    begin = _BLOCK.match(stripped)
    if begin is None:
        return _escaped(stripped)
    number = begin["number"] or ""
    return f"{number}\\{begin['sign'] or begin['dot']}{_escaped(stripped[begin.end() :])}"


def _escaped(text: str) -> str:
    def escape(match: re.Match[str]) -> str:
        around = text[max(0, match.start() - 1) : match.start()], text[match.end() : match.end() + 1]
        if match[0] == "_" and all(char.isalnum() for char in around):
            return "_"
        return f"\\{match[0]}"

    return _INLINE.sub(escape, text)
