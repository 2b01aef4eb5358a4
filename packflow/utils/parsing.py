"""Parsing Python source in any thread."""

from __future__ import annotations

import ast
from threading import RLock

#: CPython up to 3.12 counts in one place, for all threads, how deep the tree is that it makes. Where threads take turns
#: halfway, as they may when garbage is collected, it raises SystemError: "AST constructor recursion depth mismatch".
#: `packaging` makes trees too, of the texts in the markers of requirements.
one_at_a_time = RLock()


def parse(source: str | bytes, path: str = "<unknown>") -> ast.Module:
    """Parse a module, as :func:`ast.parse` does, in one thread at a time.

    Example:
        >>> len(parse("import json").body)
        1

    Raises:
        SyntaxError: it is no Python source.
    """
    with one_at_a_time:
        return ast.parse(source, path)
