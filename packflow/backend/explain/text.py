"""The plan of a call as a text of a fixed width, for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from packflow.utils.printable import printable

if TYPE_CHECKING:
    from packflow.backend.explain.plan import CallPlan, PreprocessPlan, StepPlan
    from packflow.backend.explain.times import StepTime, Times

WIDTH = 80
LABEL = 22
NAME = 19
CELL = 12
#: How many lines a list of names may take.
MOST_LINES = 6

#: Stands for a space that no line is to end at.
_HELD = "\ue000"
_MICROSECONDS = 1000

CODE = {
    "generated": "generated; what it does not understand is interpreted",
    "learning": "generated for a layout of records when it has come up often; none yet",
    "interpreted": "none is generated: the plan is interpreted",
    None: "the preprocessor's own",
}


def plan_text(plan: CallPlan) -> str:
    """Put a plan into a text; no line is longer than 80 characters."""
    lines = [*_wrapped(f"A call of {_class(plan.backend)}", "")]
    if plan.own_call:
        lines += _wrapped("It has a __call__ of its own, which decides whether the steps below run.", "")
    lines += ["", *_preprocess(plan.preprocess)]
    for number, step in enumerate(plan.steps, start=2):
        lines += _labelled(f"{number}. {step.name}", [_place(step)])
    lines.append("")
    lines += _times(plan.times) if plan.times else ["No call has been completed yet, so there are no times."]
    return "\n".join(lines)


def _preprocess(plan: PreprocessPlan) -> Iterator[str]:
    yield from _labelled("1. preprocess", [_class(plan.defined_by)])
    origin = f"of {plan.distribution} {plan.version}" if plan.distribution else "registered by the program"
    yield from _labelled("     plugin", [plan.plugin, origin])
    if plan.replaced:
        yield from _labelled("", ["The settings ask for nothing, so that nothing is done."])
    if plan.reads is not None:
        yield from _labelled("     read", dict.fromkeys(plan.delimiter.join(path) for path in plan.reads))
    elif plan.code != "none":
        yield from _labelled("     read", ["the whole record, as anything in it may make a difference"])
    for part in plan.parts or ():
        yield from _labelled(f"     {part.name}", part.lines)
    if plan.gives:
        yield from _labelled("     give", [plan.gives])
    for number, refusal in enumerate(plan.refuses):
        yield from _labelled("" if number else "     refuse", [refusal])
    if plan.code != "none":
        yield from _labelled("     code", [CODE[plan.code]])


def _place(step: StepPlan) -> str:
    words = [_class(step.defined_by), *(["set on the instance"] if step.on_instance else [])]
    if step.kind != "function":
        words.append(f"a {_class(step.kind)}")
    if step.file is not None:
        words.append(f"line {step.line} of {Path(step.file).name}")
    return ", ".join(words)


def _class(name: str) -> str:
    module, _, cls = name.partition(":")
    return f"{cls} ({module})"


def _times(times: Times) -> Iterator[str]:
    calls = "1 call" if times.calls == 1 else f"{times.calls:,} calls"
    records = "1 record" if times.records == 1 else f"{times.records:,} records"
    head = {"calls": f"Times of the last {calls}", "records": f"Times of {calls} with the given records"}[times.of]
    yield f"{head}, {records}"
    yield from _table("step", times.steps, times)
    if times.stages:
        yield ""
        yield "preprocess in stages, interpreted"
        yield from _table("stage", times.stages, times)


def _table(heading: str, spent: dict[str, StepTime], times: Times) -> Iterator[str]:
    whole = sum(time.total for time in spent.values())
    yield _row(heading, "total ms", "µs/call", "median", "µs/record", "share")
    for name, (total, median) in (*spent.items(), ("all", (whole, None))):
        yield _row(
            name,
            _number(total),
            _number(total * _MICROSECONDS / times.calls),
            "" if median is None else _number(median * _MICROSECONDS),
            _number(total * _MICROSECONDS / times.records) if times.records else "-",
            f"{total / whole:.1%}" if whole else "-",
        )


def _row(name: str, *cells: str) -> str:
    return f"{name:<{NAME}}" + "".join(f"{cell:>{CELL}}" for cell in cells)


def _number(value: float) -> str:
    """Give a number in as many digits as tell it from others.

    Example:
        >>> [_number(value) for value in (0.0123, 12.345, 1234.5)]
        ['0.012', '12.35', '1,234']
    """
    return f"{value:,.3f}" if value < 10 else f"{value:,.2f}" if value < 1000 else f"{value:,.0f}"


def _labelled(label: str, items: Iterable[str]) -> Iterator[str]:
    """Give the lines of a label and of what it has, joined with commas; too many are counted."""
    found = list(items)
    lines = list(_wrapped(", ".join(map(_held, found)), " " * LABEL))
    if len(lines) > MOST_LINES:
        kept = len(found)
        while len(lines) > MOST_LINES and kept:
            kept -= max(1, kept // 10)
            lines = list(
                _wrapped(", ".join([*map(_held, found[:kept]), f"and {len(found) - kept:,} more"]), " " * LABEL)
            )
    first, *others = lines or [" " * LABEL]
    yield f"{label:<{LABEL}}{first[LABEL:]}"
    yield from others


def _held(item: str) -> str:
    """Keep short items in one line."""
    shown = printable(item).replace("\n", "\\n")
    return shown.replace(" ", _HELD) if len(shown) <= (WIDTH - LABEL) // 2 else shown


def _wrapped(text: str, indent: str) -> Iterator[str]:
    for line in textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False):
        yield line.replace(_HELD, " ")
