"""The imports of a local project's file, as they are compiled: names of its own files lead into the project.

``import helpers`` is compiled as ``import <project>.helpers as helpers``, and so on. Nothing is left to do
when the code runs: the modules are plain modules with plain imports, at load time, in a function called
later, in a thread.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

#: Says under which package an absolute import of a top-level name is to be found; None leaves it as it is.
Resolve = Callable[[str], "str | None"]

_TEMPORARY = "_packflow_import"
_BEYOND = 100


def localize(tree: ast.Module, resolve: Resolve, depth: int = 1) -> ast.Module:
    r"""Rewrite, in place, the absolute imports whose first name ``resolve`` knows.

    Relative imports stay as they are, except that those which climb out of the project fail as they do in Python.

    Example:
        >>> tree = ast.parse("import json, helpers\nfrom helpers.text import clean")
        >>> print(ast.unparse(localize(tree, {"helpers": "project"}.get)))
        import json
        import project.helpers as helpers
        from project.helpers.text import clean

    Args:
        tree: a file's syntax tree.
        resolve: says where a top-level name is to be found.
        depth: how many dots a relative import of the file can have.
    """
    # A loop, not a recursion: only statements hold imports, and expressions may be nested deeper than the
    # stack allows.
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, field, None)
            if isinstance(inner, list):
                inner[:] = [new for old in inner for new in _statements(old, resolve, depth)]
                waiting += inner
    return tree


def _statements(old: ast.AST, resolve: Resolve, depth: int) -> Iterator[ast.AST]:
    if isinstance(old, ast.ImportFrom):
        package = resolve(old.module.partition(".")[0]) if old.module and not old.level else None
        if package is not None:
            old.module = f"{package}.{old.module}"
        elif old.level and old.level > depth:
            old.level += _BEYOND  # or it would find packflow's own packages, which the project is in
        yield old
    elif isinstance(old, ast.Import):
        for alias in old.names:
            for new in _imports(alias, resolve):
                yield ast.fix_missing_locations(ast.copy_location(new, old))
    else:
        yield old


def _imports(alias: ast.alias, resolve: Resolve) -> Iterator[ast.stmt]:
    """Give the statements that do what ``import <alias>`` does."""
    top = alias.name.partition(".")[0]
    package = resolve(top)
    if package is None:
        yield ast.Import(names=[alias])
        return
    target = f"{package}.{alias.name}"
    if alias.asname is not None or alias.name == top:
        yield ast.Import(names=[ast.alias(name=target, asname=alias.asname or top)])
        return
    # ``import a.b`` imports a.b but binds a.
    yield ast.Import(names=[ast.alias(name=target, asname=_TEMPORARY)])
    yield ast.Delete(targets=[ast.Name(id=_TEMPORARY, ctx=ast.Del())])
    yield ast.Import(names=[ast.alias(name=f"{package}.{top}", asname=top)])
