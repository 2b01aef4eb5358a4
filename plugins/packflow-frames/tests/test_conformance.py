"""Each preprocessor keeps every rule that packflow has for preprocessors, and a backend may be given each by name."""

from __future__ import annotations

import subprocess
import sys

import pytest
from packflow_frames import PandasPreprocessor

from packflow import InferenceBackend
from packflow.exceptions import PreprocessorInitError
from packflow.testing import PreprocessorSuite

RECORDS = [
    {"a": 1, "b": {"c": 0.5}, "t": "x"},
    {"a": 2, "b": {"c": 1.5}, "t": "y"},
    {"a": 3, "b": {"c": 2.5}, "t": "z"},
]


class FrameRules(PreprocessorSuite):
    records = RECORDS
    honours = frozenset({"rename_fields", "feature_names", "flatten_nested_inputs"})


class TestPandas(FrameRules):
    plugin = "pandas"

    def rows(self, result):  # type: ignore[no-untyped-def]
        return result.to_dict("records")


class TestPolars(FrameRules):
    plugin = "polars"

    def rows(self, result):  # type: ignore[no-untyped-def]
        return result.to_dicts()


class TestArrow(FrameRules):
    plugin = "arrow"

    def rows(self, result):  # type: ignore[no-untyped-def]
        return result.to_pylist()


@pytest.mark.parametrize(
    ("input_format", "total"),
    [
        ("pandas", lambda made: made["a"].sum() + made["b.c"].sum()),
        ("polars", lambda made: made["a"].sum() + made["b.c"].sum()),
        ("arrow", lambda made: sum(made["a"].to_pylist()) + sum(made["b.c"].to_pylist())),
    ],
)
def test_a_backend_is_given_the_frame(input_format: str, total: object):
    class Totals(InferenceBackend):
        def execute(self, inputs):  # type: ignore[no-untyped-def]
            return [{"total": float(total(inputs))}]  # type: ignore[operator]

    backend = Totals(input_format=input_format, feature_names=["a", "b.c"], verbose=False)
    assert backend(RECORDS[0]) == {"total": 1.5}


def test_a_library_that_is_not_installed_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    from packflow import BackendConfig

    with pytest.raises(PreprocessorInitError, match=r"needs pandas.*pip install 'packflow-frames\[pandas\]'"):
        PandasPreprocessor(BackendConfig(input_format="pandas"))


def test_importing_the_package_imports_no_library():
    code = "import sys, packflow_frames; print({'pandas', 'polars', 'pyarrow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
