"""Where a configuration was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Origin:
    """A file, and the lines of its fields.

    Example:
        >>> Origin("packflow.yaml", {"env": 4, "env.TOKEN": 5}).line_of("env.TOKEN.0")
        5

    Attributes:
        file: the file; None for what was read from none.
        lines: the line of each field, by its dotted name.
    """

    file: str | None = None
    lines: Mapping[str, int] = field(default_factory=dict)

    def line_of(self, field: str) -> int | None:
        """Give the line of a field, or of the nearest one around it that has a line; None if there is none."""
        while field and field not in self.lines:
            field = field.rpartition(".")[0]
        return self.lines.get(field)
