"""What was found, as tables with every figure beside its goal; and what it was found on."""

from __future__ import annotations

import datetime
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

LIBRARIES = (
    "packflow",
    "pydantic",
    "loguru",
    "numpy",
    "msgspec",
    "orjson",
    "pandas",
    "pyarrow",
    "torch",
    "scikit-learn",
)
Document = dict[str, Any]


class View(NamedTuple):
    """A table: which lines, the ways whose times are shown, and the pairs that are compared."""

    title: str
    group: str
    ways: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]


VIEWS = [
    View("Records, beside code written by hand", "records", ("ours", "by hand", "strict", "tolerant"),
         (("ours", "by hand"),)),
    View("Records, a whole call beside others", "records", ("call", "peer", "pandas", "pyarrow"),
         (("call", "peer"), ("call", "pandas"), ("call", "pyarrow"))),
    View("Leaves that nobody asks for", "records", ("ours", "ours, of 200", "by hand", "by hand, of 200"),
         (("ours", "ours, of 200"), ("by hand", "by hand, of 200"))),
    View("A call that does nothing", "calls", ("ours", "ours, not verbose", "bare", "peer"),
         (("ours", "bare"), ("ours", "ours, not verbose"), ("ours", "peer"))),
    View("Results made records", "normalizers", ("ours", "by hand", "strict", "peer", "pandas", "pyarrow"),
         (("ours", "by hand"), ("ours", "peer"), ("ours", "pandas"), ("ours", "pyarrow"))),
    View("JSON Lines, from bytes to bytes", "stream",
         ("ours", "by hand, msgspec", "by hand, orjson", "loop", "peer, loop"),
         (("ours", "by hand, msgspec"), ("ours", "by hand, orjson"), ("ours", "loop"), ("ours", "peer, loop"))),
    View("Start-up", "start-up", ("ours", "peer", "imports", "pass"), (("ours", "peer"), ("ours", "imports"))),
    View("A year of flights", "flights", ("ours", "by hand", "ours, a tenth"),
         (("ours", "by hand"), ("ours", "ours, a tenth"))),
]  # fmt: skip


def machine() -> dict[str, Any]:
    """Describe what is measured on."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": {library: found for library in LIBRARIES if (found := installed(library))},
        "load": round(os.getloadavg()[0], 1),
        "date": datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat(),
    }


def installed(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def describe(document: Document) -> str:
    """Give the machine and the run in a few lines."""
    found = document["machine"]
    libraries = ", ".join(f"{name} {number}" for name, number in found["libraries"].items())
    return (
        f"{found['date']}: {found['processor']}, {found['cores']} cores, {found['system']}, {found['python']}; "
        f"{libraries}; the peer is {document['peer']}. The run took {document['minutes']:.0f} minutes; the load of the "
        f"machine was {found['load']} when it began."
    )


def tables(document: Document) -> list[tuple[str, str]]:
    """Give the titles and the tables, those that have lines."""
    made = [(view.title, table(view, document["lines"])) for view in VIEWS]
    return [(title, text) for title, text in made if text]


def table(view: View, lines: list[dict[str, Any]]) -> str:
    """Give a table of Markdown that can be read as text as well; an empty text where no line belongs in it."""
    found = [(line, pairs) for line in lines if line["group"] == view.group and (pairs := compared(line, view))]
    if not found:
        return ""
    ways = [way for way in view.ways if any(way in line["times"] for line, _ in found)]
    together = [pair for pair in view.pairs if any(pair in pairs for _, pairs in found)]
    sizes = len({line["records"] for line, _ in found}) > 1
    headings = ["case", *(["records"] if sizes else []), "unit", *ways, *(f"{of} : {to}" for of, to in together)]
    rows = [
        [
            line["case"], *([f"{line['records']:,}"] if sizes else []), line["unit"],
            *(number(line["times"].get(way)) for way in ways), *(cell(pairs.get(pair)) for pair in together),
        ]
        for line, pairs in found
    ]  # fmt: skip
    return aligned([headings, *rows], left=("case", "unit"))


def compared(line: dict[str, Any], view: View) -> dict[tuple[str, str], dict[str, Any]]:
    found = {(figure["of"], figure["to"]): figure for figure in line["compared"]}
    return {pair: found[pair] for pair in view.pairs if pair in found}


def aligned(rows: list[list[str]], left: tuple[str, ...]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    to_left = [heading in left for heading in rows[0]]
    rule = ["-" * width if flush else "-" * (width - 1) + ":" for width, flush in zip(widths, to_left, strict=True)]
    padded = [
        [
            text.ljust(width) if flush else text.rjust(width)
            for text, width, flush in zip(row, widths, to_left, strict=True)
        ]
        for row in [rows[0], rule, *rows[1:]]
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in padded)


def number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def cell(figure: dict[str, Any] | None) -> str:
    """Give a figure, and the goal that it has met or missed."""
    if figure is None:
        return ""
    write = added if figure["kind"] == "ns more" else ratio
    value, goal = write(figure["figure"]), figure["goal"]
    if goal is None:
        return value
    if figure["met"]:
        return f"{value} ≤ {write(goal)}, met"
    return f"{format(figure['figure'], '.4f') if value == write(goal) else value} > {write(goal)}, missed"


def added(ns: float) -> str:
    return f"{ns:+,.0f} ns"


def ratio(times: float) -> str:
    return f"{times:.2f}" if times >= 0.1 else f"{times:.1g}"


def verdict(document: Document) -> str:
    """Give how many goals are met, and a line for each that is missed."""
    goals = [(line, figure) for line in document["lines"] for figure in line["compared"] if figure["met"] is not None]
    missed = [(line, figure) for line, figure in goals if not figure["met"]]
    lines = [f"{len(goals) - len(missed)} of {len(goals)} goals are met."]
    for line, figure in missed:
        size = {None: "", 1: ", one record"}.get(line["records"], f", {line['records'] or 0:,} records")
        lines.append(f"- {line['group']}, {line['case']}{size}: {figure['of']} to {figure['to']} {cell(figure)}")
    return "\n".join(lines)


def text(document: Document) -> str:
    """Give the whole document."""
    sections = [f"## {title}\n\n{made}" for title, made in tables(document)]
    return "\n\n".join([f"# Last run\n\n{describe(document)}", *sections, f"## Goals\n\n{verdict(document)}"]) + "\n"
