"""Projects for the tests: a folder with everything that a valid project has, and code that misbehaves."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent

from packflow.project.validation import Check, ValidationReport, validate_project

SOUND = """
from packflow import InferenceBackend

class Model(InferenceBackend):
    def execute(self, inputs):
        return [{"doubled": 2 * row["n"]} for row in inputs]
"""

CONFIG = """
name: doubler
version: 1.0
description: Doubles numbers.
maintainers: [Ada]
inference_backend: inference:Model
python_version: ">=3.10"
"""


def write_project(
    folder: Path, source: str = SOUND, files: Mapping[str, str | None] | None = None, config: str = ""
) -> Path:
    """Write a project; a file that is None is left out."""
    everything: dict[str, str | None] = {
        "packflow.yaml": CONFIG + dedent(config),
        "inference.py": dedent(source),
        "samples.jsonl": '{"n": 1}\n\n{"n": 2}\n{"n": 3}\n',
        "requirements.txt": "packflow\n",
        "README.md": "# Doubler\n",
        "MODEL_CARD.md": "It doubles.\n",
        "LICENSE.txt": "MIT\n",
        **(files or {}),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in everything.items():
        if content is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    return folder


def validate_all(folder: Path, sources: Mapping[str, str], timeout: float) -> dict[str, ValidationReport]:
    """Validate one project for each source, several at once."""
    folders = [write_project(folder / name, source) for name, source in sources.items()]
    with ThreadPoolExecutor(5) as pool:
        return dict(zip(sources, pool.map(lambda each: validate_project(each, timeout=timeout), folders), strict=True))


def check(report: ValidationReport, name: str) -> Check:
    (found,) = (each for each in report.checks if each.name == name)
    return found
