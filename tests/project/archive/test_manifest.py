"""The record inside an archive: what is written is read again, and what is wrong is told with its place."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.project.archive.manifest import (
    MANIFEST,
    ArchivedFile,
    ArchivedWheel,
    Manifest,
    RanWith,
    SamplesRun,
    from_json,
    to_json,
)

FILE = {"sha256": "0" * 64, "size": 1}
GOOD: dict[str, Any] = {
    "manifest_version": 1,
    "name": "prices",
    "version": "1.0",
    "packflow": "1.0.0",
    "files": {"packflow.yaml": FILE, "wheels/a-1-py3-none-any.whl": FILE},
    "requirements": ["numpy>=2"],
    "plugins": {"lock-version": 1, "distribution": []},
    "ran_with": {"python": "3.11.7", "distributions": {"numpy": "2.1.0"}},
    "samples": {"count": 2, "passed": 2},
    "wheels": [{"file": "wheels/a-1-py3-none-any.whl", "name": "a", "version": "1", "built": False}],
}
LOCKED = {"name": "a", "version": "1", "record": "sha256:" + "0" * 64, "backend": {"fast": "a:Fast"}}


def read(**changes: Any) -> Manifest:
    data = {key: value for key, value in {**GOOD, **changes}.items() if value is not ...}
    return from_json(json.dumps(data).encode())


@given(
    st.text("ab/.é", min_size=1, max_size=9),
    st.integers(0, 2**70),
    st.dictionaries(st.text(min_size=1, max_size=5), st.text(min_size=1, max_size=5), max_size=3),
)
def test_what_is_written_is_read_again(path: str, size: int, distributions: dict[str, str]) -> None:
    manifest = Manifest(
        name="p",
        version="1",
        packflow="1.0.0",
        files={"x.py": ArchivedFile(sha256="a" * 64, size=size)},
        requirements=(path,),
        ran_with=RanWith(python="3.11.7", distributions=distributions),
        samples=SamplesRun(count=1, passed=1),
        wheels=(ArchivedWheel(file="x.py", name="x", version="1", built=True),),
    )

    assert from_json(to_json(manifest)) == manifest


def test_the_order_of_what_was_given_is_not_seen() -> None:
    other = {**GOOD, "files": dict(reversed(GOOD["files"].items()))}

    assert to_json(from_json(json.dumps(other).encode())) == to_json(read())
    assert json.loads(to_json(read())) == GOOD


def test_a_lock_is_kept_as_data() -> None:
    lock = {"lock-version": 1, "distribution": [LOCKED]}

    assert read(plugins=lock).plugins == lock


def test_unknown_fields_mean_nothing() -> None:
    assert read(mood="good") == read()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"manifest_version": ...}, "it has no 'manifest_version'"),
        ({"manifest_version": 2}, "its manifest_version is 2, where 1 is expected; a newer packflow wrote it"),
        ({"manifest_version": True}, "its manifest_version is True, where 1 is expected"),
        ({"name": ...}, "it has no name"),
        ({"name": 1}, "name is 1: input should be a valid string"),
        ({"name": ""}, "name is '': string should have at least 1 character"),
        ({"files": []}, "files is []: input should be an object"),
        ({"files": {"../x": FILE}}, "files['../x'] is '../x': no path for an archive: it leads out of the folder"),
        ({"files": {"x": {**FILE, "size": -1}}}, "files.x.size is -1: input should be greater than or equal to 0"),
        ({"files": {"x": {**FILE, "size": True}}}, "files.x.size is True: input should be a valid integer"),
        ({"files": {"x": {**FILE, "sha256": "A" * 64}}}, "files.x.sha256 is 'A"),
        ({"files": {"x": {"size": 1}}}, "it has no files.x.sha256"),
        ({"files": {"x": FILE, "X": FILE}, "wheels": []}, "'files' lists 'x' and 'X', which are one file on some"),
        ({"files": {MANIFEST: FILE}}, f"'files' lists {MANIFEST} itself"),
        ({"files": {"x": FILE}}, "'wheels' names 'wheels/a-1-py3-none-any.whl', which 'files' does not list"),
        ({"plugins": {"lock-version": 2}}, "no lock: its lock-version is 2, where 1 is expected"),
        ({"plugins": {"distribution": None}}, "no lock: Object of type"),
        ({"samples": {"count": 1}}, "it has no samples.passed"),
        ({"ran_with": {"python": "3", "distributions": {"a": 1}}}, "ran_with.distributions.a is 1: input should be"),
    ],
)
def test_what_is_wrong_is_told(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError) as caught:
        read(**changes)

    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"[", "it cannot be read as JSON"),
        (b"[]", "it is [], where an object is expected"),
        (b"\xff", "it is no UTF-8 text"),
        (b"[" * 200_000, "it is nested too deeply"),
        (b'{"a": 1, "a": 2}', "'a' stands twice in one object"),
        (b'{"manifest_version": 1, "a": ' + b"9" * 5000 + b"}", "it cannot be read as JSON"),
        (b'{"manifest_version": 1, "name": "\\ud800"}', "it cannot be read as JSON"),
        (b"", "it cannot be read as JSON"),
    ],
)
def test_what_is_no_manifest_is_told(raw: bytes, told: str) -> None:
    with pytest.raises(ValueError) as caught:
        from_json(raw)

    assert told in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(sorted(GOOD)), inner),
    max_leaves=8,
)


@given(st.sampled_from(sorted(GOOD)), JSON)
def test_whatever_stands_there_it_is_read_or_refused(field: str, value: object) -> None:
    with suppress(ValueError):
        assert to_json(read(**{field: value}))
