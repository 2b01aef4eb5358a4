"""What an archive says to whoever looks into it: its record, its configuration, its model card, and what is wrong.

Its ``packflow.yaml`` is read, and nothing more: no code of it is run or imported.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from packflow.exceptions import ArchiveError, ProjectError
from packflow.project.archive.manifest import Manifest
from packflow.project.archive.reading import PROJECT_FILE, Archive, other_project
from packflow.project.archive.unpacking import calling_by_archive, telling_no_room, temporary_folder
from packflow.project.config import ProjectConfig
from packflow.utils.secrets import Redactor

CARD = "MODEL_CARD.md"
#: Of a model card, so much is shown, in bytes.
_LONGEST_CARD = 1 << 20


class ListedFile(NamedTuple):
    """One file of an archive."""

    path: str
    #: Its size, and how much of the archive it takes, in bytes.
    size: int
    stored: int
    sha256: str
    executable: bool
    #: What is wrong with it; None if it is what the manifest says.
    problem: str | None


class Contents(NamedTuple):
    """What an archive holds."""

    archive: str
    #: Of the archive itself, in bytes.
    size: int
    #: Of the archive itself.
    sha256: str
    manifest: Manifest
    files: tuple[ListedFile, ...]
    #: None where it cannot be read.
    config: ProjectConfig | None
    #: The model card; None if there is none, or it cannot be read.
    card: str | None
    #: All that is wrong, files and configuration; empty where the archive can be used.
    problems: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Give it as data that JSON can hold; values that are secrets by their names, and of ``env``, are masked."""
        manifest = self.manifest.model_dump(mode="json")
        del manifest["files"]  # they are in ``files``
        return {
            "archive": self.archive,
            "size": self.size,
            "sha256": self.sha256,
            "holds": not self.problems,
            "problems": list(self.problems),
            "manifest": manifest,
            "config": config_data(self.config),
            "card": self.card,
            "files": [file._asdict() for file in self.files],
        }


def contents_of(archive: Archive) -> Contents:
    """Read all of an archive, and say what it holds."""
    manifest = archive.manifest
    files = tuple(
        ListedFile(name, entry.size, entry.stored, manifest.files[name].sha256, entry.executable, archive.problem(name))
        for name, entry in archive.entries.items()
    )
    problems = [file.problem for file in files if file.problem]
    damaged = {file.path for file in files if file.problem}
    config = None
    try:
        config = None if PROJECT_FILE in damaged else _config(archive)
    except ArchiveError:  # there is no room to read it in
        raise
    except ProjectError as error:
        problems.append(str(error))
    if config and (problem := other_project(manifest, config.name, config.version)):
        problems.append(problem)
    card = None
    if CARD in archive.entries and CARD not in damaged and archive.entries[CARD].size <= _LONGEST_CARD:
        card = archive.read(CARD).decode(errors="replace")
    return Contents(str(archive.path), archive.size, archive.sha256(), manifest, files, config, card, tuple(problems))


def config_data(config: ProjectConfig | None) -> dict[str, Any] | None:
    """Give a configuration as data that can be shown."""
    if config is None:
        return None
    redactor = Redactor()
    return {name: redactor.redact(value, name) for name, value in config.model_dump(mode="json").items()}


def _config(archive: Archive) -> ProjectConfig:
    """Read the archive's ``packflow.yaml``; what is wrong in it is told by its line."""
    with temporary_folder(archive.path) as folder:
        file = folder / PROJECT_FILE
        with telling_no_room(archive.path):
            file.write_bytes(archive.read(PROJECT_FILE))
        with calling_by_archive(folder, archive.path):
            return ProjectConfig.read(file)
