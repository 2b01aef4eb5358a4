"""No library is imported for the sake of a normalizer; a normalizer is, when an object of its library is met."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import packflow
from tests.support.scripts import clean_environment

LIBRARIES = {"torch", "tensorflow", "jax", "jaxlib", "pandas", "PIL", "pyarrow", "ml_dtypes", "keras", "scipy"}
ROOT = Path(packflow.__file__).parent


def imports_of(path: Path) -> set[str]:
    """Give the root modules that a file imports anywhere, in whatever branch."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").partition(".")[0])
    return names


def test_no_file_of_packflow_imports_one_of_these_libraries() -> None:
    found = {path.relative_to(ROOT).as_posix(): imports_of(path) & LIBRARIES for path in ROOT.rglob("*.py")}
    assert len(found) > 50
    assert {name: names for name, names in found.items() if names} == {}


def loaded_by(code: str) -> list[set[str]]:
    """Run a script; give the modules that were there at each of its calls of `look()`."""
    look = "import sys\ndef look(): print(*sorted(sys.modules))\n"
    ran = subprocess.run(
        [sys.executable, "-c", look + code],
        capture_output=True,
        text=True,
        env=clean_environment(),
        check=True,
        timeout=60,
    )
    return [set(line.split()) for line in ran.stdout.splitlines()]


def test_plain_data_and_arrays_load_no_other_library() -> None:
    plain, arrays = loaded_by("""
from datetime import date
from packflow.utils.normalize import ensure_native_types, ensure_valid_output
ensure_native_types({"a": [date(2024, 1, 2), {1.5}, b"x"]})
ensure_valid_output([{"a": 1}, (1, 2)])
look()
import numpy
ensure_valid_output(numpy.ones((2, 1)))
look()
""")
    assert not plain & {*LIBRARIES, "numpy", "pydantic"}
    assert not arrays & {*LIBRARIES, "pydantic"}
    assert {name for name in arrays if name.startswith("packflow.normalizers.")} == {
        "packflow.normalizers.arrays",
        "packflow.normalizers.base",
        "packflow.normalizers.batch",
        "packflow.normalizers.columns",
        "packflow.normalizers.dispatch",
        "packflow.normalizers.numpy",
        "packflow.normalizers.plain",
        "packflow.normalizers.refusal",
        "packflow.normalizers.walk",
    }


@pytest.mark.parametrize(
    ("library", "make", "normalizer"),
    [
        ("PIL.Image", 'PIL.Image.new("L", (1, 1))', "pillow"),
        ("pandas", 'pandas.DataFrame({"a": [1]})', "pandas"),
    ],
)
def test_an_object_of_a_library_loads_its_normalizer_alone(library: str, make: str, normalizer: str) -> None:
    before, after = loaded_by(f"""
import {library}
from packflow.utils.normalize import ensure_native_types
ensure_native_types([1])
look()
ensure_native_types([{make}])
look()
""")
    others = {f"packflow.normalizers.{name}" for name in ("torch", "tensorflow", "jax", "pandas", "pillow")}
    assert not before & others
    assert after & others == {f"packflow.normalizers.{normalizer}"}
    assert after & LIBRARIES == before & LIBRARIES
