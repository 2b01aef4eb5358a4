"""What an import costs: it loads what it needs and nothing else; and the public names are where they belong."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from tests.support.scripts import clean_environment

HEAVY = ["torch", "tensorflow", "jax", "pandas", "scipy", "sklearn", "PIL", "pyarrow", "skops", "joblib"]
OURS_TO_DELAY = [
    "numpy",
    "pydantic",
    "pydantic_core",
    "loguru",
    "msgspec",
    "pluggy",
    "click",
    "rich",
    "importlib_metadata",
]


def imported_by(statement: str) -> set[str]:
    """Give the modules that a statement loads in a new interpreter, beside those that it starts with."""
    result = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-c",
            f"import sys; was = set(sys.modules); {statement}; print(*sorted(set(sys.modules) - was))",
        ],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return set(result.stdout.split())


def plugin_modules() -> set[str]:
    """Give the modules that installed distributions, packflow among them, register as plugins."""
    from importlib_metadata import entry_points

    return {point.module for point in entry_points() if point.group.startswith("packflow.")}


def test_packflow_alone_loads_next_to_nothing() -> None:
    loaded = imported_by("import packflow")
    assert {name for name in loaded if name.partition(".")[0] == "packflow"} == {
        "packflow",
        "packflow.utils",
        "packflow.utils.lazy",
    }
    assert not loaded & {*HEAVY, *OURS_TO_DELAY}


def test_the_version_loads_nothing_more() -> None:
    loaded = imported_by("import packflow; packflow.__version__; dir(packflow)")
    assert not loaded & {*HEAVY, *OURS_TO_DELAY}


@pytest.mark.parametrize(
    "statement",
    [
        "from packflow import InferenceBackend, BackendConfig",
        "from packflow import PackflowProject",
        "from packflow.loaders import LocalLoader, ModuleLoader",
        "from packflow.backend.preprocessors import get_preprocessor, Preprocessor",
        "import packflow.exceptions",
        "import packflow.plugin",
        "import packflow.cli.run",
    ],
)
def test_public_imports_load_no_plugin_and_no_numpy(statement: str) -> None:
    loaded = imported_by(statement)
    assert not loaded & {*HEAVY, "numpy"}
    built_in = {"packflow.backend.preprocessors.passthrough"}  # the one that every configuration may come to
    assert loaded & plugin_modules() <= built_in


def test_output_helpers_load_no_library_of_arrays() -> None:
    loaded = imported_by("from packflow.utils.normalize import ensure_valid_output, ensure_native_types")
    assert not loaded & {*HEAVY, "numpy"}


def test_a_plain_backend_runs_without_numpy() -> None:
    loaded = imported_by(
        "from loguru import logger; logger.remove(); from packflow import InferenceBackend; "
        "B = type('B', (InferenceBackend,), {'execute': lambda self, inputs: inputs}); "
        "assert B(rename_fields={'a': 'b'}).validate([{'a': 1}]) == [{'b': 1}]"
    )
    assert "packflow.backend.preprocessors.records" in loaded
    assert not loaded & {*HEAVY, "numpy", "packflow.backend.preprocessors.array"}


def test_listing_plugins_loads_none() -> None:
    loaded = imported_by("from packflow import plugin; listed = plugin.plugins(); assert len(listed) >= 4, listed")
    assert not loaded & plugin_modules()
    assert not loaded & {*HEAVY, "numpy"}


PUBLIC = [
    ("packflow", "InferenceBackend"),
    ("packflow", "BackendConfig"),
    ("packflow", "__version__"),
    ("packflow.loaders", "LocalLoader"),
    ("packflow.loaders", "ModuleLoader"),
    ("packflow.backend.preprocessors", "get_preprocessor"),
    ("packflow.backend.preprocessors", "Preprocessor"),
    ("packflow.utils.normalize", "ensure_valid_output"),
    ("packflow.utils.normalize", "ensure_native_types"),
    ("packflow.backend.base", "InferenceBackend"),
    ("packflow.backend.configuration", "BackendConfig"),
    ("packflow.backend.metrics", "ExecutionMetrics"),
    ("packflow.backend.metrics", "ExecutionTimes"),
    ("packflow.backend", "validation"),
    *(
        ("packflow.exceptions", name)
        for name in (
            "PackflowError",
            "InferenceBackendInitializationError",
            "InferenceBackendRuntimeError",
            "InferenceBackendValidationError",
            "InferenceBackendLoadError",
            "UnknownPreprocessorError",
            "PreprocessorInitError",
            "PreprocessorRuntimeError",
        )
    ),
]


@pytest.mark.parametrize(("module", "name"), PUBLIC, ids=[f"{module}.{name}" for module, name in PUBLIC])
def test_public_names(module: str, name: str) -> None:
    namespace: dict[str, object] = {}
    exec(f"from {module} import {name}", namespace)  # as a user writes it
    found = namespace[name]
    assert found is getattr(importlib.import_module(module), name)
    assert getattr(found, "__name__", name) in {name, f"{module}.{name}"}


def test_public_names_are_listed() -> None:
    import packflow

    assert {"InferenceBackend", "BackendConfig", "__version__"} <= {*packflow.__all__} <= {*dir(packflow)}


def test_there_is_nothing_else() -> None:
    import packflow

    with pytest.raises(AttributeError, match="'packflow' has no attribute 'Backend'"):
        packflow.Backend  # noqa: B018
    with pytest.raises(ImportError):
        exec("from packflow import Backend")


def test_exceptions_share_one_base() -> None:
    from packflow import exceptions

    kinds = [kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, BaseException)]
    assert len(kinds) >= 9
    assert all(issubclass(kind, exceptions.PackflowError) for kind in kinds)
    assert all(kind.__doc__ for kind in kinds)
