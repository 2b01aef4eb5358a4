"""Requirements of a project, as dependencies of a distribution."""

from __future__ import annotations

from pathlib import Path

import pytest

from packflow.exceptions import ScaffoldError
from packflow.project.plugins.dependencies import Dependencies, dependencies_of
from packflow.project.requirements import read_requirements


def dependencies(tmp_path: Path, text: str, also: str | None = None) -> Dependencies:
    (tmp_path / "requirements.txt").write_text(text, encoding="utf-8")
    return dependencies_of(read_requirements(tmp_path), "house-prices", ">=1.0,<2", also)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["packflow>=1.0,<2"]),
        ("numpy>=2  # arrays\n", ["numpy>=2", "packflow>=1.0,<2"]),
        ("Packflow[testing]==1.0\n", ["Packflow[testing]==1.0"]),
        ('a[b]>1; python_version < "3.12"\n', ['a[b]>1; python_version < "3.12"', "packflow>=1.0,<2"]),
        ("a==1 --hash=sha256:00\npackflow\n", ["a==1", "packflow"]),
        ("a @ https://example.org/a.whl\npackflow\n", ["a @ https://example.org/a.whl", "packflow"]),
        ("https://example.org/a-1.0-py3-none-any.whl\npackflow", None),
        ("a\na\npackflow\n", ["a", "packflow"]),
    ],
)
def test_requirements_are_dependencies_and_packflow_is_one(
    tmp_path: Path, text: str, expected: list[str] | None
) -> None:
    found = dependencies(tmp_path, text)
    assert found.texts == tuple(expected or ["a @ https://example.org/a-1.0-py3-none-any.whl", "packflow"])
    assert found.direct == ("https://" in text)


def test_what_the_backend_comes_from_is_one_too_unless_it_is_named(tmp_path: Path) -> None:
    assert "acme-onnx>=2.1" in dependencies(tmp_path, "packflow\n", "acme-onnx>=2.1").texts
    assert dependencies(tmp_path, "Acme.ONNX==2\npackflow\n", "acme-onnx>=2.1").texts == ("Acme.ONNX==2", "packflow")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("-e ./libs/a", "is a folder or a file"),
        ("./libs/a-1.0-py3-none-any.whl", "is a folder or a file"),
        ("https://example.org/latest", "write 'name @ https://example.org/latest'"),
        ("a @ https://me:hunter2@example.org/a.whl", "there is a password in it"),
        ("House_Prices>=1", "choose another name"),
        ("???", "is no requirement"),
    ],
)
def test_what_a_package_cannot_require_is_refused_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(ScaffoldError, match=r"requirements\.txt:2: ") as refused:
        dependencies(tmp_path, f"numpy\n{line}\n")
    assert told in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_constraints_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "constraints.txt").write_text("numpy<3\n")
    found = dependencies(tmp_path, "numpy\n-c constraints.txt\n")
    assert "numpy<3" not in found.texts
    assert any("constraints.txt:1: 'numpy<3' is a constraint" in warning for warning in found.warnings)
