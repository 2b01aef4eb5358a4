"""The reference lists the checks of a validation, and the pages say what holds."""

from __future__ import annotations

from packflow.project.validation import CHECKS, DEFAULT_TIMEOUT
from packflow.project.validation.worker import ENDING
from tests.docs.test_reference import rows


def test_every_check_is_listed(read_page):
    listed = {name.strip("`"): meaning for name, meaning in rows(read_page("reference/validation.md"), "check")}

    assert list(listed.items()) == list(CHECKS.items())


def test_the_time_limits_are_those_that_hold(read_page):
    page = " ".join(read_page("how-to/validate-a-project.md").split())

    assert f"It has {DEFAULT_TIMEOUT:g} seconds" in page
    assert f"within {ENDING:g} seconds more" in page


def test_the_command_is_documented_by_its_own_help(read_page):
    assert "packflow validate --help" in read_page("reference/command-line.md")
