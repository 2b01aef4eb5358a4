"""Fixtures for every test: an environment of its own, captured log lines, scripts in processes of their own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, settings

from packflow.utils import log
from tests.support.environments import REPOSITORY, Environment, build_wheel
from tests.support.logs import Captured, captured_logs
from tests.support.scripts import OURS, run_script

# Hypothesis's own profile for CI: the same examples in every run, and no clock decides whether a property holds.
# ``pytest --hypothesis-profile=search`` looks further, at other examples each time.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")


class RunScript(Protocol):
    """Runs a script's text as ``inference.py`` in the test's folder."""

    def __call__(
        self, source: str, *arguments: str, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the developer's own settings from the tests."""
    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def fresh_log_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test's first message read ``PACKFLOW_LOG_LEVEL`` anew, whatever default a command has set before."""
    monkeypatch.setattr(log, "_threshold", None)
    monkeypatch.setattr(log, "_default_level", 0)


@pytest.fixture
def logs() -> Iterator[Captured]:
    """Collect the log lines of the test."""
    with captured_logs() as lines:
        yield lines


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Give a virtual environment with packflow's wheel; what a test installs there it uninstalls."""
    folder = tmp_path_factory.mktemp("environment")
    made = Environment(folder / "venv")
    made.install(build_wheel(REPOSITORY, folder / "wheels"))
    return made


@pytest.fixture
def script(tmp_path: Path) -> RunScript:
    """Run a script in the test's folder, with no ``PACKFLOW_*`` or ``BACKEND_*`` variables but those given."""

    def run(source: str, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return run_script(tmp_path, source, *arguments, env=env)

    return run
