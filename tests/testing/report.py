"""A pytest plugin that writes what came of each check of each suite, for the test that reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

_outcomes: dict[str, dict[str, tuple[str, str]]] = {}
_rules: dict[str, str | None] = {}


def pytest_collection_modifyitems(items):
    for item in items:
        _rules[_suite(item.nodeid)] = getattr(item.cls, "broken_rule", None)


def _suite(nodeid):
    file, suite, _ = nodeid.split("::")
    return f"{Path(file).stem}::{suite}"


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        check = report.nodeid.rpartition("::")[2]
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr or "")
        outcome = report.outcome if report.when == "call" or report.outcome == "skipped" else "error"
        _outcomes.setdefault(_suite(report.nodeid), {})[check] = (outcome, text)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    file = session.config.getoption("--suite-report")
    done = {suite: {"broken_rule": _rules[suite], "checks": checks} for suite, checks in _outcomes.items()}
    Path(file).write_text(json.dumps(done), encoding="utf-8")


def pytest_addoption(parser):
    parser.addoption("--suite-report")
