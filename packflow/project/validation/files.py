"""The project's files: is there what has to be there, and what should be? They are read; nothing is imported."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import packflow
from packflow.exceptions import RecordSourceError
from packflow.loaders.sources import python_files
from packflow.project.config import ProjectConfig
from packflow.project.problems import file_problem
from packflow.project.project import SAMPLES
from packflow.project.validation.report import Check
from packflow.runner.sources import BOM, is_blank, read_object

#: How many lines that are no records are told.
_MOST_LINES = 20

_HOW_TO_WRITE = f'Write a few records into {SAMPLES}, one JSON object a line, such as {{"age": 42, "city": "Bern"}}.'

#: What should be there: the check's name, what its file may be called, and what to write into it.
_RECOMMENDED = (
    ("readme", re.compile(r"readme(\..*)?", re.IGNORECASE), "README.md", "what the project is for, and how to use it"),
    (
        "model-card",
        re.compile(r"model[-_ ]?card(\..*)?", re.IGNORECASE),
        "MODEL_CARD.md",
        "what the model was trained on, how well it does, and where it should not be used",
    ),
    (
        "license",
        re.compile(r"(un)?licen[cs]e([-_. ].*)?|copying(\..*)?", re.IGNORECASE),
        "LICENSE.txt",
        "under which terms others may use it",
    ),
)


#: What a new project's model card has where something is to be filled in.
_TO_FILL_IN = re.compile(r"\*[^*\n]+\.\*")
_TEMPLATE = Path(packflow.__file__).parent / "templates/project/common/MODEL_CARD.md.tmpl"


class Samples(NamedTuple):
    """What `samples.jsonl` holds."""

    check: Check
    #: How many records there are; 0 where they cannot be run.
    records: int = 0


def check_about(config: ProjectConfig) -> Check:
    """Say whether those who get the project are told what it is and whom to ask."""
    missing = [field for field in ("description", "maintainers") if not getattr(config, field)]
    if missing:
        what = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} empty"
        return Check("about", "warning", what, "Say in packflow.yaml what the project does, and who looks after it.")
    return Check("about", "passed", "description and maintainers are there")


def check_code(config: ProjectConfig, folder: Path) -> Check | None:
    """Say whether the file that `inference_backend` names is there; None if it names none of the project's."""
    if config.loader != "local":
        return None
    where = "packflow.yaml"
    if line := config.line_of("inference_backend"):
        where += f":{line}"
    place = config.inference_backend.rpartition(":")[0]
    is_file = place.endswith(".py") or "/" in place or "\\" in place
    path = folder / (place if is_file else Path(*place.split(".")))
    candidates = [path] if is_file else [path.with_name(f"{path.name}.py"), path / "__init__.py"]
    # Unlike pathlib's, this answers for any name, as for one that is too long for a file.
    found = next((each for each in candidates if os.path.isfile(each)), None)  # noqa: PTH113
    if found is not None:
        return Check("code", "passed", f"{_named(found, folder)} is there")
    name = _named(candidates[0], folder)
    near = python_files(candidates[0].parent, candidates[0].name).strip()
    return Check("code", "failed", f"there is no {name}", f"Correct inference_backend, or write {name}. {near}", where)


def _named(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def read_samples(file: Path) -> Samples:
    """Say whether the samples can be read; each line that is no record is told."""
    count, problems = 0, list[RecordSourceError]()
    try:
        if file.exists() and not file.is_file():
            return _unreadable("it is no file")
        with file.open("rb") as lines:
            for found in _read_lines(lines):
                if isinstance(found, RecordSourceError):
                    problems.append(found)
                else:
                    count += 1
    except FileNotFoundError:
        return Samples(Check("samples-file", "failed", f"there is no {SAMPLES}", _HOW_TO_WRITE))
    except OSError as error:
        return _unreadable(file_problem(error))
    if problems:
        told = tuple(str(problem).rstrip(".") for problem in problems[:_MOST_LINES])
        what = f"{len(problems)} line{'s are no records' if len(problems) > 1 else ' is no record'}"
        where = f"{SAMPLES}:{problems[0].line}"
        return Samples(Check("samples-file", "failed", what, "Write one JSON object a line.", where, told))
    if not count:
        return Samples(Check("samples-file", "failed", f"{SAMPLES} holds no record", _HOW_TO_WRITE))
    return Samples(Check("samples-file", "passed", f"{count} record{'s' * (count != 1)}"), count)


def _unreadable(why: str) -> Samples:
    return Samples(Check("samples-file", "failed", f"{SAMPLES} cannot be read: {why}", "Let it be a file of text."))


def _read_lines(lines: Iterable[bytes]) -> Iterator[dict[str, object] | RecordSourceError]:
    """Read JSON Lines past the lines that are none."""
    for number, raw in enumerate(lines, start=1):
        line = raw.removeprefix(BOM) if number == 1 else raw
        if is_blank(line):
            continue
        try:
            yield read_object(line, SAMPLES, number, first=False)  # no hint at CSV, which samples cannot be
        except RecordSourceError as error:
            yield error


def check_recommended(folder: Path) -> Iterator[Check]:
    """Say which of the files are there that a project should have."""
    try:
        names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    except OSError:
        names = []
    for check, pattern, usual, content in _RECOMMENDED:
        found = next((name for name in names if pattern.fullmatch(name)), None)
        if found is None:
            yield Check(check, "warning", f"there is no {usual}", f"Write {usual}: {content}.")
        elif not (folder / found).stat().st_size:
            yield Check(check, "warning", f"{found} is empty", f"Write into it {content}.")
        elif check == "model-card" and (left := _left_to_fill_in(folder / found)):
            what = f"{found} is still to be filled in, at {len(left)} place{'s' * (len(left) != 1)}"
            yield Check(check, "warning", what, f"Write into it {content}.", f"{found}:{left[0]}")
        else:
            yield Check(check, "passed", f"{found} is there")


def _left_to_fill_in(file: Path) -> list[int]:
    """Give the lines of a model card that are as ``packflow create`` has made them, with something to be filled in."""
    try:
        template, text = _TEMPLATE.read_text(encoding="utf-8"), file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    placeholders = set(_TO_FILL_IN.findall(template))
    lines = enumerate(text.splitlines(), start=1)
    return [number for number, line in lines if placeholders & set(_TO_FILL_IN.findall(line))]
