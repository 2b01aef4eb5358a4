"""``packflow run``: records from a file or standard input, through a backend, to a file or standard output."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from time import perf_counter
from typing import Any, BinaryIO

import click

from packflow.backend.base import InferenceBackend
from packflow.backend.config_file import CONFIGS_KEY, configs_of, merge, read_json_object
from packflow.cli.progress import progress_bar, show_times
from packflow.cli.streams import lines_of, open_sink, open_source, results_apart
from packflow.exceptions import InferenceBackendRuntimeError, InferenceBackendValidationError
from packflow.loaders import LocalLoader, ModuleLoader
from packflow.runner import Runner
from packflow.runner.sinks import write_jsonl
from packflow.runner.sources import CellTypes, Format, Located, batches, format_of, read_csv, read_jsonl
from packflow.utils.log import set_default_level


@click.command()
@click.argument("backend")
@click.argument("source", metavar="[INPUT]", required=False, default="-")
@click.option("-o", "--output", metavar="OUTPUT", default="-", help="Where results go; standard output by default.")
@click.option("--set", "settings", metavar="KEY=VALUE", multiple=True, help="A setting; JSON, or else text as it is.")
@click.option("--config", metavar="FILE", help=f"A JSON file whose {CONFIGS_KEY!r} object has settings; --set wins.")
@click.option("--batch-size", type=click.IntRange(min=1), default=1000, show_default=True, help="Records in one call.")
@click.option("--format", "format_", type=click.Choice(["jsonl", "csv"]), help="The input's format, else by its name.")
@click.option("--csv-types", type=click.Choice(["auto", "text"]), default="auto", show_default=True,
              help="Read numbers and empty cells of a CSV as such, or every cell as text.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Show neither progress nor the table of times.")
def run(
    backend: str,
    source: str,
    output: str,
    settings: tuple[str, ...],
    config: str | None,
    batch_size: int,
    format_: Format | None,
    csv_types: CellTypes,
    quiet: bool,
) -> None:
    """Run records through a backend.

    BACKEND is the name of an installed one (or distribution/name where two share a name), module:object, or
    file.py:object. INPUT is a file of JSON Lines or CSV; standard input by default. Results are written as JSON Lines,
    a line for each record.

    \b
    packflow run sklearn iris.csv --set model_path=iris.skops -o predictions.jsonl
    """  # noqa: D301  # click wants the backspace itself: it keeps the line as it is
    set_default_level("WARNING")
    with results_apart() as results:
        runner = Runner(load_backend(backend, parse_settings(settings), config))
        started = perf_counter()
        with (
            open_source(source) as (stream, name, size),
            open_sink(output, results) as sink,
            nullcontext() if quiet else progress_bar(size) as progress,
        ):
            located = read(stream, name, format_ or format_of(name), csv_types)
            for batch in batches(located, batch_size):
                write_batch(run_batch(runner, batch, name), batch, sink, name)
                if progress:
                    progress.advance(len(batch), stream.tell() if size else 0)
    if not quiet:
        show_times(runner.totals, perf_counter() - started)


def load_backend(target: str, settings: dict[str, Any], config: str | None) -> InferenceBackend:
    """Load the backend that the command line names; ``--set`` lies over ``--config``."""
    if config is not None:
        document = read_json_object(config, named_by="--config")
        if CONFIGS_KEY not in document:
            raise click.ClickException(f"{config} has no {CONFIGS_KEY!r} key; its keys are {list(document)}.")
        settings = merge(configs_of(document, config), settings)
    loader = LocalLoader(target) if target.partition(":")[0].endswith(".py") else ModuleLoader(target)
    if isinstance(loader.resolve(), type):
        settings = {"verbose": False, **settings}  # a line for each batch is for those who ask for it
    return loader.load(**settings)


def parse_settings(settings: tuple[str, ...]) -> dict[str, Any]:
    """Read ``KEY=VALUE`` settings.

    Example:
        >>> parse_settings(("verbose=true", 'feature_names=["a"]', "model_path=m.skops"))
        {'verbose': True, 'feature_names': ['a'], 'model_path': 'm.skops'}
    """
    parsed: dict[str, Any] = {}
    for setting in settings:
        key, separator, text = setting.partition("=")
        if not separator or not key:
            raise click.BadParameter(f"{setting!r} is not KEY=VALUE.", param_hint="--set")
        if key in parsed:
            raise click.BadParameter(f"{key!r} is given twice.", param_hint="--set")
        try:
            parsed[key] = json.loads(text, parse_constant=_no_json)
        except (ValueError, RecursionError):
            parsed[key] = text
    return parsed


def _no_json(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def read(stream: BinaryIO, name: str, format_: Format | None, csv_types: CellTypes) -> Iterator[Located]:
    """Read records in a format; standard input and nameless formats are JSON Lines."""
    if format_ is None and name != "<stdin>":
        raise click.UsageError(f"The format of {name} is not known by its name: give --format jsonl or --format csv.")
    lines = lines_of(stream, name)
    return read_csv(lines, name, csv_types) if format_ == "csv" else read_jsonl(lines, name)


def run_batch(runner: Runner, batch: list[Located], source: str) -> list[Any]:
    """Run a batch; the first record that fails ends the run, by the number of its line."""
    result = runner.run([record for _, record in batch], stop_at_first_failure=True)
    if result.failures:
        failure = result.failures[0]
        line = batch[failure.index][0]
        raise InferenceBackendRuntimeError(
            f"{source}, line {line}: {failure.message}", step=failure.step, row=failure.index
        ) from failure.error
    return result.outputs


def write_batch(rows: list[Any], batch: list[Located], sink: BinaryIO, source: str) -> None:
    """Write a batch's results; one that is not JSON ends the run, by the number of its record's line."""
    try:
        write_jsonl(rows, sink)
        sink.flush()  # whoever reads along gets each batch as it is done
    except InferenceBackendValidationError as error:
        line = batch[error.row or 0][0]
        raise InferenceBackendValidationError(f"{source}, line {line}: {error}", row=error.row) from error
