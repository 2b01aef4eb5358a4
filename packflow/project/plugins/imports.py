"""The imports of a project's file, rewritten in its text so that they mean the same inside of a package. Pure.

A local project's files import each other as if their folder were on ``sys.path``; installed, they are modules of a
package. What is rewritten is what :mod:`packflow.loaders.projects.rewrite` leads into the project when it runs there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import NamedTuple

from packflow.utils.parsing import parse

#: Gives what a top-level name is called from now on, with its package; None for what is none of the project's.
Resolve = Callable[[str], "str | None"]

_FROM = re.compile(r"from(?:[ \t\f]|\\(?:\r\n|\r|\n))*")
_NAME = re.compile(r"\w+")
_LINE = re.compile(r"\r\n|\r|\n")
#: Functions that import what a text names.
_DYNAMIC = frozenset({"import_module", "__import__", "run_module"})


class Found(NamedTuple):
    """Something at a line of a file."""

    line: int
    #: A module, by its dotted name; or what is to be said of the line, as a clause.
    what: str


class Rewritten(NamedTuple):
    """A file's text, and what was seen in it."""

    text: str
    #: The modules that may be meant by imports of the package's own: ``from a import b`` may mean ``a.b`` too.
    imported: tuple[str, ...] = ()
    #: The top-level names that are not the project's own.
    others: tuple[str, ...] = ()
    #: The top-level names that are the project's own, as they were written.
    own: tuple[Found, ...] = ()
    #: What would not work in a package, and cannot be rewritten.
    problems: tuple[Found, ...] = ()
    #: What a package should not do.
    warnings: tuple[Found, ...] = ()


def rewrite(text: str, resolve: Resolve, package: str) -> Rewritten:
    r"""Rewrite the absolute imports of a project's own modules; all else stays as it is, to the letter.

    Example:
        >>> own = {"helpers": "acme.helpers"}.get
        >>> done = rewrite("import json, helpers  # ours\nfrom helpers.text import (\n    clean)\n", own, "acme")
        >>> print(done.text)
        import json, acme.helpers as helpers  # ours
        from acme.helpers.text import (
            clean)
        <BLANKLINE>
        >>> done.imported
        ('acme.helpers', 'acme.helpers.text', 'acme.helpers.text.clean')

    Args:
        text: the file's text.
        resolve: says which top-level names are the project's own.
        package: the package that the file is going to be in, which its relative imports start from.

    Raises:
        SyntaxError: it is no Python.
        ValueError: as above, where Python says so in this way.
    """
    tree = parse(text)
    seen = _Seen(text, resolve, package)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                seen.import_(alias)
        elif isinstance(node, ast.ImportFrom):
            seen.import_from(node)
        elif isinstance(node, ast.Call):
            seen.call(node)
    return seen.result()


class _Seen:
    """Notes edits and findings, statement by statement."""

    def __init__(self, text: str, resolve: Resolve, package: str) -> None:
        self._text, self._resolve, self._package = text, resolve, package
        self._starts = [0, *(match.end() for match in _LINE.finditer(text))]
        self._edits: list[tuple[int, int, str]] = []
        self._imported: set[str] = set()
        self._others: set[str] = set()
        self._own: set[Found] = set()
        self._problems: set[Found] = set()
        self._warnings: set[Found] = set()

    def import_(self, alias: ast.alias) -> None:
        top, dot, rest = alias.name.partition(".")
        new = self._new_name(top, alias.lineno)
        if new is None:
            return
        name = new + dot + rest
        if alias.asname is not None:
            spelt = f"{name} as {alias.asname}"
        elif dot:  # ``import a.b`` imports a.b and binds a
            spelt = f"{name} as _{alias.name.replace('.', '_')}, {new} as {top}"
        else:
            spelt = f"{name} as {top}"
        start = self._offset(alias.lineno, alias.col_offset)
        self._edits.append((start, self._offset(alias.end_lineno or 0, alias.end_col_offset or 0), spelt))
        self._note_module(name)

    def import_from(self, node: ast.ImportFrom) -> None:
        if node.level:
            parents = self._package.split(".")
            base = ".".join(parents[: len(parents) - node.level + 1])
            module = ".".join(filter(None, [base, node.module]))
        else:
            top, dot, rest = (node.module or "").partition(".")
            new = self._new_name(top, node.lineno)
            if new is None:
                return
            module = new + dot + rest
            begin = _FROM.match(self._text, self._offset(node.lineno, node.col_offset))
            name = _NAME.match(self._text, begin.end()) if begin else None
            if name is None:
                self._problems.add(Found(node.lineno, "its import statement is spelt in a way that is not understood"))
                return
            self._edits.append((*name.span(), new))
        self._note_module(module)
        for alias in node.names:
            if alias.name != "*":
                self._imported.add(f"{module}.{alias.name}")

    def call(self, node: ast.Call) -> None:
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name in _DYNAMIC and node.args and isinstance(node.args[0], ast.Constant):
            wanted = node.args[0].value
            if isinstance(wanted, str) and self._resolve(wanted.partition(".")[0]):
                self._problems.add(
                    Found(
                        node.lineno,
                        f"{name}({wanted!r}) finds no module of a package by its bare name; write it as an import "
                        f"statement, or importlib.import_module({'.' + wanted!r}, __package__)",
                    )
                )
        elif isinstance(called, ast.Attribute) and ast.unparse(called.value) == "sys.path":
            self._warnings.add(Found(node.lineno, "it changes sys.path, which a package has no need of; take it out"))

    def _new_name(self, top: str, line: int) -> str | None:
        new = self._resolve(top)
        if new is None:
            self._others.add(top)
        else:
            self._own.add(Found(line, top))
        return new

    def _note_module(self, name: str) -> None:
        parts = name.split(".")
        self._imported.update(".".join(parts[:end]) for end in range(2, len(parts) + 1))

    def _offset(self, line: int, column: int) -> int:
        """Give a place in the text; columns are counted in bytes of UTF-8."""
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self._text)
        return start + len(self._text[start:end].encode()[:column].decode())

    def result(self) -> Rewritten:
        parts, done = [], 0
        for start, end, new in sorted(self._edits):
            parts += [self._text[done:start], new]
            done = end
        text = "".join([*parts, self._text[done:]])
        imported, others = tuple(sorted(self._imported)), tuple(sorted(self._others))
        own, problems, warnings = (tuple(sorted(each)) for each in (self._own, self._problems, self._warnings))
        return Rewritten(text, imported, others, own, problems, warnings)
