"""Lines come in order, one at a time or in blocks, and are counted; a failure comes when those before it are gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.runner.lines import Lines

STEPS = st.lists(st.tuples(st.sampled_from(["next", "take", "give back"]), st.integers(0, 4)), max_size=20)


def failing_after(lines: list[bytes]) -> Iterator[bytes]:
    yield from lines
    raise OSError("gone")


@given(st.integers(0, 9), STEPS)
def test_whatever_is_put_back_comes_again_and_the_failure_comes_last(count: int, steps: list[tuple[str, int]]) -> None:
    everything = [str(number).encode() for number in range(count)]
    lines = Lines(failing_after(everything))
    given_so_far: list[bytes] = []
    last: list[bytes] = []
    for step, number in steps:
        left = count - len(given_so_far)
        if step == "give back":
            lines.give_back(last)
            given_so_far = given_so_far[: len(given_so_far) - len(last)]
            last = []
        elif left == 0 and (step == "next" or number):
            with pytest.raises(OSError, match="gone"):
                next(lines) if step == "next" else lines.take(number)
            return
        else:
            last = [next(lines)] if step == "next" else lines.take(number)
            assert len(last) == (1 if step == "next" else min(number, left))
            given_so_far += last
        assert given_so_far == everything[: lines.taken]


def test_the_end_is_the_end() -> None:
    lines = Lines([b"a"])
    assert lines.take(2) == [b"a"]
    assert lines.take(2) == []
    assert next(lines, None) is None
    assert lines.taken == 1


def test_what_has_ended_is_not_asked_again() -> None:
    class Terminal:
        """Goes on after its end, if it is asked."""

        def __init__(self) -> None:
            self.asked = 0

        def __iter__(self) -> Iterator[bytes]:
            return self

        def __next__(self) -> bytes:
            self.asked += 1
            if self.asked == 2:
                raise StopIteration
            return b"a"

    lines = Lines(Terminal())
    assert list(lines) == [b"a"]
    assert next(lines, None) is None
    assert lines.take(3) == []
    lines = Lines(Terminal())
    assert [lines.take(2), lines.take(2), list(lines)] == [[b"a"], [], []]
