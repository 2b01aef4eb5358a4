"""Imports in a text: what is rewritten, what stays to the letter, and what is told of."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.loaders.projects.rewrite import localize
from packflow.project.plugins.imports import Found, rewrite

OWN = {"helpers": "acme.helpers", "größe": "acme.größe", "iris": "acme"}


def rewritten(text: str) -> str:
    return rewrite(text, OWN.get, "acme").text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import helpers", "import acme.helpers as helpers"),
        ("import helpers as h", "import acme.helpers as h"),
        ("import helpers.text as t", "import acme.helpers.text as t"),
        ("import helpers.text", "import acme.helpers.text as _helpers_text, acme.helpers as helpers"),
        ("import json, helpers,  os", "import json, acme.helpers as helpers,  os"),
        ("from helpers import a, b", "from acme.helpers import a, b"),
        ("from helpers.text import *", "from acme.helpers.text import *"),
        ("from  \\\n   helpers . text import (a,\n  b)", "from  \\\n   acme.helpers . text import (a,\n  b)"),
        ("from iris.helpers import a", "from acme.helpers import a"),
        ("import iris", "import acme as iris"),
        ("x = 'é'; import helpers", "x = 'é'; import acme.helpers as helpers"),
        ("from größe import a; import größe", "from acme.größe import a; import acme.größe as größe"),
        ("def f():\n\tif x:\n\t\timport helpers", "def f():\n\tif x:\n\t\timport acme.helpers as helpers"),
        ("a = 1\r\nimport helpers\r\n", "a = 1\r\nimport acme.helpers as helpers\r\n"),
        ("'''\f\v\x1c\x85'''\nimport helpers", "'''\f\v\x1c\x85'''\nimport acme.helpers as helpers"),
    ],
)
def test_imports_of_the_projects_own_are_led_into_the_package(before: str, after: str) -> None:
    assert rewritten(before) == after
    ast.parse(after)


@pytest.mark.parametrize(
    "text",
    [
        "from . import helpers",
        "from .helpers import a",
        "import json, helpers2",
        "from helpers2 import helpers",
        "x = 'import helpers'  # import helpers",
        "helpers = 1",
        "\n\n  \n# nothing\n",
        "",
    ],
)
def test_all_else_stays(text: str) -> None:
    assert rewritten(text) == text


NAMES = st.sampled_from(["helpers", "größe", "json", "other", "helpers.text", "json.decoder"])
STATEMENTS = st.one_of(
    st.builds("import {} as x".format, NAMES),
    st.builds("import {}".format, NAMES.filter(lambda name: not name.startswith("helpers."))),
    st.builds("from {} import a as b, c".format, NAMES),
    st.builds("from .{} import a".format, NAMES),
    st.just("x = 'ä🎈'"),
)
BLOCKS = ["{}", "if x:\n    {}", "def f():\n  '''é'''\n  {}", "try:\n\t{}\nexcept ImportError:\n\tpass", "class A: {}"]


@given(st.lists(st.builds(str.format, st.sampled_from(BLOCKS), st.lists(STATEMENTS, min_size=1).map("; ".join))))
def test_it_means_what_the_loader_of_projects_makes_of_it(blocks: list[str]) -> None:
    text = "\n".join(blocks)
    packages = dict.fromkeys(("helpers", "größe"), "acme")
    assert ast.unparse(ast.parse(rewritten(text))) == ast.unparse(localize(ast.parse(text), packages.get))


def test_what_an_import_may_mean_is_told() -> None:
    found = rewrite("from .text import clean\nfrom .. import up\nfrom helpers import a", OWN.get, "acme.inner")
    assert found.imported == (
        *("acme.helpers", "acme.helpers.a", "acme.inner", "acme.inner.text", "acme.inner.text.clean", "acme.up"),
    )
    assert found.own == (Found(3, "helpers"),)
    assert rewrite("import json.decoder\nfrom a.b import c\nimport helpers", OWN.get, "acme").others == ("a", "json")


@pytest.mark.parametrize(
    "call",
    [
        "importlib.import_module('helpers')",
        "import_module('helpers.text')",
        "__import__('helpers')",
        "runpy.run_module('helpers')",
    ],
)
def test_imports_by_a_text_are_told(call: str) -> None:
    (found,) = rewrite(f"\n\nx = [{call}]", OWN.get, "acme").problems
    assert found.line == 3
    assert "write it as an import statement" in found.what


@pytest.mark.parametrize(
    "call", ["import_module('json')", "import_module('.helpers', __package__)", "import_module(name)", "f('helpers')"]
)
def test_those_that_work_in_a_package_are_not(call: str) -> None:
    assert rewrite(call, OWN.get, "acme").problems == ()


def test_what_is_done_to_sys_path_is_told() -> None:
    text = "import sys\nsys.path.insert(0, '.')\nprint(sys.path)\nother.path.append(1)\n"
    assert [found.line for found in rewrite(text, OWN.get, "acme").warnings] == [2]


def test_what_is_no_python_is_refused() -> None:
    with pytest.raises(SyntaxError):
        rewritten("import")
