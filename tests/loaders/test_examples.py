"""The examples in the docstrings do what they say."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest


@pytest.mark.parametrize(
    "name", [f"packflow.loaders{part}" for part in ("", ".target", ".projects.names", ".projects.rewrite")]
)
def test_docstrings(name):
    found = doctest.testmod(import_module(name))
    assert found.attempted > 0
    assert found.failed == 0
