"""The two ends of ``packflow run``: its input and its output, opened, and a plain word where they fail."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import BinaryIO, TextIO, TypeVar

import click

from packflow.exceptions import RecordSourceError

T = TypeVar("T")

_STDOUT = "<stdout>"
#: In bytes. Lines of some kilobytes are read in half the time that they take by the few kilobytes of Python's own.
READ_AHEAD = 1 << 18
#: Endings of names that nobody gives to JSON Lines.
_OTHER_FORMATS = (".csv", ".tsv", ".parquet", ".feather", ".arrow", ".xlsx")


@contextmanager
def results_apart() -> Iterator[BinaryIO | None]:
    """Keep standard output for results: what else is printed while the block runs goes to standard error.

    C libraries and child processes print to the file descriptor, which ``redirect_stdout`` alone does not reach.
    None stands for a standard output that is closed.
    """
    stdout = sys.stdout
    try:
        descriptor, errors = stdout.fileno(), sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or no files, as in a notebook
        with redirect_stdout(sys.stderr):
            yield getattr(stdout, "buffer", None)
        return
    stdout.flush()
    kept = os.dup(descriptor)
    os.dup2(errors, descriptor)
    results = os.fdopen(os.dup(kept), "wb")
    try:
        with redirect_stdout(sys.stderr):
            yield results
    finally:
        with suppress(OSError):  # each batch was flushed: what is left could not be written, and that has been told
            results.close()
        os.dup2(kept, descriptor)
        os.close(kept)


def is_typed(source: str) -> bool:
    """Tell whether the input is what somebody types."""
    return source == "-" and sys.stdin is not None and sys.stdin.isatty()


@contextmanager
def open_source(source: str) -> Iterator[tuple[BinaryIO, str, int]]:
    """Open the input; give it with its name and its size in bytes (0 where that is not known)."""
    if source == "-":
        if sys.stdin is None:
            raise RecordSourceError("<stdin> cannot be read: it is closed.", source="<stdin>")
        yield sys.stdin.buffer, "<stdin>", 0
        return
    try:
        stream = Path(source).open("rb", buffering=READ_AHEAD)  # noqa: SIM115  # closed below
    except OSError as error:
        raise _unreadable(source, error) from error
    with stream:
        yield stream, source, Path(source).stat().st_size if Path(source).is_file() else 0


def reading(batches: Iterator[T], name: str) -> Iterator[T]:
    """Pass on what is made of the input's lines; say it in a line where they cannot be read."""
    try:
        yield from batches
    except OSError as error:
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: OSError) -> RecordSourceError:
    return RecordSourceError(f"{name} cannot be read: {error.strerror}.", source=name)


@contextmanager
def open_sink(output: str, results: BinaryIO | None) -> Iterator[BinaryIO]:
    """Open the output: a file, which takes its name only when the run ends well, or for ``-`` the stream of results."""
    with _written(_STDOUT if output == "-" else output):
        if output != "-":
            from packflow.runner.sinks import replacing

            with replacing(Path(output)) as sink:
                yield sink
        elif results is None:
            raise _closed_stdout()
        else:
            yield results


@contextmanager
def standard_output() -> Iterator[TextIO]:
    """Give standard output to print to; what was printed is written when the block ends."""
    if sys.stdout is None:
        raise _closed_stdout()
    with _written(_STDOUT):
        try:
            yield sys.stdout
            sys.stdout.flush()
        except OSError:
            # What could not be written is still in the buffer, and Python would try again when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise


@contextmanager
def _written(name: str) -> Iterator[None]:
    """Tell in a line that an output cannot be written."""
    try:
        yield
    except BrokenPipeError:  # the reader has gone, as after ``| head``: there is nothing left to say
        raise SystemExit(1) from None
    except OSError as error:
        raise click.ClickException(f"{name} cannot be written: {error.strerror}.") from error


def _closed_stdout() -> click.ClickException:
    return click.ClickException(f"{_STDOUT} cannot be written: it is closed.")


def refuse_other_format(output: str) -> None:
    """Refuse an output whose name promises another format."""
    if output.lower().endswith(_OTHER_FORMATS):
        raise click.UsageError(f"Results are written as JSON Lines, which {output!r} is not named for: call it .jsonl.")


def refuse_replacing(output: str, needed: Mapping[str, str | None]) -> None:
    """Refuse an output that would replace what the run is made of.

    Args:
        output: the output's name, or ``-``.
        needed: in words, what the run is made of, with the file's name.
    """
    for what, name in needed.items():
        if name is not None and _same_file(output, name):
            raise click.UsageError(f"{output!r} is {what}, which the results would replace. Choose another name.")


def _same_file(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)  # noqa: PTH121  # Path() raises for names that are none
    except (OSError, ValueError):  # one of them is no file
        return False


def refuse_own_output(source: BinaryIO, name: str, results: BinaryIO | None) -> None:
    """Refuse to read the very file that standard output is redirected into: it would be lost, or never end."""
    try:
        read, written = os.fstat(source.fileno()), os.fstat(results.fileno()) if results else None
    except (OSError, ValueError):  # no files, as in a test
        return
    if written and stat.S_ISREG(written.st_mode) and os.path.samestat(read, written):
        raise click.ClickException(
            f"{name} is the file that standard output goes to. To replace it, name it as the output: -o FILE."
        )
