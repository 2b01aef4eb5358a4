"""The preprocessor that makes NumPy arrays: a row for each record, a column for each feature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from types import NoneType
from typing import Any

import numpy as np

from packflow.backend.preprocessors import compiled
from packflow.backend.preprocessors.base import Fields, Preprocessor, Record, RecordError, map_records
from packflow.backend.preprocessors.cells import has_integers, loose_array, plain_numbers
from packflow.backend.preprocessors.cut import MOST_STEPS, CellsOfCut, ReadRecords
from packflow.backend.preprocessors.description import Description, Stages, code_of, parts_of, refusals_of
from packflow.backend.preprocessors.fitting import convert_whole, typed_array, unusable
from packflow.backend.preprocessors.flat import Flattener, doubled, leaves_called
from packflow.backend.preprocessors.nested import MISSING, Step, compile_rename, guard_literal_names, own, reach
from packflow.backend.preprocessors.plan import Plan, compile_plan, idle_flattening
from packflow.backend.preprocessors.reading import fields_of_array
from packflow.exceptions import PreprocessorInitError, PreprocessorRuntimeError
from packflow.utils.errors import placed
from packflow.utils.log import logger
from packflow.utils.once import Once

MISSING_KIND = type(MISSING)
ABSENT_KINDS = (MISSING_KIND, NoneType)
CellReader = Callable[[Record], list[Any]]


class NumpyPreprocessor(Preprocessor):
    """Reads ``feature_names`` from each record into one array of shape ``(records, features)``.

    Example:
        >>> from packflow import BackendConfig
        >>> preprocess = NumpyPreprocessor(BackendConfig(input_format="numpy", feature_names=["x", "pos.lat"]))
        >>> preprocess([{"x": 1, "pos": {"lat": 0.5}}, {"x": 2, "pos": {"lat": 1.5}}])
        array([[1. , 0.5],
               [2. , 1.5]])

    Renaming, flattening and selecting are those of the records preprocessor: the cells agree with its values. The
    dtype is the one that NumPy infers for numbers; numbers beside text, integers that float64 cannot hold exactly, and
    texts of more than 1000 characters make an object array. A missing or ``None`` cell is NaN among numbers and
    ``None`` in an object array. ``numpy_dtype`` asks for one dtype, ``on_missing="error"`` refuses missing cells. No
    rows give shape ``(0, features)``.
    """

    plugin_api_version = 1

    def prepare(self) -> None:
        """Compile the configuration."""
        if not self.config.feature_names:
            raise PreprocessorInitError(
                "input_format='numpy' needs feature_names: they are the array's columns, in order. "
                f"Received: {self.config!r}"
            )
        plan = compile_plan(self.config)
        self._plan = plan
        self._names = tuple(self.config.feature_names)
        self._width = len(self._names)
        self._read = compile_cells(plan)
        quick = compiled.compile_cells(plan, slow=self._cells_of)
        self._cells = quick.run if quick else None
        self._compiled = quick
        self._dtype = None if self.config.numpy_dtype is None else usable_dtype(self.config.numpy_dtype)
        self._refuse_missing = self.config.on_missing == "error"
        self._any_number = self._dtype is None and not self._refuse_missing
        self._warned = Once()

    @property
    def cells_of_cut(self) -> CellsOfCut | None:
        """Reads the cells of records that are cut to what is read; None where records cannot be cut."""
        return self._compiled_of_cut.run if self._compiled_of_cut else None

    @cached_property
    def _compiled_of_cut(self) -> compiled.Compiled | None:
        """The code that does so; only runs on JSON need it."""
        fields = self.fields_read()
        if fields is None or self._cells is None or max(map(len, fields)) > MOST_STEPS:
            return None
        return compiled.compile_cut_cells(self._plan, fields, slow=self._cells_of)

    def idle_settings(self) -> list[str]:
        """Name the settings of a flattening that does not take place."""
        return idle_flattening(self.config)

    def fields_read(self) -> Fields | None:
        """Name the fields that the cells come from."""
        return fields_of_array(self._plan)

    def describe_plan(self) -> Description:
        """Say what is renamed, flattened and selected, and what the array is like."""
        dtype = "the one that the cells ask for" if self._dtype is None else str(self._dtype)
        refuses = refusals_of(self._plan, literal_only=True)
        if self._dtype is not None:
            refuses += (f"a cell that does not fit {dtype}",)
        if self._refuse_missing:
            refuses += ("a cell that is missing or None",)
        return Description(
            parts=parts_of(self._plan),
            gives=f"a NumPy array of shape (records, {self._width}); dtype: {dtype}",
            refuses=refuses,
            code=code_of(self._compiled),
            source=self.source,
            stages=cell_stages(self._plan),
            finish=("array", self._array_of),
        )

    def __call__(self, records: list[Record]) -> np.ndarray[Any, Any]:
        """Preprocess a batch."""
        try:
            if records and self._cells is not None:
                cells = self._cells(records) if type(records) is not ReadRecords else records.cells
                kinds = {*map(type, cells)}
                array = plain_numbers(cells, kinds) if self._any_number else None
                if array is None:
                    array = self._quick(cells, kinds)
                if array is not None:
                    return array.reshape(-1, self._width)
        except Exception:  # noqa: BLE001, S110  # whatever it was, the interpreter says it by the row
            pass
        return self.interpret(records)

    def _quick(self, cells: list[Any], kinds: set[type]) -> np.ndarray[Any, Any] | None:
        """Give the array of a batch's cells, or None where they must be looked at one by one."""
        if self._refuse_missing and not kinds.isdisjoint(ABSENT_KINDS):
            return None
        array = plain_numbers(cells, kinds)
        if array is None and MISSING_KIND in kinds:
            self._warn_of_absent_features(self._in_rows(cells))
            array = plain_numbers(
                [None if cell is MISSING else cell for cell in cells], kinds - {MISSING_KIND} | {NoneType}
            )
        if array is None:
            return None
        if self._dtype is not None:
            array = convert_whole(array, self._dtype, lambda: has_integers(kinds))
        return array

    @property
    def source(self) -> str | None:
        """The Python source that was generated for this configuration, for reading; None where none was."""
        sources = [each.source for each in (self._compiled, self._compiled_of_cut) if each]
        return "\n\n".join(filter(None, sources)) or None

    def interpret(self, records: list[Record]) -> np.ndarray[Any, Any]:
        """Preprocess a batch without generated code, which must come to the same."""
        rows = self._rows_read(records) if type(records) is ReadRecords else map_records(self._row, records)
        self._warn_of_absent_features(rows)
        return self._array_of(rows)

    def _array_of(self, rows: list[list[Any]]) -> np.ndarray[Any, Any]:
        for row in rows:
            for column, cell in enumerate(row):
                if cell is MISSING:
                    row[column] = None
        try:
            return self._array(rows)
        except PreprocessorRuntimeError:
            raise
        except Exception as error:  # a cell's own code failed, or memory did; the array-wide pass knows no row
            raise self._at_fault(rows) or PreprocessorRuntimeError(
                placed(error, f"making an array of {len(rows)} rows and {len(self._names)} features")
            ) from error

    def _array(self, rows: list[list[Any]]) -> np.ndarray[Any, Any]:
        if self._dtype is None:
            return loose_array(rows, len(self._names))
        return typed_array(rows, self._names, self._dtype)

    def _at_fault(self, rows: list[list[Any]]) -> PreprocessorRuntimeError | None:
        """Give the error of the first row that cannot be made an array on its own."""
        for index, row in enumerate(rows):
            try:
                self._array([row])
            except Exception as error:  # noqa: BLE001  # any code of a cell's
                return PreprocessorRuntimeError(placed(error, f"at row {index}"), row=index)
        return None

    def _rows_read(self, records: ReadRecords) -> list[list[Any]]:
        """Give the rows whose cells were read; dicts, and what is to be refused, are looked at in the records."""
        kinds = {*map(type, records.cells)}
        if dict in kinds or (self._refuse_missing and not kinds.isdisjoint(ABSENT_KINDS)):
            return map_records(self._row, records.records())
        return self._in_rows(records.cells)

    def _in_rows(self, cells: list[Any]) -> list[list[Any]]:
        return [cells[start : start + self._width] for start in range(0, len(cells), self._width)]

    def _cells_of(self, record: Record) -> list[Any]:
        return map_records(self._read, [record])[0]

    def _row(self, record: Record) -> list[Any]:
        row = self._read(record)
        if self._refuse_missing:
            for name, cell in zip(self._names, row, strict=True):
                if cell is MISSING or cell is None:
                    state = "missing" if cell is MISSING else "None"
                    raise RecordError(
                        f"Feature {name!r} is {state} -- Supply it, or set on_missing='null' to read it as null."
                    )
        return row

    def _warn_of_absent_features(self, rows: list[list[Any]]) -> None:
        for column, name in enumerate(self._names):
            absent = rows and name not in self._warned and all(row[column] is MISSING for row in rows)
            if absent and self._warned(name):
                logger.warning(
                    f"Feature {name!r} is absent from every one of the batch's {len(rows)} rows; its column is null. "
                    "This is said once."
                )


def usable_dtype(name: str) -> np.dtype[Any]:
    """Give the dtype that ``numpy_dtype`` names, if cells can be fitted to it."""
    dtype = np.dtype(name)
    problem = unusable(dtype)
    if problem:
        raise PreprocessorInitError(f"numpy_dtype={name!r} cannot be used: {problem}.")
    return dtype


def compile_cells(plan: Plan) -> CellReader:
    """Give the function that reads a record's cells, in the order of the features."""
    if plan.flatten:
        return _flat_cells(plan)
    prepare, read = _renaming(plan), _reading(plan)
    return read if prepare is None else lambda record: read(prepare(record))


def cell_stages(plan: Plan) -> Stages:
    """Give the same work in stages, to measure how long each takes."""
    if plan.flatten and plan.moves:
        names = tuple(path.name for path in plan.features)
        return Flattener(plan).stages(lambda groups: _singles(names, groups))
    if plan.flatten:
        return (("select", _flat_cells(plan)),)  # nothing else is flattened
    prepare, read = _renaming(plan), ("select", _reading(plan))
    return (read,) if prepare is None else (("rename" if plan.moves else "check", prepare), read)


def _renaming(plan: Plan) -> Step | None:
    """Give the check of a record's keys, and its renaming; None where there is neither."""
    rename = compile_rename(plan)
    if not plan.guarded:
        return rename
    guard = guard_literal_names(plan.delimiter, plan.configured)

    def prepare(record: Record) -> Record:
        guard(record)
        return rename(record) if rename else record

    return prepare


def _reading(plan: Plan) -> CellReader:
    features, literal_first = plan.features, plan.literal_first
    return lambda record: [own(reach(record, path, literal_first)) for path in features]


def _flat_cells(plan: Plan) -> CellReader:
    if plan.moves:
        flattener = Flattener(plan)
        names = tuple(path.name for path in plan.features)
        return lambda record: _singles(names, flattener.groups(record))
    alone = [(path.name, Flattener(replace(plan, features=(path,)))) for path in plan.features]

    def cell(record: Record, name: str, flattener: Flattener) -> Any:
        """Read the leaf of a feature's name; the record's other keys matter only where there is none."""
        found = list(leaves_called(name, record, plan.delimiter, plan.flatten_lists))
        if len(found) > 1:
            raise doubled(name)
        return found[0] if found else _single(name, *flattener.groups(record))

    return lambda record: [cell(record, name, flattener) for name, flattener in alone]


def _singles(names: tuple[str, ...], groups: list[Record]) -> list[Any]:
    return [_single(name, group) for name, group in zip(names, groups, strict=True)]


def _single(name: str, group: Record) -> Any:
    """Give the one leaf that a feature names; a node's many leaves do not fit into one column."""
    if not group:
        return MISSING
    if name not in group:
        raise RecordError(
            f"Feature {name!r} is a node with {len(group)} leaves, which do not fit into one column -- Name the "
            f"leaves: {list(group)[:10]}."
        )
    return group[name]
