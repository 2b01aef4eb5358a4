from __future__ import annotations

import json

from packflow.utils.causes import cause_text, innermost_line, line_outside


def failing():
    try:
        json.loads("nothing")
    except ValueError as error:
        return error.__traceback__


def test_the_innermost_line_is_the_packages_own():
    assert innermost_line(failing(), __name__).startswith(__file__)
    assert "decoder.py, line " in innermost_line(failing(), "json")
    assert innermost_line(failing(), "js") == ""


def test_the_line_outside_is_that_of_whom_the_package_called():
    assert "decoder.py, line " in line_outside(failing(), "tests")
    assert line_outside(failing(), "json").startswith(__file__)
    assert line_outside(None, "json") == ""


def test_a_text_that_would_end_the_program_does_not():
    class Leaving(Exception):
        def __str__(self):
            raise SystemExit(3)

    assert cause_text(Leaving()) == "Leaving: <no text: Leaving.__str__ raised SystemExit>"
