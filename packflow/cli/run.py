"""``packflow run``: records from a file or standard input, through a backend, to a file or standard output."""

from __future__ import annotations

import csv
import gc
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from functools import partial
from time import perf_counter
from typing import Any, BinaryIO

import click

from packflow.backend.base import InferenceBackend
from packflow.backend.config_file import CONFIGS_KEY
from packflow.cli.archives import limits_of, limits_options
from packflow.cli.backends import load_backend, load_project, parse_settings, program_goes_on
from packflow.cli.progress import Advance, progress_bar, show_times
from packflow.cli.projects import FILE, is_project, open_project
from packflow.cli.streams import (
    is_typed,
    open_sink,
    open_source,
    reading,
    refuse_other_format,
    refuse_own_output,
    refuse_replacing,
    results_apart,
)
from packflow.cli.terminal import telling_end
from packflow.exceptions import InferenceBackendRuntimeError, InferenceBackendValidationError
from packflow.project.archive.limits import Limits
from packflow.runner import Runner
from packflow.runner.blocks import JsonLines, LocatedBatch
from packflow.runner.csv_blocks import CsvLines
from packflow.runner.narrow import cells_reader_of, fields_read_by
from packflow.runner.sinks import write_jsonl
from packflow.runner.sources import CellTypes, Format, format_of
from packflow.utils.log import set_default_level

#: In characters. Python's own limit, 131072, is for texts that came by accident; without any, a quote that never ends
#: would read the whole input into memory.
LONGEST_CELL = 1 << 24
COUNT = click.IntRange(min=1, max=1_000_000_000)


def _ask_for_traceback(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    """Take the option after the command's name for the one before it."""
    if value:
        ctx.find_root().params["traceback"] = True


@click.command()
@click.argument("backend")
@click.argument("source", metavar="[INPUT]", required=False, default="-")
@click.option("-o", "--output", metavar="OUTPUT", default="-", help="Where results go; standard output by default.")
@click.option("--set", "settings", metavar="KEY=VALUE", multiple=True, help="A setting; JSON, or else text as it is.")
@click.option("--config", metavar="FILE", help=f"A JSON file whose {CONFIGS_KEY!r} object has settings; --set wins.")
@click.option("--batch-size", type=COUNT, default=1000, show_default=True, help="Records in one call.")
@click.option("--limit", type=COUNT, help="Run only so many records, the first of the input.")
@click.option("--format", "format_", type=click.Choice(["jsonl", "csv"]), help="The input's format, else by its name.")
@click.option("--csv-types", type=click.Choice(["auto", "text"]), default="auto", show_default=True,
              help="Read numbers and empty cells of a CSV as such, or every cell as text.")  # fmt: skip
@click.option("--any-versions", is_flag=True,
              help="Run an archive even if plugins here are others than those that its samples ran with.")  # fmt: skip
@limits_options
@click.option("-q", "--quiet", is_flag=True, help="Show neither progress nor the table of times.")
@click.option("--traceback", is_flag=True, expose_value=False, callback=_ask_for_traceback,
              help="Show the whole stack trace of an error.")  # fmt: skip
def run(
    backend: str,
    source: str,
    output: str,
    settings: tuple[str, ...],
    config: str | None,
    batch_size: int,
    limit: int | None,
    format_: Format | None,
    csv_types: CellTypes,
    any_versions: bool,
    max_size: int | None,
    max_files: int,
    quiet: bool,
) -> None:
    """Run records through a backend.

    BACKEND is the name of an installed one (or distribution/name where two share a name), module:object,
    file.py:object, a project's archive (a .zip), or a project's folder. INPUT is a file of JSON Lines or CSV; standard
    input by default. Results are written as JSON Lines, a line for each record.

    \b
    packflow run sklearn iris.csv --set model_path=iris.skops -o predictions.jsonl
    packflow run iris-1.0.zip iris.csv -o predictions.jsonl
    """  # noqa: D301  # click wants the backspace itself: it keeps the line as it is
    set_default_level("WARNING")
    csv.field_size_limit(LONGEST_CELL)
    given = parse_settings(settings)
    if not output:
        raise click.BadParameter(
            "it is empty; expected a file's name, or - for standard output.", param_hint="--output"
        )
    script = re.match(r"(.*\.py):", backend)
    made_of = {
        "the backend's own file": script[1] if script else backend,
        "the project's own file": f"{backend}/{FILE}",
        "the --config file": config,
    }
    refuse_other_format(output)
    refuse_replacing(output, made_of)
    limits = limits_of(max_size, max_files)
    if not is_project(backend) and (any_versions or limits != Limits()):
        raise click.UsageError(
            f"--any-versions, --max-size and --max-files are for archives and projects, and {backend!r} is neither."
        )
    finished = False

    def state() -> str:
        if finished:
            return " while the backend was being closed; the results are written."
        return " before the input was." + ("" if output == "-" else f" {output} was not written.")

    with (
        telling_end(state),
        results_apart() as results,
        open_source(source) as (stream, name, size),
        ExitStack() as at_end,
    ):
        format_ = format_ or format_by_name(name)
        if output == "-":
            refuse_own_output(stream, name, results)
        with open_sink(output, results) as sink:
            if is_project(backend):
                project = at_end.enter_context(open_project(backend, limits, any_versions=any_versions))
                loaded = load_project(project, backend, given, config)
            else:
                loaded = load_backend(backend, given, config)  # last, as it may take long
            at_end.push(partial(InferenceBackend.__exit__, loaded))  # when the results are safe
            module = sys.modules.get(type(loaded).__module__)
            refuse_replacing(output, {"the backend's own file": getattr(module, "__file__", None)})
            gc.freeze()  # what a model and its libraries hold stays: looking for garbage in it takes long
            at_end.callback(gc.unfreeze)
            runner = Runner(loaded)
            started = perf_counter()
            typed = is_typed(source)
            if typed and not quiet:
                click.echo(
                    "Reading records from the terminal, one a line; the end is Ctrl-D (on Windows Ctrl-Z).", err=True
                )
            with nullcontext() if quiet or typed else progress_bar(size) as progress:
                records = source_of(stream, name, format_, csv_types, loaded)
                position = stream.tell if size else int  # 0 where the size is not known
                run_all(runner, records.batches(batch_size, limit), name, sink, progress, position)
        finished, spent = True, perf_counter() - started
    if not quiet:
        show_times(runner.totals, spent)


def format_by_name(name: str) -> Format:
    """Tell the input's format where it is not given; standard input is JSON Lines."""
    found: Format | None = "jsonl" if name == "<stdin>" else format_of(name)
    if found is None:
        raise click.UsageError(f"The format of {name} is not known by its name: give --format jsonl or --format csv.")
    return found


def source_of(
    stream: BinaryIO, name: str, format_: Format, csv_types: CellTypes, backend: InferenceBackend
) -> JsonLines | CsvLines:
    """Give the source of records, of which it makes the fields that the backend reads."""
    fields = fields_read_by(backend)
    if format_ == "csv":
        return CsvLines(stream, name, csv_types, fields)
    return JsonLines(stream, name, fields, cells_reader_of(backend))


def run_all(
    runner: Runner,
    batches: Iterator[LocatedBatch],
    source: str,
    sink: BinaryIO,
    progress: Advance | None,
    position: Callable[[], int],
) -> None:
    """Run batch after batch.

    The loop has a function of its own, without a handler in it: where a signal arrives at the jump to a loop's
    beginning, Python 3.13 passes the handlers around the loop, ``with`` and ``except`` both.
    """
    for batch in reading(batches, source):
        write_batch(run_batch(runner, batch, source), batch, sink, source)
        if progress:
            progress.advance(len(batch), position())


def run_batch(runner: Runner, batch: LocatedBatch, source: str) -> list[Any]:
    """Run a batch; the first record that fails ends the run, by the number of its line."""
    with program_goes_on(f"{source}, lines {batch.lines[0]} to {batch.lines[-1]}: the backend"):
        result = runner.run_batch(batch, stop_at_first_failure=True)
    if result.failures:
        failure = result.failures[0]
        line = batch.lines[failure.index]
        raise InferenceBackendRuntimeError(
            f"{source}, line {line}: {failure.message}", step=failure.step, row=failure.index
        ) from failure.error
    return result.outputs


def write_batch(rows: list[Any], batch: LocatedBatch, sink: BinaryIO, source: str) -> None:
    """Write a batch's results; one that is not JSON ends the run, by the number of its record's line."""
    try:
        write_jsonl(rows, sink)
        sink.flush()  # whoever reads along gets each batch as it is done
    except InferenceBackendValidationError as error:
        line = batch.lines[error.row or 0]
        raise InferenceBackendValidationError(f"{source}, line {line}: {error}", row=error.row) from error
