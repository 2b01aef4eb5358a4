"""Objects and classes whose own code fails when they are looked at: refused with their path, never raw."""

from __future__ import annotations

import sys
from collections import namedtuple
from pathlib import Path

import pytest

from packflow import plugin
from packflow.exceptions import NormalizationError
from packflow.loaders import LocalLoader
from packflow.normalizers import Normalizer
from packflow.utils.normalize import ensure_native_types, ensure_valid_output
from tests.normalizers.support import native, refused


class NoHash(type):
    def __hash__(cls):
        raise RuntimeError("no hash")


class NoAttributes(type):
    def __getattribute__(cls, name):
        raise RuntimeError(f"no {name}")


class OddAttributes(type):
    def __getattr__(cls, name):
        raise RuntimeError(f"no {name}")


def no_class(_):
    raise RuntimeError("no class")


# pytest looks at whatever stands in a module, so they are made where they are needed.
MAKERS = {
    "Unhashable": lambda: NoHash("Unhashable", (), {})(),
    "Blank": lambda: NoAttributes("Blank", (), {})(),
    "Odd": lambda: OddAttributes("Odd", (), {})(),
    "Rows": lambda: NoHash("Rows", (list,), {})(),
    "Faceless": lambda: type("Faceless", (), {"__class__": property(no_class)})(),
}


@pytest.mark.parametrize("name", MAKERS)
def test_what_cannot_be_looked_at_is_refused_with_its_path(name):
    make = MAKERS[name]
    for data, path in (
        (make(), ""),
        ([make()], "[0]"),
        ([1, {"a": (2, make())}], "[1].a[1]"),
    ):
        error = refused(data)
        assert error.path == path
        assert name in str(error)
    with pytest.raises(NormalizationError, match=name):
        ensure_valid_output(make())


@pytest.mark.parametrize("name", sorted(set(MAKERS) - {"Rows"}))
def test_a_key_that_cannot_be_looked_at_is_refused_with_the_place_of_its_dict(name):
    error = refused({"a": {MAKERS[name](): 1}})
    assert error.path == "a"
    assert name in str(error)


def test_no_value_is_lost_where_fields_have_one_name():
    class Twice(tuple):
        _fields = ("a", "a")

    assert native(Twice((1, 2))) == [1, 2]
    assert native(namedtuple("Renamed", ["a", "a", "class"], rename=True)(1, 2, 3)) == {"a": 1, "_1": 2, "_2": 3}


GEO = """
class Point:
    def __init__(self, lat):
        self.lat = lat

class Place(Point):
    pass
"""
INFERENCE = """
from acme_geo import Place
from packflow import InferenceBackend

class Backend(InferenceBackend):
    def execute(self, inputs):
        return [{"at": Place(row["lat"])} for row in inputs]
"""


class PointNormalizer(Normalizer):
    def to_native(self, obj):
        return {"lat": obj.lat}


@pytest.fixture
def outputs(tmp_path: Path):
    (tmp_path / "acme_geo.py").write_text(GEO)
    (tmp_path / "inference.py").write_text(INFERENCE)
    return LocalLoader("inference:Backend", directory=tmp_path).load(verbose=False)({"lat": 4.5})


@pytest.mark.parametrize("name", ["acme_geo.Point", "acme_geo.Place", "acme_geo"])
def test_a_local_project_s_types_go_by_the_names_that_its_files_write(outputs, name):
    assert "acme_geo" not in sys.modules
    with plugin.register("normalizer", name, PointNormalizer):
        assert ensure_native_types(outputs) == {"at": {"lat": 4.5}}


def test_their_full_names_hold_too(outputs):
    cls = type(outputs["at"])
    with plugin.register("normalizer", f"{cls.__module__}.{cls.__qualname__}", PointNormalizer):
        assert ensure_native_types(outputs) == {"at": {"lat": 4.5}}


def test_a_refusal_names_them_as_their_files_do(outputs):
    text = str(refused(outputs))
    assert "at: an object of type 'acme_geo.Place' has no JSON form" in text
    assert "under 'acme_geo.Place'" in text
