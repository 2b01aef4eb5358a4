"""What a preprocessor is, and the one loop over records that knows which row failed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from packflow.backend.configuration import BackendConfig
from packflow.backend.validation import type_name
from packflow.exceptions import PreprocessorRuntimeError
from packflow.utils.errors import placed

if TYPE_CHECKING:
    from packflow.backend.preprocessors.description import Description

T = TypeVar("T")
Record = dict[str, Any]
#: Paths into a record, each made of the keys that lead to a value: ``(("x",), ("pos", "lat"))``.
Fields = tuple[tuple[str, ...], ...]


class Preprocessor(ABC):
    """Turns a batch of records into what a backend's first step takes. One is built for each backend.

    Example:
        >>> from packflow.backend.preprocessors import Preprocessor, map_records
        >>> class Lengths(Preprocessor):
        ...     def prepare(self):
        ...         self.names = self.config.feature_names or ["text"]
        ...     def __call__(self, records):
        ...         return map_records(lambda record: [len(record[name]) for name in self.names], records)

    Register it under the entry-point group ``packflow.preprocessors``, and ``input_format`` finds it by its name.

    A preprocessor must not modify the records, must be able to run in many threads at once, and pickles as its class
    and its configuration: whatever ``prepare`` makes is made again on the other side.
    """

    #: True where this configuration leaves every record as it is, so that the preprocessor need not run.
    changes_nothing: bool = False

    def __init__(self, config: BackendConfig) -> None:
        self.config = config
        self.prepare()

    def prepare(self) -> None:  # noqa: B027  # optional, so not abstract
        """Work out, once, what the configuration asks for; raise ``PreprocessorInitError`` if it cannot be done."""

    def idle_settings(self) -> list[str]:
        """Name the settings that were given and have no effect here, as ``name=value``; each is warned of. Optional."""
        return []

    def fields_read(self) -> tuple[tuple[str, ...], ...] | None:
        """Name the fields that are read, where nothing else in a record makes a difference; None: it may. Optional.

        Each is a path, made of the keys that lead to it: ``(("x",), ("pos", "lat"))``. A source may then leave the
        other fields out, as ``packflow run`` does: what is not asked for is not made. A record cut down to these fields
        has to give the same result, or the same error, as the whole one. A subclass does not inherit the promise, as it
        may read more: it says so itself, in its own class.
        """
        return None

    def describe_plan(self) -> Description | None:
        """Say what is done to a batch, for ``backend.explain()``; None: that is not said. Optional.

        A subclass does not inherit it, as it may do something else: it says so itself, in its own class.
        """
        return None

    @abstractmethod
    def __call__(self, records: list[Record]) -> Any:
        """Give the batch in the form that the backend's first step takes. The batch may be empty."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.config,))


def promised_fields(preprocessor: Preprocessor) -> Fields | None:
    """Give the fields that a preprocessor's own class says it reads; None where anything may make a difference."""
    return preprocessor.fields_read() if "fields_read" in vars(type(preprocessor)) else None


class RecordError(Exception):
    """What is wrong with one record; the loop over the batch adds which row it was."""


def map_records(function: Callable[[Record], T], records: list[Record]) -> list[T]:
    """Apply a function to each record.

    Example:
        >>> map_records(len, [{"a": 1}, {"a": 1, "b": 2}])
        [1, 2]

    Raises:
        PreprocessorRuntimeError: the function failed, or a row is no dict; ``.row`` is the row's index, the text has it
            too, and the cause is chained.
    """
    results: list[T] = []
    try:
        for record in records:
            if not isinstance(record, dict):
                raise RecordError(f"Expected a record (a dict), found {type_name(record)}")
            results.append(function(record))
    except Exception as error:
        raise _at_row(error, len(results)) from error
    return results


def _at_row(error: Exception, row: int) -> PreprocessorRuntimeError:
    if isinstance(error, RecordError):
        head, mark, remedy = str(error).partition(" -- ")
        return PreprocessorRuntimeError(f"{head} (row {row})" + (f". {remedy}" if mark else ""), row=row)
    if isinstance(error, RecursionError):
        return PreprocessorRuntimeError(f"The record is nested too deeply to handle here (row {row})", row=row)
    return PreprocessorRuntimeError(placed(error, f"at row {row}"), row=row)
