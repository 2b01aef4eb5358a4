"""The reference lists the doctor's findings, and the pages show those that they speak of."""

from __future__ import annotations

from packflow.plugin.doctor import CODES, DEFAULT_TIMEOUT
from packflow.plugin.doctor.codes import SEVERITIES
from tests.docs.test_reference import rows


def test_every_code_is_listed_with_its_severity_and_meaning(read_page):
    listed = {code.strip("`"): tuple(others) for code, *others in rows(read_page("reference/doctor.md"), "code")}

    assert listed == {code: tuple(found) for code, found in CODES.items()}
    ranks = [SEVERITIES.index(severity) for severity, _ in listed.values()]
    assert ranks == sorted(ranks)


def test_the_time_limit_is_the_one_that_holds(read_page):
    assert f"`--timeout` seconds, {DEFAULT_TIMEOUT:g} by default" in read_page("how-to/check-plugins.md")


def test_the_command_is_documented_by_its_own_help(read_page):
    assert "packflow plugins doctor --help" in read_page("reference/command-line.md")
