"""What the YAML parser complains of, in words that help. Its own words quote the document, and are not passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yaml import MarkedYAMLError

_QUOTE = "Put the text into single quotes."

#: What is found in the parser's words, and what is said instead. The first that is found counts.
_WORDS: tuple[tuple[str, str], ...] = (
    ("found character '\\t'", "there is a tab. YAML is indented with spaces: replace the tab by spaces."),
    (
        "cannot start any token",
        f"a value begins with a character that YAML keeps for itself (@, `, % and the like). {_QUOTE}",
    ),
    (
        "mapping values are not allowed",
        "there is a colon that makes no sense here. If it belongs to a text, put the text into quotes; otherwise "
        "check the indentation.",
    ),
    ("sequence entries are not allowed", "a list begins where none can. Start it in a line of its own, indented."),
    ("mapping keys are not allowed", f"a question mark begins a value. {_QUOTE}"),
    ("block sequence entries are not allowed", "a list begins where none can. Start it in a line of its own."),
    (
        "could not find expected ':'",
        "there is no colon after a name. Write each setting as `name: value`, and indent what continues a text.",
    ),
    (
        "unknown escape character",
        "in double quotes, a backslash begins an escape, and this is none. Use single quotes, as for 'C:\\models'.",
    ),
    (
        "hexadecimal",
        "in double quotes, a backslash begins an escape, and this is none. Use single quotes, as for 'C:\\models'.",
    ),
    ("unexpected document separator", "quotes are not closed before the document ends. Close them."),
    ("expected ',' or '}'", "a mapping in braces is not closed here, or lacks a comma. Check the brackets and quotes."),
    ("expected ',' or ']'", "a list in brackets is not closed here, or lacks a comma. Check the brackets and quotes."),
    (
        "expected <block end>",
        "this line does not fit those above it. Check the indentation, and whether quotes are closed.",
    ),
    (
        "expected alphabetic or numeric character",
        f"a value begins with * or &, which mark aliases and anchors in YAML. {_QUOTE}",
    ),
    ("tag", "tags (!) are not supported. Leave the tag out; a text that begins with ! needs quotes."),
    ("expected '<document start>'", "something stands behind the end of the document. Remove it."),
    (
        "chomping or indentation",
        "a value begins with | or >, which begin a block of text in YAML. Put it into single quotes, as in '>=3.10'.",
    ),
    (
        "expected a comment or a line break",
        "something stands behind | or >, which begin a block of text in YAML. Put it all into single quotes, as in "
        "'>= 3.10'.",
    ),
    ("YAML document", "this version of YAML is not supported. Leave the %YAML line out."),
    ("directive", "a line begins with %, which YAML keeps for directives. Leave it out, or use quotes."),
)


def explained(error: MarkedYAMLError) -> tuple[int, str]:
    """Give the line, from 1, that the parser complains of, and what is wrong there.

    Example:
        >>> import yaml
        >>> try:
        ...     yaml.safe_load("note: 'never closed")
        ... except yaml.MarkedYAMLError as error:
        ...     explained(error)
        (1, 'the quotes that are opened here are never closed. Close them.')
    """
    told = error.problem or ""
    context = error.context or ""
    mark = error.problem_mark or error.context_mark
    line = int(mark.line) + 1 if mark is not None else 1
    if "quoted scalar" in context and ("end of stream" in told or "document separator" in told):
        opened = error.context_mark or mark
        return (line if opened is None else int(opened.line) + 1), (
            "the quotes that are opened here are never closed. Close them."
        )
    if "flow" in context and "<stream end>" in told and error.context_mark is not None:
        return int(error.context_mark.line) + 1, "the bracket that is opened here is never closed. Close it."
    for found, said in _WORDS:
        if found in told or (found == "directive" and found in context):
            return line, said
    return line, "this is not valid YAML. Check the indentation, the quotes and the brackets here."
