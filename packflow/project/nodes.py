"""What a YAML document becomes: a tree of nodes that keep the source's text and lines. No value is built of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Scalar:
    """A single value, as text; ``plain`` if no quotes (or tag, or block style) say that it is meant as text."""

    line: int
    text: str
    plain: bool
    size: int = 1
    levels: int = 0


@dataclass(frozen=True)
class Items:
    """A list."""

    line: int
    nodes: tuple[Node, ...]
    size: int
    levels: int


@dataclass(frozen=True)
class Fields:
    """A mapping; keys are always text, as they are written. ``key_lines`` has the line of each."""

    line: int
    nodes: dict[str, Node]
    key_lines: dict[str, int]
    size: int
    levels: int


Node = Scalar | Items | Fields


def node_lines(node: Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], int]]:
    """Give the path of every value of a document with its line; for a mapping's values it is the key's."""
    members: list[tuple[str | int, Node]] = []
    if isinstance(node, Fields):
        members = list(node.nodes.items())
    elif isinstance(node, Items):
        members = list(enumerate(node.nodes))
    for key, inner in members:
        yield (*path, key), node.key_lines[str(key)] if isinstance(node, Fields) else inner.line
        yield from node_lines(inner, (*path, key))
