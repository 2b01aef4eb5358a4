"""JSON Lines in, features of a model, JSON Lines out: the inner path of ``packflow run``, beside code written by hand.

*loop* reads, calls the backend and writes for each line by itself; *by hand* is the best that one would write for the
one schema, with msgspec or with orjson: it reads as far ahead and works in the same batches as packflow does, expects
every field and checks nothing.
"""

from __future__ import annotations

import atexit
import json
import random
import tempfile
from collections.abc import Callable
from functools import cache, partial
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from harness import Case, Function, Goal

from packflow import InferenceBackend

#: As far as `packflow run` reads ahead; the peer's environment has no such thing to ask.
READ_AHEAD = 1 << 18

RECORDS, BATCH = 5_000, 1000


class Sums(InferenceBackend):
    """As cheap a model as can be, so that what is round it shows."""

    def execute(self, inputs: Any) -> Any:  # noqa: D102  # a step of a benchmark's backend
        return [{"sum": total} for total in inputs.sum(axis=1).tolist()]


def value(number: int, generator: random.Random) -> Any:
    """Give a value of one of the kinds that records have; no two records are the same."""
    kinds = (
        generator.random(), generator.randrange(10_000), f"text {generator.randrange(1000)}", generator.random() * 1e6,
    )  # fmt: skip
    return kinds[number % 4]


def flat(fields: int, generator: random.Random) -> dict[str, Any]:
    return {f"field_{number}": value(number, generator) for number in range(fields)}


def nested(generator: random.Random) -> dict[str, Any]:
    def group() -> dict[str, Any]:
        return {"position": flat(4, generator), **flat(2, generator)}

    return {"id": generator.randrange(10**9), "first": group(), "second": group(), "third": group()}


def backend_for(names: list[str]) -> Sums:
    return Sums(verbose=False, input_format="numpy", feature_names=names)


def ours(names: list[str]) -> Function:
    from packflow.cli.run import run_batch, source_of, write_batch
    from packflow.runner import Runner

    backend = backend_for(names)

    def go(stream: BinaryIO, sink: BinaryIO) -> None:
        runner = Runner(backend)
        for batch in source_of(stream, "in.jsonl", "jsonl", "auto", backend).batches(BATCH):
            write_batch(run_batch(runner, batch, "in.jsonl"), batch, sink, "in.jsonl")

    return through_files(go)


def loop(names: list[str]) -> Function:
    backend = backend_for(names)

    def go(stream: BinaryIO, sink: BinaryIO) -> None:
        sink.writelines(json.dumps(backend(json.loads(line))).encode() + b"\n" for line in stream)

    return through_files(go, buffering=-1)  # as Python opens files where nobody says otherwise


def with_msgspec(names: list[str]) -> Function:
    """Decode the fields alone, each of any kind, into structs; read them by a line of code made for the purpose."""
    import msgspec

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

    return through_files(go)


def with_orjson(names: list[str]) -> Function:
    import orjson

    if any("." in name for name in names):
        keys = ["".join(f"[{step!r}]" for step in name.split(".")) for name in names]
        pick = eval(f"lambda row: ({', '.join(f'row{key}' for key in keys)})")
    else:
        pick = itemgetter(*names)

    def go(stream: BinaryIO, sink: BinaryIO) -> None:
        while lines := list(islice(stream, BATCH)):
            sums = np.array([pick(row) for row in map(orjson.loads, lines)]).sum(axis=1).tolist()
            sink.writelines([orjson.dumps({"sum": total}, option=orjson.OPT_APPEND_NEWLINE) for total in sums])

    return through_files(go)


class Written:
    """What a way has written; two are equal if they hold the same rows, however these are spelt."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self) -> list[Any]:
        """Give what is there now; a way writes it anew each time."""
        return [json.loads(line) for line in self._path.read_bytes().splitlines()]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Written) and self.rows() == other.rows()

    __hash__ = None  # type: ignore[assignment]


def through_files(go: Callable[[BinaryIO, BinaryIO], None], buffering: int = READ_AHEAD) -> Function:
    """Make of a way a function of the path of a file, which writes into a file of its own."""
    written = Written(output := Path(folder(), f"{id(go)}.jsonl"))

    def function(path: Path) -> Written:
        with path.open("rb", buffering) as stream, output.open("wb") as sink:
            go(stream, sink)
        return written

    return function


@cache
def folder() -> str:
    made = tempfile.TemporaryDirectory()
    atexit.register(made.cleanup)
    return made.name


def case(name: str, make: Callable[[random.Random], dict[str, Any]], names: list[str]) -> Case:
    def file(records: int) -> list[Path]:
        generator, path = random.Random(1), Path(folder(), f"{name}.jsonl")
        path.write_text("".join(json.dumps(make(generator)) + "\n" for _ in range(records)))
        return [path]

    by_hand = {"by hand, msgspec": with_msgspec, "by hand, orjson": with_orjson}
    return Case(
        "stream", name, "ns a record", file,
        lambda _: {"ours": ours(names), **{way: go(names) for way, go in by_hand.items()}, "loop": loop(names)},
        (Goal("ours", "loop", 0.2), *(Goal("ours", way, 1.2) for way in by_hand), Goal("ours", "peer, loop", 0.2)),
        elsewhere=lambda: {"peer, loop": loop(names)}, sizes=(RECORDS,),
    )  # fmt: skip


CASES = [
    case("3 of 20 fields", partial(flat, 20), ["field_0", "field_5", "field_11"]),
    case("10 of 200 fields", partial(flat, 200), [f"field_{number}" for number in range(0, 200, 20)]),
    case("3 nested paths of 19 leaves", nested, ["first.position.field_0", "second.field_1", "third.position.field_3"]),
]
