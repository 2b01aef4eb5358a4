"""Writes the source of a function that flattens the dicts of one layout."""

from __future__ import annotations

from typing import NamedTuple

from packflow.backend.preprocessors.base import Record
from packflow.backend.preprocessors.plan import MAX_DEPTH

#: How many leaves and how many levels one function has at most; what is more is left to functions of its own.
MOST_LEAVES = 2_000
MOST_LEVELS = 8


class Spot(NamedTuple):
    """A place below, for which a function asks: what its names begin with, and how deep it is."""

    prefix: str
    depth: int


class LayoutWriter:
    """Writes a function ``read(node, row)`` that puts the leaves of a dict into a row, and tells how many there were.

    Example:
        >>> writer = LayoutWriter(".", lists=False, careful=False)
        >>> print(writer.write({"a": 1, "b": {"c": 2}}, "", 1), end="")
        def read(node, row):
            more = 0
            v1, v2, = node.values()
            row['a'] = v1
            if type(v2) is dict:
                if (*v2,) == ('c',):
                    v3, = v2.values()
                    row['b.c'] = v3
                elif v2: more += place_1(v2, row) - 1
                else: row['b'] = {}; more += 0
            else: row['b'] = v2; more += 0
            return 2 + more
        >>> writer.spots
        {'place_1': Spot(prefix='b.', depth=2)}

    Args:
        delimiter: what joins the names.
        lists: whether lists are flattened too.
        careful: whether a function looks at each value that was a leaf in its example; if not, its caller must.
    """

    def __init__(self, delimiter: str, *, lists: bool, careful: bool) -> None:
        self._delimiter = delimiter
        self._kinds = (dict, list) if lists else (dict,)
        self._careful = careful
        self._lines: list[str] = []
        self._variables = 0
        self.spots: dict[str, Spot] = {}

    def write(self, example: Record, prefix: str, depth: int) -> str:
        """Write the function for dicts like an example, whose keys are all strings."""
        leaves = self._node("node", example, prefix, depth, "    ", MOST_LEVELS)
        head = ["def read(node, row):", "    more = 0"]
        return "\n".join([*head, *self._lines, f"    return {leaves} + more"]) + "\n"

    def _node(self, node: str, example: Record, prefix: str, depth: int, indent: str, levels: int) -> int:
        """Write the reading of a dict whose keys are known; tell how many leaves it is expected to have."""
        names = [f"v{self._variables + number}" for number in range(1, len(example) + 1)]
        self._variables += len(names)
        self._lines.append(f"{indent}{', '.join(names)}, = {node}.values()")
        leaves = 0
        for name, (key, value) in zip(names, example.items(), strict=True):
            if type(value) is dict and value:
                leaves += self._branch(name, value, prefix + key, depth + 1, indent, levels - 1)
                continue
            leaves += 1
            store = f"row[{prefix + key!r}] = {name}"
            if self._careful or (isinstance(value, self._kinds) and value):
                kinds = " or ".join(f"type({name}) is {kind.__name__}" for kind in self._kinds)
                inner = f"{prefix + key + self._delimiter!r}, row, {depth + 1}"
                self._lines.append(f"{indent}if ({kinds}) and {name}: more += walk({name}, {inner}) - 1")
                self._lines.append(f"{indent}else: {store}")
            else:
                self._lines.append(indent + store)
        return leaves

    def _branch(self, name: str, example: Record, joined: str, depth: int, indent: str, levels: int) -> int:
        """Write the reading of a value that was a dict in the example."""
        place = f"place_{len(self.spots) + 1}"
        self.spots[place] = Spot(joined + self._delimiter, depth)
        self._lines.append(f"{indent}if type({name}) is dict:")
        leaves, known = 1, "if"
        if self._inlined(example, depth, levels):
            self._lines.append(f"{indent}    if (*{name},) == {tuple(example)!r}:")
            leaves = self._node(name, example, joined + self._delimiter, depth, indent + " " * 8, levels)
            known = "elif"
        self._lines += [
            f"{indent}    {known} {name}: more += {place}({name}, row) - {leaves}",
            f"{indent}    else: row[{joined!r}] = {{}}; more += {1 - leaves}",
            f"{indent}else: row[{joined!r}] = {name}; more += {1 - leaves}",
        ]
        return leaves

    def _inlined(self, example: Record, depth: int, levels: int) -> bool:
        return (
            levels > 0
            and depth <= MAX_DEPTH
            and self._variables + len(example) <= MOST_LEAVES
            and all(type(key) is str for key in example)
        )
