"""The reference lists every check with its rule and what declares it away, and every name that is public."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import packflow.testing
from packflow.testing import BackendSuite, HooksSuite, NormalizerSuite, PreprocessorSuite, checks, strategies
from packflow.testing.suites.declared import PluginSuite

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "testing.md").read_text(encoding="utf-8")
SUITES = {
    "Every kind of plugin": PluginSuite,
    "Backends": BackendSuite,
    "Preprocessors": PreprocessorSuite,
    "Normalizers": NormalizerSuite,
    "Hooks plugins": HooksSuite,
}


def listed(heading):
    """Give the rows of the table under a heading: name, rule, capability."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `test_.*", section, re.MULTILINE)
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows]
    return [(name.strip("`"), rule, capability.strip("`") or None) for name, rule, capability in cells]


@pytest.mark.parametrize("heading", SUITES)
def test_every_check_is_listed_with_its_rule_and_what_declares_it_away(heading):
    shared = [] if heading == "Every kind of plugin" else checks(PluginSuite)

    assert listed(heading) == [tuple(check) for check in checks(SUITES[heading]) if check not in shared]


def test_every_public_name_is_documented():
    names = [f"packflow.testing.{name}" for name in packflow.testing.__all__]

    assert [name for name in names if not re.search(rf":: {re.escape(name)}$", PAGE, re.MULTILINE)] == []
    assert ".. automodule:: packflow.testing.strategies\n   :members:" in PAGE
    assert all(getattr(strategies, name).__doc__ for name in strategies.__all__)
