"""Puts the wheels of what a project requires into its archive: the very versions that its samples ran with.

pip fetches them, with the settings that the user has made for it; what is there as source only is built.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from packflow.exceptions import ArchiveError
from packflow.plugin.kinds import OWN_DISTRIBUTION
from packflow.project.archive.manifest import WHEELS, ArchivedFile, ArchivedWheel
from packflow.project.archive.pins import Distribution, Wanted, applies, closure, look_up
from packflow.project.archive.writing import Member
from packflow.project.files.gathering import DiskFile
from packflow.utils.errors import cut
from packflow.utils.secrets import mask_passwords

if TYPE_CHECKING:
    from packflow.project.requirements import Requirements
    from packflow.project.validation.report import ValidationReport

#: Lists the wheels with their hashes, for pip.
LIST: Final = f"{WHEELS}/requirements.txt"
#: So that what is built is the same whenever, and under whatever settings, it is built.
_STILL: Final = {"SOURCE_DATE_EPOCH": "315532800", "PYTHONHASHSEED": "0", "TZ": "UTC"}
_PIP: Final = ("--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--quiet")
_HEAD: Final = """\
# The wheels in this folder, exactly: pip install -r wheels/requirements.txt
--no-index
--find-links .
"""


class Wheels(NamedTuple):
    """Wheels that go into an archive, with the list of them."""

    wheels: tuple[ArchivedWheel, ...]
    #: By their paths in the archive.
    files: dict[str, ArchivedFile]
    members: dict[str, Member]


@contextmanager
def fetched_wheels(
    requirements: Requirements, report: ValidationReport, progress: Callable[[str], None]
) -> Iterator[Wheels]:
    """Fetch the wheels of all that a project requires, of packflow, and of the plugins that the samples used.

    Args:
        requirements: what the project requires.
        report: what was found when its samples ran.
        progress: is told what is fetched.

    Raises:
        ArchiveError: something is not installed here, or pip cannot get it.
    """
    pins = closure(wanted(requirements, report), look_up)
    progress(f"Fetching the wheels of {len(pins)} distributions")
    with TemporaryDirectory(prefix="packflow-wheels-", ignore_cleanup_errors=True) as folder:
        built = fetch(pins, Path(folder))
        yield listed(Path(folder), pins, built)


def wanted(requirements: Requirements, report: ValidationReport) -> list[Wanted]:
    """Say what a machine needs that is to run a project.

    Raises:
        ArchiveError: a requirement does not tell which distribution it means.
    """
    found = [Wanted(OWN_DISTRIBUTION)]
    for entry in requirements.entries:
        if entry.constraint or not applies(entry.marker):
            continue
        if entry.name is None:
            raise ArchiveError(
                f"{entry.where}: {entry.text!r} does not tell which distribution it means, so there is no wheel to put "
                f"in. Write its name before it: name @ {entry.source}"
            )
        found.append(Wanted(entry.name, entry.extras, entry.file))
    plugins = (report.plugins or {}).get("distribution", [])
    return [*found, *(Wanted(plugin["name"], asked_by="a plugin that the samples used") for plugin in plugins)]


def fetch(pins: Iterable[Distribution], folder: Path) -> set[str]:
    """Put the wheels of distributions into a folder; give the names of those that were built, and not found as wheels.

    Raises:
        ArchiveError: pip cannot get one of them.
    """
    sources = [pin for pin in pins if pin.origin and not pin.is_wheel]
    ready = [pin.origin or f"{pin.name}=={pin.version}" for pin in pins if pin not in sources]
    with TemporaryDirectory(prefix="packflow-sources-", ignore_cleanup_errors=True) as aside:
        if ready:
            _pip(["download", "--no-deps", "--dest", aside, *ready], aside)
        to_build = [pin.origin or "" for pin in sources]
        for file in sorted(Path(aside).iterdir()):
            if file.suffix == ".whl":
                file.replace(folder / file.name)
            else:
                to_build.append(str(file))
        before = set(folder.iterdir())
        if to_build:
            _pip(["wheel", "--no-deps", "--wheel-dir", str(folder), *to_build], aside)
    return {file.name for file in set(folder.iterdir()) - before}


def _pip(arguments: list[str], folder: str) -> None:
    command, *rest = arguments
    try:
        done = subprocess.run(  # noqa: S603  # this very interpreter
            [sys.executable, "-m", "pip", command, *_PIP, *rest],
            cwd=folder,  # where no folder is called like a distribution
            env={**os.environ, **_STILL},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            umask=0o022 if os.name == "posix" else -1,
        )
    except OSError as error:
        raise ArchiveError(f"pip cannot be started with {sys.executable}: {error.strerror}.") from error
    if done.returncode:
        raise ArchiveError(_told(done.stdout.decode(errors="replace"), done.returncode))


def _told(output: str, status: int) -> str:
    lines = [mask_passwords(line.rstrip()) for line in output.splitlines() if line.strip()]
    if any("No module named pip" in line for line in lines):
        return (
            f"The wheels cannot be fetched: {sys.executable} has no pip. Install it: python -m ensurepip, or "
            "uv pip install pip"
        )
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-10:] or [f"it ended with status {status}"]
    return "\n".join(["pip could not get the wheels:", *(f"  {cut(line)}" for line in errors[:10])])


def listed(folder: Path, pins: Iterable[Distribution], built: set[str]) -> Wheels:
    """Describe the wheels in a folder, and list them there in a file for pip.

    Raises:
        ArchiveError: they are not the wheels of these distributions.
    """
    files: dict[str, ArchivedFile] = {}
    wheels, lines, missing = [], [], {canonicalize_name(pin.name): pin.version for pin in pins}
    for file in sorted(folder.iterdir()):
        try:
            name, version = parse_wheel_filename(file.name)[:2]
        except InvalidWheelFilename as error:
            raise ArchiveError(f"pip gave {file.name!r}, which is not the name of a wheel.") from error
        missing.pop(name, None)
        path = f"{WHEELS}/{file.name}"
        files[path] = _described(file)
        wheels.append(ArchivedWheel(file=path, name=name, version=str(version), built=file.name in built))
        lines.append(f"{name}=={version} --hash=sha256:{files[path].sha256}\n")
    if missing:
        raise ArchiveError(f"pip gave no wheel of {', '.join(f'{name} {missing[name]}' for name in sorted(missing))}.")
    file = folder / Path(LIST).name
    file.write_text(_HEAD + "".join(lines), encoding="utf-8", newline="\n")
    files[LIST] = _described(file)
    members = {path: Member(DiskFile(folder / path.rpartition("/")[2])) for path in files}
    return Wheels(tuple(wheels), files, members)


def _described(file: Path) -> ArchivedFile:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
        return ArchivedFile(sha256=digest.hexdigest(), size=stream.tell())
