"""The suites find what they are there to find: a plugin broken in one way fails the one check that is about it.

Every mutant's suite runs in one process of pytest for each kind of plugin, and reports here.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from packflow.testing import BackendSuite, HooksSuite, NormalizerSuite, PreprocessorSuite, checks
from tests.support.scripts import clean_environment
from tests.testing.mutants import impure

pytestmark = pytest.mark.timeout(900)  # the first test waits for the suites of all mutants

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
KINDS = {
    "backends": BackendSuite,
    "preprocessors": PreprocessorSuite,
    "normalizers": NormalizerSuite,
    "hooks": HooksSuite,
}
#: The modules of mutants, in two parts that take about as long.
MODULES = (["backends"], ["preprocessors", "normalizers", "impure_normalizers", "hooks"])


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Run the suites in two processes side by side, and give what came of each check, by kind."""
    folder = tmp_path_factory.mktemp("mutants")
    impure.install(folder / "site")
    path = os.pathsep.join([str(folder / "site"), str(REPOSITORY)])
    running = []
    for number, modules in enumerate(MODULES):
        files = [str(HERE / "mutants" / f"suites_{module}.py") for module in modules]
        command = [sys.executable, "-m", "pytest", *files, "-q", "-p", "no:cacheprovider"]
        command += ["-p", "tests.testing.report", "--suite-report", str(folder / f"{number}.json")]
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=clean_environment(PYTHONPATH=path, PYTHONDONTWRITEBYTECODE="1"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
    found = {kind: {} for kind in KINDS}
    for number, process in enumerate(running):
        output, _ = process.communicate(timeout=600)
        assert process.returncode in (0, 1), output[-3000:]
        for name, suite in json.loads((folder / f"{number}.json").read_text(encoding="utf-8")).items():
            kind = name.partition("::")[0].removeprefix("suites_").removeprefix("impure_")
            found[kind][name] = suite
    return found


def failures(suite):
    return sorted(check for check, (outcome, _) in suite["checks"].items() if outcome in ("failed", "error"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutant_fails_its_check_and_no_other(kind, reports):
    wrong = {
        name: (suite["broken_rule"], failures(suite))
        for name, suite in reports[kind].items()
        if suite["broken_rule"] and failures(suite) != [suite["broken_rule"]]
    }

    assert wrong == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_check_has_a_mutant(kind, reports):
    broken = {suite["broken_rule"] for suite in reports[kind].values()}

    assert {check.name for check in checks(KINDS[kind])} == broken - {None}


@pytest.mark.parametrize("kind", KINDS)
def test_sound_plugins_fail_nothing_and_wait_for_nothing(kind, reports):
    sound = {name: suite for name, suite in reports[kind].items() if suite["broken_rule"] is None}
    reasons = {text for suite in sound.values() for outcome, text in suite["checks"].values() if outcome == "skipped"}

    assert len(sound) >= 2
    assert {name: failures(suite) for name, suite in sound.items() if failures(suite)} == {}
    assert [reason for reason in reasons if "waits for" in reason] == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_check_waits_for_does_fail(kind, reports):
    """Or else a fault could be seen by nobody."""
    missed = [
        (name, check, waited[1])
        for name, suite in reports[kind].items()
        for check, (outcome, text) in suite["checks"].items()
        if outcome == "skipped" and (waited := re.search(r"waits for (\w+):", text))
        if waited[1] not in failures(suite) and "waits for" not in suite["checks"][waited[1]][1]
    ]

    assert missed == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_failure_says_rule_sight_and_remedy(kind, reports):
    rules = {check.name: check for check in checks(KINDS[kind])}
    texts = [
        (check, text)
        for suite in reports[kind].values()
        for check, (outcome, text) in suite["checks"].items()
        if outcome == "failed"
    ]

    assert texts
    for check, text in texts:
        assert f"rule:   {rules[check].rule}\nseen:   " in text
        assert "\nremedy: " in text
        capability = rules[check].capability
        assert capability is None or f"{capability} = False" in text
