"""Which fields a backend reads: those of its preprocessor, unless anything else could see the record."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

from packflow import InferenceBackend
from packflow.backend.preprocessors.array import NumpyPreprocessor
from packflow.runner import narrow
from packflow.runner.narrow import ObjectDecoder, cells_reader_of, fields_read_by

SETTINGS: dict[str, Any] = {"verbose": False, "input_format": "numpy", "feature_names": ["x", "pos.lat"]}


class Plain(InferenceBackend):
    def execute(self, inputs):
        return [{} for _ in inputs]


def test_a_preprocessor_says_what_it_reads():
    assert fields_read_by(Plain(**SETTINGS)) == (("x",), ("pos", "lat"), ("pos.lat",))


@pytest.mark.parametrize(
    "settings", [{}, {"input_format": "passthrough"}, {"flatten_nested_inputs": True}, {"rename_fields": {"a": "b"}}]
)
def test_steps_that_get_the_record_may_look_at_everything(settings):
    assert fields_read_by(Plain(verbose=False, **settings)) is None


def test_a_call_of_its_own_may_look_at_everything():
    class Own(Plain):
        def __call__(self, inputs):
            return [{"id": row["id"]} for row in inputs]

    assert fields_read_by(Own(**SETTINGS)) is None


def test_what_is_no_backend_may_look_at_everything():
    assert fields_read_by(lambda records: records) is None


def test_a_promise_is_not_inherited():
    class More(NumpyPreprocessor):
        def __call__(self, records):
            return [record["id"] for record in records]

    class Said(More):
        def fields_read(self):
            return (("id",),)

    backend = Plain(**SETTINGS)
    backend._preprocessor = More(backend.config)
    assert fields_read_by(backend) is None
    assert cells_reader_of(backend) is None
    backend._preprocessor = Said(backend.config)
    assert fields_read_by(backend) == (("id",),)
    assert cells_reader_of(backend) is None


@pytest.mark.parametrize(
    ("settings", "cells"),
    [
        (SETTINGS, True),
        ({**SETTINGS, "on_missing": "error", "numpy_dtype": "float32"}, True),
        ({**SETTINGS, "feature_names": ["x", "x.y"]}, False),
        ({**SETTINGS, "flatten_nested_inputs": True}, False),
        ({"verbose": False, "feature_names": ["x"]}, False),
    ],
)
def test_the_cells_are_read_for_a_preprocessor_that_reads_nothing_else(settings, cells):
    assert (cells_reader_of(Plain(**settings)) is not None) == cells


def test_a_call_of_its_own_gets_records():
    class Own(Plain):
        def __call__(self, inputs):
            return [{"id": row["id"]} for row in inputs]

    assert cells_reader_of(Own(**SETTINGS)) is None


@pytest.mark.parametrize("value", ["5", "null", "true", '"text"', "1.5", "[1, {}]", "123456789012345678901234567890"])
def test_what_is_no_object_on_the_way_of_a_path_stays(value):
    line = f'{{"a": {value}}}'.encode()
    assert ObjectDecoder((("a", "b"),)).decode_all([line]) == ObjectDecoder().decode_all([line])


@pytest.mark.parametrize("line", [b'{"b": "\xff", "a": 1}', b'{"\xff": 1}', b'{"a": {"c": "\xc3"}}'])
@pytest.mark.parametrize("fields", [None, (("a", "b"),)])
def test_bytes_that_are_no_utf8_are_refused_wherever_they_are(line, fields):
    with pytest.raises(UnicodeDecodeError):
        ObjectDecoder(fields).decode_all([line])


def test_a_name_need_not_be_ascii():
    line = '{"c": 1, "é": 2, "a": {"日本": 3, "x": 4}}'.encode()
    (record,) = ObjectDecoder((("é",), ("a", "日本"))).decode_all([line])
    assert record["é"] == 2
    assert record["a"]["日本"] == 3


def test_docstrings():
    found = doctest.testmod(narrow)
    assert found.attempted > 0
    assert found.failed == 0
