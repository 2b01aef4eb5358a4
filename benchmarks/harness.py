"""How ways of doing one thing are timed side by side: they take turns, and each turn is compared with its neighbours.

What is measured, and what is expected of it, is in the modules that `cases` lists. A way is a function of one batch,
here or, as `elsewhere` has it, in another environment. Only the processor's time counts, as the machine may be busy.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median
from time import process_time_ns
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from loguru import logger

if TYPE_CHECKING:
    from elsewhere import Elsewhere

Function = Callable[[Any], Any]
#: Run a way so many times; give the nanoseconds of all of them.
Turn = Callable[[int], float]
#: The nanoseconds of one run in each turn that a way took part in.
Times = dict[str, dict[int, float]]

SIZES = (1, 100, 10_000)
#: At one record, goals that are ratios are so much wider, unless they say what holds there.
WIDER = 1.6


class Goal(NamedTuple):
    """What a way may cost at most, beside another; None where nothing is promised."""

    of: str
    to: str
    most: float | None
    at_one: float | None = None
    #: Whether the figure is what it costs more, in nanoseconds, and not how many times as much.
    more: bool = False

    def at(self, size: int) -> float | None:
        """Give what holds for batches of so many records."""
        if size != 1 or self.most is None or self.more:
            return self.most
        return self.at_one or self.most * WIDER


@dataclass(frozen=True)
class Case:
    """One thing that several ways do with the same batches."""

    group: str
    name: str
    #: What is counted as one in the figures.
    unit: str
    #: Batches of so many records, to be taken in turn.
    batches: Callable[[int], list[Any]]
    #: The ways in this process, for batches of so many records.
    here: Callable[[int], dict[str, Function]]
    goals: tuple[Goal, ...] = ()
    #: The ways in the peer's environment, made there.
    elsewhere: Callable[[], dict[str, Function]] | None = None
    #: What the peer makes of one batch, where its ways do not give that themselves.
    peer_gives: Function | None = None
    sizes: tuple[int, ...] = SIZES
    #: Ways whose results are none, or others on purpose.
    unlike: frozenset[str] = frozenset()
    #: Loguru's level while the case is measured.
    level: str = "WARNING"


@dataclass(frozen=True)
class Pace:
    """How long measuring may take, in nanoseconds: a turn at least, and all turns of one way together."""

    turn: int = 2_000_000
    together: int = 500_000_000
    fewest: int = 7
    most: int = 201


QUICK = Pace(turn=1_000_000, together=40_000_000, fewest=3, most=31)


def turn_of(function: Function, batches: list[Any]) -> Turn:
    """Make a turn of a function, which is given the batches one after the other, for ever."""
    endless = cycle(batches)

    def turn(calls: int) -> float:
        given = list(islice(endless, calls))
        started = process_time_ns()
        for batch in given:
            function(batch)
        return process_time_ns() - started

    return turn


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Keep what was made before the timing out of the garbage collector's way, for all ways alike."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def cost_of(turn: Turn, pace: Pace) -> tuple[int, float]:
    """Give how many runs make a turn of a way, and what such a turn costs; this warms it up as well."""
    once = turn(1)
    if once < pace.together:
        once = min(turn(1) for _ in range(3))
        calls = max(1, int(pace.turn // max(1, once)))
        once = turn(calls) / calls
    calls = max(1, int(pace.turn // max(1, once)))
    return calls, max(1, calls * once)


def turns_wanted(cost: float, pace: Pace) -> int:
    if cost > 3 * pace.together:  # what takes seconds differs little from turn to turn
        return 3 if cost < 10 * pace.together else 0
    return min(pace.most, max(pace.fewest, int(pace.together // cost)))


def take_turns(turns: Mapping[str, Turn], pace: Pace) -> Times:
    """Time all ways in turn; what is slow takes part in fewer turns, evenly spread."""
    costs = {way: cost_of(turn, pace) for way, turn in turns.items()}
    wanted = {way: turns_wanted(cost, pace) for way, (_, cost) in costs.items()}
    number = max(wanted.values())
    # Of what takes longest, the run that was to warm it up has to do.
    times: Times = {way: {} if wanted[way] else {0: cost} for way, (_, cost) in costs.items()}
    for at in range(number):
        ways = list(turns) if at % 2 else list(turns)[::-1]  # nobody always comes after the same neighbour
        for way in ways:
            if wanted[way] and at % (number // wanted[way]) == 0:
                calls, _ = costs[way]
                times[way][at] = turns[way](calls) / calls
    return times


def take_rounds(turns: Mapping[str, Turn], rounds: int) -> Times:
    """Time all ways in turn, once a round; the first round warms up, and does not count."""
    times: Times = {way: {} for way in turns}
    for at in range(-1, rounds):
        for way, turn in turns.items():
            times[way][at] = turn(1)
    return {way: {at: spent for at, spent in found.items() if at >= 0} for way, found in times.items()}


def compare(times: Times, goal: Goal, size: int) -> dict[str, Any] | None:
    """Give the median of what neighbouring turns say about a goal; None where a way was left out."""
    own, other = times.get(goal.of, {}), times.get(goal.to, {})
    both = own.keys() & other.keys()
    if not both:
        return None
    figure = median(own[at] - other[at] if goal.more else own[at] / other[at] for at in both)
    most = goal.at(size)
    return {
        "of": goal.of, "to": goal.to, "kind": "ns more" if goal.more else "ratio", "figure": round(figure, 4),
        "goal": None if most is None else round(most, 3), "met": None if most is None else figure <= most,
    }  # fmt: skip


def line_of(
    case: tuple[str, str], size: int | None, unit: str, times: Times, parts: float, goals: Sequence[Goal]
) -> dict[str, Any]:
    """Give what was found about a case: the medians, divided into so many parts, and how they stand to the goals."""
    group, name = case
    compared = [compare(times, goal, size or 0) for goal in goals]
    return {
        "group": group, "case": name, "records": size, "unit": unit,
        "times": {way: float(f"{median(found.values()) / parts:.4g}") for way, found in times.items() if found},
        "compared": [figure for figure in compared if figure],
    }  # fmt: skip


def same(own: Any, other: Any) -> bool:
    return bool(np.array_equal(own, other) if isinstance(own, np.ndarray) else own == other)


def check(case: Case, functions: Mapping[str, Function], batches: list[Any]) -> None:
    """Refuse to compare the times of what does not do the same."""
    first, *others = [way for way in functions if way not in case.unlike]
    if len(batches) == 1:  # it is large, and libraries may take a minute for it
        others = others[:1]
    for batch in batches[:20]:
        for way in case.unlike & functions.keys():
            functions[way](batch)  # so that it has learned as much as the others
        expected = functions[first](batch)
        for way in others:
            if not same(functions[way](batch), expected):
                raise SystemExit(f"{case.group}, {case.name}: {way} does not give what {first} gives")


def measure(case: Case, size: int, pace: Pace, peer: Elsewhere | None) -> dict[str, Any]:
    """Time the ways of a case in turn, those of the peer too."""
    set_level(case.level)
    batches, functions = case.batches(size), case.here(size)
    check(case, functions, batches)
    turns, left_out = {way: turn_of(function, batches) for way, function in functions.items()}, {}
    if peer and case.elsewhere:
        theirs, gives, left_out = peer.open(case, size)
        turns |= theirs
        first = next(iter(functions))
        if gives is not None and not same(functions[first](batches[0]), gives):
            raise SystemExit(f"{case.group}, {case.name}: the peer does not give what {first} gives")
    with nothing_collected():
        times = take_turns(turns, pace)
    line = line_of((case.group, case.name), size, case.unit, times, size, case.goals)
    return line | ({"left_out": left_out} if left_out else {})


def set_level(level: str) -> None:
    """Have messages of a level, and those above it, written to nowhere, as a program in service would to a file."""
    logger.remove()
    logger.add(os.devnull, level=level)
