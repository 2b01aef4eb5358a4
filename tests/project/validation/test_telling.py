"""Which of several errors, one raised because of another, a validation tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from packflow.project.validation import validate_project
from tests.project.validation.projects import SOUND, check, write_project


@pytest.mark.parametrize(
    ("source", "files", "detail", "lines"),
    [
        pytest.param(
            """
            from packflow import InferenceBackend
            from packflow.exceptions import InferenceBackendInitializationError

            class Model(InferenceBackend):
                def initialize(self):
                    try:
                        open("/nowhere/weights.bin")
                    except FileNotFoundError as error:
                        raise InferenceBackendInitializationError("Run train.py, which writes the weights.") from error

                def execute(self, inputs):
                    return inputs
            """,
            {},
            "InferenceBackendInitializationError: Run train.py, which writes the weights. (in step 'initialize')",
            ("caused by FileNotFoundError: [Errno 2] No such file or directory: '/nowhere/weights.bin'",),
            id="of the backend's own",
        ),
        pytest.param(
            SOUND,
            {"inference.py": None},
            "there is neither a file",
            (),
            id="of packflow's, about the project's file",
        ),
        pytest.param(
            "from .helpers import clean" + SOUND,
            {},
            "ModuleNotFoundError: No module named 'helpers'",
            (),
            id="of Python's, about a file that another one imports",
        ),
        pytest.param(
            """
            from packflow import BackendConfig, InferenceBackend

            class Config(BackendConfig):
                weights: int

            class Model(InferenceBackend):
                base_config_model = Config

                def execute(self, inputs):
                    return inputs
            """,
            {},
            "The configuration of Model is not valid:\n  weights: ",
            (),
            id="of packflow's, about a setting",
        ),
    ],
)
def test_the_error_is_told_that_says_most(
    tmp_path: Path, source: str, files: dict[str, str | None], detail: str, lines: tuple[str, ...]
) -> None:
    found = check(validate_project(write_project(tmp_path, source, files)), "backend")
    assert detail in found.detail
    assert "packflow.loaders.projects" not in found.detail
    assert found.lines == lines
    assert "Install" not in found.remedy
