from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.loaders.projects.rewrite import localize

LOCAL = {"own": "place", "other": "place"}


def rewritten(source: str) -> str:
    return ast.unparse(localize(ast.parse(source), LOCAL.get))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import own", "import place.own as own"),
        ("import own as o", "import place.own as o"),
        ("import own.sub as s", "import place.own.sub as s"),
        (
            "import own.sub",
            "import place.own.sub as _packflow_import\ndel _packflow_import\nimport place.own as own",
        ),
        ("import json, own, re as r", "import json\nimport place.own as own\nimport re as r"),
        ("from own import a, b as c", "from place.own import a, b as c"),
        ("from own.sub import *", "from place.own.sub import *"),
        ("from . import own", "from . import own"),
        ("from .own import a", "from .own import a"),
        ("from owner import own", "from owner import own"),
        ("import owner.own", "import owner.own"),
    ],
)
def test_each_form_of_import(source, expected):
    assert rewritten(source) == expected


BLOCKS = """
def function():
    import own
    async def inner():
        async with a:
            import own
        async for b in c:
            import own
class C:
    import own
if a:
    import own
elif b:
    import own
else:
    import own
for a in b:
    import own
else:
    import own
while a:
    import own
try:
    import own
except E:
    import own
else:
    import own
finally:
    import own
with a:
    import own
match a:
    case 1:
        import own
"""


def test_only_relative_imports_that_climb_too_far_are_changed():
    tree = localize(ast.parse("from . import a\nfrom .. import b\nfrom ... import c"), LOCAL.get, depth=2)
    assert [node.level for node in tree.body[:2]] == [1, 2]
    assert tree.body[2].level > 50


def test_imports_are_found_in_every_block():
    found = rewritten(BLOCKS)
    assert found.count("import place.own as own") == BLOCKS.count("import own")
    assert "import own\n" not in f"{found}\n"


def test_deep_expressions_are_no_obstacle():
    tree = ast.parse("x = 1\nimport own")
    deep: ast.expr = ast.Constant(1)
    for _ in range(100_000):
        deep = ast.UnaryOp(ast.USub(), deep)
    tree.body[0].value, kept = deep, deep
    localize(tree, LOCAL.get)
    assert tree.body[0].value is kept
    assert tree.body[1].names[0].name == "place.own"
    while isinstance(deep, ast.UnaryOp):  # taken apart by hand: the interpreter's own clean-up would recurse
        deep, deep.operand = deep.operand, ast.Constant(0)


def test_lines_are_kept():
    tree = localize(ast.parse("\n\nimport json, own.sub\nimport re"), LOCAL.get)
    assert [statement.lineno for statement in tree.body] == [3, 3, 3, 3, 4]
    compile(tree, "x.py", "exec")


names = st.sampled_from(["json", "os.path", "own", "own.sub", "other.a.b", "ownership"])
aliases = st.tuples(names, st.none() | st.sampled_from(["x", "own"])).map(
    lambda pair: pair[0] + (f" as {pair[1]}" if pair[1] else "")
)
statements = st.lists(aliases, min_size=1, max_size=4).map(lambda found: "import " + ", ".join(found))


@given(st.lists(statements, max_size=5))
def test_the_same_names_are_bound_in_the_same_order(lines):
    def bound(tree: ast.Module) -> list[str]:
        found = []
        for node in tree.body:
            if isinstance(node, ast.Import):
                found += [alias.asname or alias.name.partition(".")[0] for alias in node.names]
        return [name for name in found if not name.startswith("_packflow")]

    source = "\n".join(lines)
    tree = localize(ast.parse(source), LOCAL.get)
    assert bound(tree) == bound(ast.parse(source))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert not [a.name for a in node.names if a.name.partition(".")[0] in LOCAL]
