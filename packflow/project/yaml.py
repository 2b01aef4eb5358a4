"""YAML, strictly: a document becomes a tree of nodes that keep the source's text and lines. No value is ever built.

What makes YAML surprising or dangerous is refused: duplicate keys, tags, merge keys, several documents, aliases that
grow without bound. What a node's text means is decided by who asks: :func:`packflow.project.values.text` or
:func:`packflow.project.values.value`. Errors never quote the document, for a value in it may be a secret.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.reader import ReaderError

from packflow.exceptions import ProjectError
from packflow.project.nodes import Fields, Items, Node, Scalar
from packflow.project.problems import problem
from packflow.project.yaml_words import explained
from packflow.utils.errors import short

#: How deep lists and mappings may stand in each other, and how many values a document may have, its aliases resolved.
MOST_LEVELS, MOST_NODES = 64, 100_000
_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})


def read_yaml(text: str, file: str) -> Node | None:
    """Read a document; None if there is none, only comments perhaps.

    Example:
        >>> node = read_yaml("version: 1.0", "packflow.yaml")
        >>> node.nodes["version"].text
        '1.0'

    Raises:
        ProjectError: the text is no YAML, or holds what is refused; it has the line, and says what to do.
    """
    return _Builder(file).build(text)


class _Open:
    """A list or mapping that has begun and not ended."""

    def __init__(self, event: Any) -> None:
        self.line = _line(event)
        self.anchor: str | None = event.anchor
        self.is_mapping = isinstance(event, yaml.MappingStartEvent)
        self.nodes: list[Node] = []
        self.fields: dict[str, Node] = {}
        self.key_lines: dict[str, int] = {}
        self.key: str | None = None
        self.size, self.levels = 1, 1

    def close(self) -> Node:
        if self.is_mapping:
            return Fields(self.line, self.fields, self.key_lines, self.size, self.levels)
        return Items(self.line, tuple(self.nodes), self.size, self.levels)


class _Builder:
    """Builds the tree from the parser's events, without recursion."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._open: list[_Open] = []
        self._anchors: dict[str, Node | None] = {}
        self._documents = 0
        self._root: Node | None = None
        self._nodes = 0

    def build(self, text: str) -> Node | None:
        failure: ProjectError | None = None
        parser: Any = None
        try:
            parser = yaml.SafeLoader(text)
            while parser.check_event():
                self._take(parser.get_event())
        except ProjectError:
            raise
        except ReaderError as error:
            line = text.count("\n", 0, int(error.position)) + 1
            failure = self._wrong(line, "there is a control character here. Remove it, or write it as an escape.")
        except yaml.MarkedYAMLError as error:
            line, reason = explained(error)
            failure = self._wrong(line, reason)
        except Exception:  # noqa: BLE001  # the parser's own fault, as for an escape that no character has
            failure = self._wrong(parser.line + 1, "this is not valid YAML. Check the escapes and signs here.")
        if failure is not None:  # outside of the except blocks: the parser's errors quote the document
            raise failure
        return self._root

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._wrong(_line(event), "a second document begins here (---). Keep one of them.")
        elif isinstance(event, yaml.AliasEvent):
            self._place(event, self._alias(event))
        elif isinstance(event, yaml.ScalarEvent):
            self._place(event, self._scalar(event))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            closed = self._open.pop()
            self._place(event, closed.close(), closed.anchor)

    def _begin(self, event: Any) -> None:
        if event.tag is not None:
            raise self._tagged(event)
        if self._open and self._open[-1].is_mapping and self._open[-1].key is None:
            raise self._wrong(
                _line(event),
                "a list or a mapping stands where a name is expected. Write each setting as `name: value`; a text "
                "that begins with a bracket or a brace needs quotes.",
            )
        if len(self._open) >= MOST_LEVELS:
            raise self._too_deep(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._open.append(_Open(event))

    def _scalar(self, event: Any) -> Scalar:
        if event.tag is not None and event.tag not in _TEXT_TAGS:
            raise self._tagged(event)
        text = _with_whole_characters(event.value)
        if text is None or "\0" in text:
            raise self._wrong(
                _line(event), "an escape stands for a character that no text may have (NUL, or a surrogate). Remove it."
            )
        if event.style in ("|", ">") and not text:  # `python_version: >3` is an empty block of text
            raise self._wrong(
                _line(event),
                "a block of text begins here (| or >) and has nothing in it. For a text that begins with one of these "
                "signs, use quotes.",
            )
        return Scalar(_line(event), text, plain=event.style is None and event.tag is None)

    def _alias(self, event: Any) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            reason = (
                "an alias (*) stands within what it refers to. Write the values out."
                if event.anchor in self._anchors
                else "an asterisk (*) begins an alias, and nothing above is marked with its name (&). For a text that "
                "begins with an asterisk, use quotes."
            )
            raise self._wrong(_line(event), reason)
        if len(self._open) + node.levels > MOST_LEVELS:
            raise self._too_deep(event)
        return node

    def _place(self, event: Any, node: Node, anchor: str | None = None) -> None:
        """Put a finished node where it belongs."""
        if isinstance(event, yaml.ScalarEvent):
            anchor = event.anchor
        if anchor is not None:
            self._anchors[anchor] = node
        if not isinstance(event, yaml.CollectionEndEvent):  # its parts are counted already
            self._nodes += node.size
            if self._nodes > MOST_NODES:
                raise self._wrong(_line(event), f"there are more than {MOST_NODES:,} values. Keep the settings short.")
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        parent.levels = max(parent.levels, node.levels + 1)
        parent.size += node.size
        if not parent.is_mapping:
            parent.nodes.append(node)
        elif parent.key is None:
            self._take_key(parent, node, _line(event))
        else:
            parent.fields[parent.key] = node
            parent.key = None

    def _take_key(self, parent: _Open, node: Node, line: int) -> None:
        if not isinstance(node, Scalar):
            raise self._wrong(line, "a list or a mapping stands where a name is expected. Write `name: value`.")
        if node.plain and node.text == "<<":
            raise self._wrong(line, "merge keys (<<) are not supported. Write the settings out.")
        if node.text in parent.key_lines:
            name = short(node.text.partition("=")[0])
            parent.key = node.text
            first = parent.key_lines[node.text]
            raise self._wrong(line, f"the name {name} is given twice, first in line {first}. Remove one.")
        parent.key, parent.key_lines[node.text] = node.text, line

    def _tagged(self, event: Any) -> ProjectError:
        return self._wrong(
            _line(event), "tags (!) are not supported. Leave the tag out; a text that begins with ! needs quotes."
        )

    def _too_deep(self, event: Any) -> ProjectError:
        return self._wrong(_line(event), f"values are nested more than {MOST_LEVELS} levels deep. Flatten them.")

    def _wrong(self, line: int, reason: str) -> ProjectError:
        return problem(reason, self._file, line, self._field())

    def _field(self) -> str | None:
        """Name the setting that is being read."""
        keys = [each.key.partition("=")[0] for each in self._open if each.key is not None]
        return ".".join(keys) or None


def _with_whole_characters(text: str) -> str | None:
    """Join the pairs of escapes that stand for one character in JSON; None where half a one is left over."""
    if not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return None


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
