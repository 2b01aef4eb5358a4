"""A project as an object: its folder, its configuration, and what can be done with it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packflow.exceptions import ProjectError, RecordSourceError
from packflow.project.config import ProjectConfig
from packflow.project.config_file import NAME
from packflow.project.problems import file_problem, problem
from packflow.project.validation import DEFAULT_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from packflow.backend.base import InferenceBackend
    from packflow.project.exporting import Export
    from packflow.project.validation import ValidationReport

SAMPLES = "samples.jsonl"


class PackflowProject:
    """A folder with a ``packflow.yaml``.

    Example:
        >>> from pathlib import Path
        >>> text = "{name: doubler, version: 1.0, inference_backend: 'inference:Doubler', env: {TOKEN: abc}}"
        >>> _ = Path("packflow.yaml").write_text(text)
        >>> project = PackflowProject(".")
        >>> project.config.name, project.config.env
        ('doubler', {'TOKEN': '**********'})

    Its repr and its pickle do not have the values of ``env``: a pickle has the path, and reads the file again.

    Args:
        path: the folder, or the ``packflow.yaml`` in it.

    Attributes:
        path: the folder, absolute.
        file: the ``packflow.yaml``, absolute.
        config: what it says.

    Raises:
        ProjectError: there is no ``packflow.yaml``, it cannot be read, or a field is wrong. The error has the file, the
            line and the field.
    """

    def __init__(self, path: str | os.PathLike[str] = ".") -> None:
        self.path, self.file = _places(path)
        self.config = ProjectConfig.read(self.file)

    @property
    def samples_file(self) -> Path:
        """The records that the backend is tried with, as JSON Lines; the file may not be there."""
        return self.path / SAMPLES

    def load(self, /, **overrides: Any) -> InferenceBackend:
        """Load the backend with the settings in ``backend_config``.

        The variables in ``env`` are set first, in the whole process and for good, but those that are set already: the
        operator's environment goes before the project's. Relative paths in ``backend_config`` are relative to the
        project's folder.

        Args:
            **overrides: settings that go before those in ``backend_config``, merged as those of
                ``BACKEND_CONFIG_FILE_PATH`` are. Their relative paths are relative to the current directory, as
                everywhere in Python.

        Raises:
            ProjectError: this is not the Python that the project asks for, or the backend cannot be imported or
                constructed. The error has the line of the field in ``packflow.yaml``, and the original exception is
                chained.
        """
        from packflow.project.loading import load_backend

        return load_backend(self.config, self.path, self.file, overrides)

    def samples(self) -> list[dict[str, Any]]:
        """Read ``samples.jsonl``.

        Raises:
            ProjectError: it is not there, or a line of it is no JSON object.
        """
        from packflow.runner.sources import read_jsonl

        name = str(self.samples_file)
        try:
            with self.samples_file.open("rb") as lines:
                return [record for _, record in read_jsonl(lines, name)]
        except RecordSourceError as error:
            raise ProjectError(str(error), file=name, line=error.line) from error
        except FileNotFoundError as error:
            reason = "there is no such file. Write a few records into it, one JSON object a line."
            raise problem(reason, name) from error
        except OSError as error:
            raise problem(f"the file cannot be read: {file_problem(error)}.", name) from error

    def validate(
        self, *, timeout: float = DEFAULT_TIMEOUT, progress: Callable[[str], None] | None = None
    ) -> ValidationReport:
        """Look at the files and the environment, and run the samples in a process of their own.

        See :func:`packflow.project.validation.validate_project`. The ``packflow.yaml`` counts as it was when this was
        made, but for the samples' process, which reads it again.

        Args:
            timeout: how long the project's code may run, in seconds.
            progress: is called with what is being done, in words.

        Returns:
            The report; ``report.passed`` says whether the project is valid.

        Raises:
            ValueError: `timeout` is no length of time.
        """
        from packflow.project.validation import validate_project

        return validate_project(self, timeout=timeout, progress=progress)

    def export(
        self,
        folder: str | os.PathLike[str] = ".",
        *,
        wheels: bool = False,
        timeout: float = DEFAULT_TIMEOUT,
        progress: Callable[[str], None] | None = None,
    ) -> Export:
        """Validate the project, and make an archive of it, ``<name>-<version>.zip``.

        The same files give the same bytes, whoever makes the archive, and when.

        Args:
            folder: where the archive goes; it is made if it is not there.
            wheels: whether to put in the wheels of all that the project requires.
            timeout: how long the project's code may run, in seconds.
            progress: is called with what is being done, in words.

        Returns:
            What was made, with the archive's path, its hash, and what was left out of it.

        Raises:
            ArchiveError: the project is not valid, or the archive cannot be made. An earlier archive stays as it is.
        """
        from packflow.project.exporting import export_project

        told = {} if progress is None else {"progress": progress}
        return export_project(self, Path(folder), wheels=wheels, timeout=timeout, **told)

    def __repr__(self) -> str:
        return f"PackflowProject({str(self.path)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self.path),)


def _places(path: str | os.PathLike[str]) -> tuple[Path, Path]:
    """Give the folder and the file of a project."""
    if not isinstance(path, (str, os.PathLike)) or not isinstance(os.fspath(path), str):
        raise problem(f"The path of a project is a {type(path).__name__}; expected the path of a folder.")
    given = Path(os.path.abspath(path))  # noqa: PTH100  # resolve() would lose the user's symbolic links
    try:
        if given.is_dir():
            return given, given / NAME
        if given.name == NAME:
            return given.parent, given
        reason = (
            f"this is a file. Give the project's folder, or the {NAME!r} in it."
            if given.exists()
            else "there is no such folder."
        )
    except (OSError, ValueError) as error:
        raise problem(f"the folder cannot be looked into: {file_problem(error)}.", given) from error
    raise problem(reason, given)
