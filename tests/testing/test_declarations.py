"""What a suite's subclass declares: what it forgets or misspells, what it declares away, what fixtures give."""

from __future__ import annotations

import pytest

from packflow.testing import BackendSuite, HooksSuite, NormalizerSuite, PreprocessorSuite, checks
from packflow.testing.suites.base import capabilities, rule_of

pytest_plugins = "pytester"

SUITES = [BackendSuite, PreprocessorSuite, NormalizerSuite, HooksSuite]
DOUBLER = """
import pytest
from packflow import InferenceBackend
from packflow.testing import BackendSuite

class Doubler(InferenceBackend):
    def execute(self, inputs):
        return [{"doubled": 2 * row["n"]} for row in inputs]
"""
RECORDS = 'records = [{"n": 1}, {"n": 2}]'


@pytest.fixture
def run(pytester):
    """Run a suite that subclasses BackendSuite, with these lines in it; give what pytest said."""

    def run(*lines, only="", name="TestDoubler", options=()):
        body = "\n".join(f"    {line}" for text in lines for line in text.splitlines()) or "    pass"
        pytester.makepyfile(f"{DOUBLER}\nclass {name}(BackendSuite):\n{body}\n")
        return pytester.runpytest("-q", "-rs", "-k", only, *options)

    return run


@pytest.mark.parametrize("suite", SUITES)
def test_every_check_has_a_rule_of_one_sentence(suite):
    for check in checks(suite):
        assert check.rule.endswith("."), check.name
        assert 15 < len(check.rule) < 130, check.name


@pytest.mark.parametrize("suite", SUITES)
def test_every_capability_is_an_attribute_that_is_true_and_described(suite):
    described = " ".join(owner.__doc__ or "" for owner in suite.__mro__)

    for name in capabilities(suite):
        assert getattr(suite, name) is True
        assert f"{name}: the capability " in described


def test_the_rule_is_the_first_paragraph():
    def check():
        """Some are
        more equal.

        And more.
        """

    assert rule_of(check) == "Some are more equal."


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([RECORDS], "TestDoubler does not say what 'plugin' is. Set it in the class: plugin = \"my-plugin\""),
        (["plugin = Doubler"], "TestDoubler does not say what 'records' is. Set it in the class: records = [{...}"),
        (
            ["plugin = Doubler", RECORDS, "batch_invarient = False"],
            "TestDoubler sets 'batch_invarient', which no suite knows. Did you mean 'batch_invariant'?",
        ),
        (
            ["plugin = Doubler", RECORDS, "fast = True"],
            "TestDoubler sets 'fast', which no suite knows. The capabilities are: batch_invariant, ",
        ),
        (
            ["plugin = Doubler", RECORDS, "exepcted = []"],
            "TestDoubler sets 'exepcted', which no suite knows. Did you mean 'expected'?",
        ),
        (
            ["plugin = Doubler", RECORDS, "thread_safe = 'no'"],
            "TestDoubler sets thread_safe = 'no'; expected True or False",
        ),
    ],
)
def test_what_is_forgotten_or_misspelt_is_one_error_that_says_what_to_set(lines, message, run):
    result = run(*lines)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"{message.replace('[', '[[]')}*"])
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize("records", ["[]", '[{"n": 1}]', "[1, 2]", '{"n": 1}'])
def test_records_that_are_too_few_or_none_are_refused(records, run):
    result = run("plugin = Doubler", f"records = {records}", only="test_many_records")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*remedy: Set `records` in the suite to a list of two or more dicts*"])


def test_data_and_methods_of_ones_own_are_no_mistakes(run):
    result = run(
        "plugin = Doubler", RECORDS, "weights = [1]", "def helper(self): pass", "_quick = True", only="one_row"
    )
    result.assert_outcomes(passed=1)


def test_what_is_declared_away_is_skipped_and_says_so(run):
    result = run(
        "plugin = Doubler", RECORDS, "thread_safe = picklable = False", only="threads or pickling or worker or one_row"
    )
    result.assert_outcomes(passed=2, skipped=3)  # test_settings_survive_pickling and test_one_row pass
    result.stdout.fnmatch_lines(["SKIPPED * declared away: thread_safe", "SKIPPED * declared away: picklable"])


def test_attributes_may_be_fixtures(run):
    result = run(
        "plugin = Doubler",
        "@pytest.fixture\ndef config(self, tmp_path):\n    return {'feature_names': [tmp_path.name[:1], 'n']}",
        "@pytest.fixture\ndef records(self):\n    return [{'n': 1}, {'n': 2}]",
        "@pytest.fixture\ndef expected(self, records):\n    return [{'doubled': 2 * row['n']} for row in records]",
        only="expected or threads",
        options=("-W", "error"),
    )
    result.assert_outcomes(passed=2)


def test_a_fixture_of_the_project_does_not_take_an_attributes_place(run, pytester):
    pytester.makeconftest("import pytest\n@pytest.fixture\ndef records():\n    return 'other records'")
    run("plugin = Doubler", RECORDS, only="one_row").assert_outcomes(passed=1)


def test_checks_can_be_added_and_replaced(run):
    result = run(
        "plugin = Doubler",
        RECORDS,
        "def test_one_row(self):\n    assert self.backend()([{'n': 21}]) == [{'doubled': 42}]",
        "def test_it_doubles(self):\n    assert self.backend()({'n': 4}) == {'doubled': 8}",
        only="one_row or doubles",
    )
    result.assert_outcomes(passed=2)


def test_an_instance_can_be_judged(run):
    result = run("plugin = Doubler(verbose=False)", RECORDS)
    assert result.parseoutcomes().keys() == {"passed", "skipped"}
    result.stdout.fnmatch_lines(["SKIPPED * `plugin` is an instance*"])


def test_a_backend_is_closed_when_its_check_is_over(run, pytester):
    result = run(
        "plugin = type('Closing', (Doubler,), {'closed': [], 'close': lambda self: self.closed.append(1)})",
        RECORDS,
        "def test_zzz(self):\n    assert self.plugin.closed",
        only="one_row or zzz",
    )
    result.assert_outcomes(passed=2)


def test_a_suite_that_was_imported_is_not_collected_itself(run):
    result = run("plugin = Doubler", RECORDS, only="one_row")
    result.assert_outcomes(passed=1)


def test_what_an_allowed_library_imports_late_is_not_the_plugins_doing(run, pytester):
    pytester.mkpydir("lazylib").joinpath("late.py").write_text(
        "import os, warnings\nos.environ['LOUD'] = '1'\nwarnings.simplefilter('always')\nprint('loud')\nimport torch\n"
    )
    pytester.path.joinpath("lazylib/__init__.py").write_text(
        "def __getattr__(name):\n    from importlib import import_module\n    return import_module('lazylib.late')"
    )
    pytester.makepyfile(torch="", test_base=f"{DOUBLER}\n")
    pytester.makepyfile(lazy="import os\nfrom lazylib import Late\nfrom test_base import Doubler as Backend")
    pytester.makepyfile(both="from lazy import *\nos.environ['MINE'] = '1'\nprint('mine')")
    pytester.makepyfile(
        test_it=f"""
        from packflow.testing import BackendSuite
        from test_base import Doubler

        class TestForbidden(BackendSuite):
            plugin = type("Lazy", (Doubler,), {{"__module__": "lazy"}})
            {RECORDS}

        class TestAllowed(TestForbidden):
            heavy_imports_allowed = {{"lazylib"}}

        class TestItself(TestAllowed):
            plugin = type("Both", (Doubler,), {{"__module__": "both"}})
        """
    )
    result = pytester.runpytest("-q", "-rfp", "-k", "test_import", "test_it.py")
    result.assert_outcomes(passed=1 + 4 + 2, failed=3 + 2)
    result.stdout.fnmatch_lines_random(["FAILED *TestItself*changes_nothing*", "FAILED *TestItself*prints_nothing*"])
    result.stdout.fnmatch_lines(["seen:   it printed 'loud?n'", "*", "seen:   it printed 'mine?n'"])


def test_heavy_libraries_can_be_allowed(run, pytester):
    pytester.makepyfile(torch="", heavy="import torch\nfrom test_heavy import Doubler as Backend")
    pytester.makepyfile(test_heavy=f"{DOUBLER}\n")
    pytester.makepyfile(
        test_it=f"""
        import heavy
        from packflow.testing import BackendSuite

        class TestHeavy(BackendSuite):
            plugin = type("Heavy", (heavy.Backend,), {{"__module__": "heavy"}})
            {RECORDS}

        class TestAllowed(TestHeavy):
            heavy_imports_allowed = {{"torch"}}

        class TestDeclared(TestHeavy):
            light_import = False
        """
    )
    result = pytester.runpytest("-q", "-rs", "-k", "heavy_library", "test_it.py")
    result.assert_outcomes(passed=1, failed=1, skipped=1)
    result.stdout.fnmatch_lines(["seen:   it imported torch", "*heavy_imports_allowed = {'torch'}*"])
