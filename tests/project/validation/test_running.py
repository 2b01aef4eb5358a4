"""What is accepted of what the process has written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.project.validation.running import sealed_reader
from packflow.utils.processes.answering import seal

KEY = b"k" * 32


def sealed(text: bytes, name: str = "answer", key: bytes = KEY) -> bytes:
    return seal(key, name, text).encode() + text


def test_what_is_sealed_is_read() -> None:
    assert sealed_reader(KEY)("answer", sealed(b'{"complete": true}')) == {"complete": True}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        sealed(b"{}", "ended"),  # one file in the place of another
        sealed(b"{}", key=b"another"),
        sealed(b"{}")[:-1],
        sealed(b"{}") + b" ",
        sealed(b"{"),
        sealed(b'{"n": NaN}'),
        sealed(b"[" * 100_000),
        "é".encode() * 64,
    ],
)
def test_nothing_else_is(data: bytes) -> None:
    assert sealed_reader(KEY)("answer", data) is None


@given(st.binary())
def test_bytes_of_any_kind_are_refused(data: bytes) -> None:
    assert sealed_reader(KEY)("answer", data) is None
