"""JSON Lines go out, and a file appears whole or not at all."""

from __future__ import annotations

import doctest
import io
import json
import os
import stat
import tempfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.exceptions import InferenceBackendValidationError
from packflow.runner import sinks
from packflow.runner.sinks import replacing, write_jsonl
from packflow.runner.sources import read_jsonl
from tests.runner.support import rule


def written(*rows: Any) -> bytes:
    stream = io.BytesIO()
    write_jsonl(rows, stream)
    return stream.getvalue()


def refusal(*rows: Any) -> InferenceBackendValidationError:
    stream = io.BytesIO()
    with pytest.raises(InferenceBackendValidationError) as caught:
        write_jsonl(rows, stream)
    assert stream.getvalue() == b""
    return caught.value


def test_each_row_is_a_line():
    assert written({"a": 1, "b": [None, True, "x"]}, {}) == b'{"a":1,"b":[null,true,"x"]}\n{}\n'
    assert written() == b""


def test_text_is_utf8():
    assert written({"é": "日本🙂"}) == '{"é":"日本🙂"}\n'.encode()


def test_line_breaks_in_text_make_no_lines():
    text = "a\nb\r\nc\u2028d\u0085e\0"
    line = written({"text": text})
    assert line.count(b"\n") == 1
    assert json.loads(line) == {"text": text}


def test_a_lone_surrogate_is_written_as_json_says_it():
    line = written({"a": "é\ud800"}, {"b": "é"})
    assert line == b'{"a":"\\u00e9\\ud800"}\n' + '{"b":"é"}\n'.encode()


def test_large_integers_and_small_floats_are_exact():
    assert written({"a": 2**64 + 1, "b": 5e-324, "c": 0.1, "d": -0.0}) == (
        b'{"a":18446744073709551617,"b":5e-324,"c":0.1,"d":-0.0}\n'
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), np.float64("nan")])
def test_what_json_has_no_number_for_is_refused_by_its_row(value):
    error = refusal({"a": 1}, {"a": {"b": [0, value]}}, {"a": 3})
    assert error.row == 1
    assert "row 1" in str(error)
    assert "['a']['b'][1]" in str(error)


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, b"bytes", np.int64(1), np.array([1]), 1j, {("a", "b"): 1}, lambda: None],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_json_is_refused_by_its_row(value):
    error = refusal({"a": 1}, {"x": value})
    assert error.row == 1
    assert "row 1" in str(error)
    assert "'x'" in str(error) or "keys must be" in str(error)


class Alike:
    """A key that equals a text."""

    def __hash__(self) -> int:
        return hash("a")

    def __eq__(self, other: object) -> bool:
        return other == "a"


def test_a_key_that_only_equals_a_text_is_refused_by_its_row():
    error = refusal({"a": 1}, {Alike(): 2})
    assert error.row == 1
    assert "keys must be" in str(error)


@pytest.mark.parametrize("row", [{1: "a", "1": "b"}, {"x": [{"null": 1, None: 2}]}, {"x": (1,), "true": 1, True: 2}])
def test_a_row_in_which_keys_become_one_is_refused(row):
    error = refusal({"1": 1}, row, {1: 1})
    assert error.row == 1
    assert "The output of row 1 is not JSON: " in str(error)
    assert "would both become" in str(error)


def test_a_row_that_contains_itself_is_refused():
    row: dict[str, Any] = {}
    row["row"] = row
    assert "contains itself" in str(refusal({}, row))


def test_a_row_nested_too_deeply_is_refused():
    row: Any = 1
    for _ in range(100_000):
        row = {"a": row}
    error = refusal(row)
    assert error.row == 0
    assert "deep" in str(error)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)


@rule
@given(st.lists(st.dictionaries(st.text(), JSON, max_size=4), max_size=4))
def test_what_is_written_is_read_again(rows):
    lines = io.BytesIO(written(*rows))
    assert [record for _, record in read_jsonl(lines, "out.jsonl")] == rows


class Text(str):
    pass


class Row(dict):
    pass


ODD = st.sampled_from(
    [float("nan"), -float("inf"), 2**64, -(2**200), "\ud800", "null", b"b", {1}, (1, None), 1j, object, Decimal("1.5"),
     date(2013, 1, 1), UUID(int=5), Text("t"), Row(a=1), np.float64(0.5), np.float64("nan"), {1: 2}, {None: 1},
     {Text("k"): 1}]
)  # fmt: skip
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | ODD,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=12,
)


def outcome(write: Callable[[], bytes]) -> Any:
    """Give what was written, by line, with floats in one spelling; or the error."""
    try:
        return [json.dumps(json.loads(line)) for line in write().splitlines()]
    except InferenceBackendValidationError as error:
        return str(error), error.row


@rule
@given(st.lists(st.dictionaries(st.text(), JSON | ANY, max_size=4) | ODD, max_size=4))
def test_rows_written_at_once_are_rows_written_one_by_one(rows):
    def one_by_one() -> bytes:
        return b"".join(sinks._line(index, row) for index, row in enumerate(rows))

    assert outcome(lambda: written(*rows)) == outcome(one_by_one)


@rule
@given(st.lists(st.dictionaries(st.text(), st.text() | st.none() | st.integers() | st.booleans()), max_size=4))
def test_text_is_spelt_in_one_way(rows):
    assert written(*rows) == b"".join(sinks._line(index, row) for index, row in enumerate(rows))


def test_plain_rows_are_written_at_once_and_others_are_not():
    """So that the property above is one."""
    assert sinks._plain_lines([{"a": [1, {"b": None}], "c": "null"}, {}]) == b'{"a":[1,{"b":null}],"c":"null"}\n{}\n'
    for odd in (float("nan"), date(2013, 1, 1), b"b", (1,), np.float64(1), "\ud800"):
        assert sinks._plain_lines([{"a": 1}, {"a": [{"b": odd}]}]) is None


def test_rows_that_contain_themselves_twice_are_refused():
    row: dict[str, Any] = {}
    row["a"] = row["b"] = [row, row]
    assert "contains itself" in str(refusal(row))


# Files --------------------------------------------------------------------------------------------------------------


def everything_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_file_takes_its_name_only_at_the_end(tmp_path):
    target = tmp_path / "out.jsonl"
    with replacing(target) as stream:
        stream.write(b"new")
        stream.flush()
        assert not target.exists()
    assert target.read_bytes() == b"new"
    assert everything_in(tmp_path) == {"out.jsonl"}


def test_an_old_file_stays_until_the_new_one_is_whole(tmp_path):
    target = tmp_path / "out.jsonl"
    target.write_bytes(b"old")
    with replacing(target) as stream:
        stream.write(b"new")
        stream.flush()
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert everything_in(tmp_path) == {"out.jsonl"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("old", [None, b"old"])
def test_failing_half_way_leaves_what_was_there_and_nothing_else(tmp_path, error, old):
    target = tmp_path / "out.jsonl"
    if old is not None:
        target.write_bytes(old)
    with pytest.raises(error), replacing(target) as stream:  # noqa: PT012  # the block is what fails
        stream.write(b"half" * 100_000)
        raise error
    assert everything_in(tmp_path) == ({"out.jsonl"} if old is not None else set())
    assert old is None or target.read_bytes() == old


def test_the_input_may_be_its_own_output(tmp_path):
    target = tmp_path / "data"
    target.write_bytes(b"1\n2\n3\n")
    with target.open("rb") as source, replacing(target) as stream:
        for line in source:
            stream.write(b"line " + line)
    assert target.read_bytes() == b"line 1\nline 2\nline 3\n"


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o000])
def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path, mask):
    before = os.umask(mask)
    try:
        with replacing(tmp_path / "out") as stream:
            stream.write(b"new")
        plain = tmp_path / "plain"
        plain.write_bytes(b"")
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o640, 0o755])
def test_an_old_file_keeps_its_permissions(tmp_path, mode):
    target = tmp_path / "out"
    target.write_bytes(b"old")
    target.chmod(mode)
    with replacing(target) as stream:
        stream.write(b"new")
    assert stat.S_IMODE(target.stat().st_mode) == mode


@pytest.mark.parametrize("dangling", [False, True])
def test_a_link_keeps_pointing_where_it_points(tmp_path, dangling):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    real, link = elsewhere / "real", tmp_path / "link"
    if not dangling:
        real.write_bytes(b"old")
    link.symlink_to(real)
    with replacing(link) as stream:
        stream.write(b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert everything_in(elsewhere) == {"real"}
    assert everything_in(tmp_path) == {"elsewhere", "link"}


def test_a_relative_name_is_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with replacing(Path("out")) as stream:
        stream.write(b"new")
    assert (tmp_path / "out").read_bytes() == b"new"


def test_a_device_is_written_to_as_it_is():
    with replacing(Path(os.devnull)) as stream:
        stream.write(b"gone")
    assert not Path(os.devnull).is_file()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_written_to_as_it_is(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with replacing(pipe) as stream:
            stream.write(b"through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_folder_that_is_not_there_is_an_error_at_once(tmp_path):
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "no" / "out"):
        raise AssertionError("the block must not run")


def test_links_that_go_round_in_a_circle_are_an_error_at_once(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(OSError, match="symbolic links"), replacing(tmp_path / "a"):
        raise AssertionError("the block must not run")
    assert everything_in(tmp_path) == {"a", "b"}


def test_a_name_may_be_as_long_as_names_may_be(tmp_path):
    for name in ("n" * 255, "é" * 127):
        with replacing(tmp_path / name) as stream:
            stream.write(b"new")
        assert (tmp_path / name).read_bytes() == b"new"
    with pytest.raises(OSError, match="too long"), replacing(tmp_path / ("n" * 256)):
        raise AssertionError("the block must not run")
    assert everything_in(tmp_path) == {"n" * 255, "é" * 127}


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs users")
def test_a_file_that_is_read_only_is_not_replaced():
    with tempfile.TemporaryDirectory() as name:  # not tmp_path, which is its owner's alone
        folder, target = Path(name), Path(name) / "out"
        target.write_bytes(b"old")
        target.chmod(0o444)
        folder.chmod(0o777)
        user = os.geteuid()
        os.seteuid(user or 65534)  # the superuser may write to anything
        try:
            with pytest.raises(PermissionError), replacing(target):
                raise AssertionError("the block must not run")
        finally:
            os.seteuid(user)
        assert target.read_bytes() == b"old"
        assert everything_in(folder) == {"out"}


def test_docstrings():
    found = doctest.testmod(sinks)
    assert found.attempted > 0
    assert found.failed == 0
