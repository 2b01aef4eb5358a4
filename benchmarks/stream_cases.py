"""What ``stream.py`` runs in one process: the inner path of ``packflow run`` on JSON Lines, a loop, and two by hand."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Callable
from itertools import islice
from operator import itemgetter
from pathlib import Path
from time import process_time
from typing import Any, BinaryIO

import msgspec
import numpy as np
import orjson

from packflow import InferenceBackend
from packflow.cli.run import run_batch, source_of, write_batch
from packflow.runner import Runner
from packflow.runner.narrow import fields_read_by

RECORDS, BATCH = 5_000, 1000


class Sums(InferenceBackend):
    """As cheap a model as can be, so that what is round it shows."""

    def execute(self, inputs: Any) -> Any:  # noqa: D102  # a step of a benchmark's backend
        return [{"sum": total} for total in inputs.sum(axis=1).tolist()]


def value(number: int, generator: random.Random) -> Any:
    """Give a value of one of the kinds that records have; no two records are the same."""
    kinds = (
        generator.random(),
        generator.randrange(10_000),
        f"text {generator.randrange(1000)}",
        generator.random() * 1e6,
    )
    return kinds[number % 4]


def flat(fields: int, generator: random.Random) -> dict[str, Any]:
    return {f"field_{number}": value(number, generator) for number in range(fields)}


def nested(generator: random.Random) -> dict[str, Any]:
    def group() -> dict[str, Any]:
        return {"position": flat(4, generator), **flat(2, generator)}

    return {"id": generator.randrange(10**9), "first": group(), "second": group(), "third": group()}


CASES: dict[str, tuple[Callable[[random.Random], dict[str, Any]], list[str]]] = {
    "3 of 20 fields": (lambda generator: flat(20, generator), ["field_0", "field_5", "field_11"]),
    "10 of 200 fields": (
        lambda generator: flat(200, generator), [f"field_{number}" for number in range(0, 200, 20)],
    ),
    "3 nested paths of 19 leaves": (
        nested, ["first.position.field_0", "second.field_1", "third.position.field_3"],
    ),
}  # fmt: skip


def ours(names: list[str]) -> Callable[[BinaryIO, BinaryIO], None]:
    backend = Sums(verbose=False, input_format="numpy", feature_names=names)

    def go(stream: BinaryIO, sink: BinaryIO) -> None:
        runner = Runner(backend)
        for batch in source_of(stream, "in.jsonl", "jsonl", "auto", fields_read_by(backend)).batches(BATCH):
            write_batch(run_batch(runner, batch, "in.jsonl"), batch, sink, "in.jsonl")

    return go


def loop(names: list[str]) -> Callable[[BinaryIO, BinaryIO], None]:
    backend = Sums(verbose=False, input_format="numpy", feature_names=names)

    def go(stream: BinaryIO, sink: BinaryIO) -> None:
        sink.writelines(json.dumps(backend(json.loads(line))).encode() + b"\n" for line in stream)

    return go


def with_msgspec(names: list[str]) -> Callable[[BinaryIO, BinaryIO], None]:
    """Decode the fields alone, each of any kind, into structs; read them by a line of code made for the purpose."""
    tree: dict[str, Any] = {}
    for name in names:
        node = tree
        *above, last = name.split(".")
        for step in above:
            node = node.setdefault(step, {})
        node[last] = Any

    def struct(fields: dict[str, Any]) -> Any:
        return msgspec.defstruct(
            "Row", [(name, struct(kind) if isinstance(kind, dict) else kind) for name, kind in fields.items()], gc=False
        )

    decode, encode = msgspec.json.Decoder(struct(tree)).decode, msgspec.json.Encoder().encode_lines
    cells = eval(f"lambda rows: [({', '.join(f'row.{name}' for name in names)}) for row in rows]")

    def go(stream: BinaryIO, sink: BinaryIO) -> None:
        while lines := list(islice(stream, BATCH)):
            sums = np.array(cells(map(decode, lines))).sum(axis=1).tolist()
            sink.write(encode([{"sum": total} for total in sums]))

    return go


def with_orjson(names: list[str]) -> Callable[[BinaryIO, BinaryIO], None]:
    if any("." in name for name in names):
        keys = ["".join(f"[{step!r}]" for step in name.split(".")) for name in names]
        pick = eval(f"lambda row: ({', '.join(f'row{key}' for key in keys)})")
    else:
        pick = itemgetter(*names)

    def go(stream: BinaryIO, sink: BinaryIO) -> None:
        while lines := list(islice(stream, BATCH)):
            sums = np.array([pick(row) for row in map(orjson.loads, lines)]).sum(axis=1).tolist()
            sink.writelines([orjson.dumps({"sum": total}, option=orjson.OPT_APPEND_NEWLINE) for total in sums])

    return go


WAYS = {"ours": ours, "loop": loop, "msgspec": with_msgspec, "orjson": with_orjson}


def measure(path: Path, names: list[str], rounds: int) -> dict[str, float]:
    """Give the least time of each way, in microseconds a record."""
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    written: dict[str, Any] = {}
    made = {way: make(names) for way, make in WAYS.items()}
    for _ in range(rounds):
        for way, go in made.items():
            with path.open("rb") as stream, tempfile.TemporaryFile() as sink:
                started = process_time()
                go(stream, sink)
                sink.flush()
                times[way].append((process_time() - started) * 1e6 / RECORDS)
                sink.seek(0)
                written[way] = [json.loads(line) for line in sink]
    if any(rows != written["ours"] for rows in written.values()):
        raise SystemExit("what is compared does not agree")
    return {way: min(each) for way, each in times.items()}


def main() -> None:
    table: list[dict[str, float | str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for case, (make, names) in CASES.items():
            path, generator = Path(folder, "in.jsonl"), random.Random(1)
            path.write_text("".join(json.dumps(make(generator)) + "\n" for _ in range(RECORDS)))
            found = measure(path, names, int(sys.argv[1]))
            for way in list(WAYS)[1:]:
                row = {"case": f"{case}, {way}, µs", "ours": found["ours"], "other": found[way]}
                table.append({**row, "ratio": found["ours"] / found[way]})
    print(json.dumps(table))


if __name__ == "__main__":
    main()
