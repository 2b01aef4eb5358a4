"""The manifest: the record, inside an archive, of what it holds and what its samples ran with. As data and as JSON.

It is the archive's first entry, and the only one that is not listed in it.

A reader takes no notice of fields that it does not know. What an older reader may not overlook gets a new
``manifest_version``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

import tomli_w
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from packflow.plugin.lockfile import from_text
from packflow.project.archive.names import find_clash, path_problem
from packflow.utils.errors import short
from packflow.utils.strict_json import refuse_doubled_keys

#: Where it lies in an archive.
MANIFEST = "packflow-manifest.json"
#: The folder of an archive in which the wheels lie, if it has any.
WHEELS = "wheels"
VERSION = 1

#: The data of a lock file without plugins.
NO_PLUGINS: Final[dict[str, Any]] = {"lock-version": 1, "distribution": []}

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(min_length=1)]


def _checked_path(path: str) -> str:
    if problem := path_problem(path):
        raise ValueError(f"no path for an archive: {problem}")
    return path


def _checked_lock(data: dict[str, Any]) -> dict[str, Any]:
    """Refuse what a lock file could not hold."""
    try:
        from_text(tomli_w.dumps(data))
    except (TypeError, ValueError) as error:  # the first for JSON's null, which TOML does not have
        raise ValueError(f"no lock: {error}") from error
    return data


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class ArchivedFile(_Record):
    """What one file of an archive must be.

    Attributes:
        sha256: the SHA-256 of its bytes, as 64 lower-case hexadecimal digits.
        size: how many bytes it has.
    """

    sha256: Sha256
    size: Annotated[int, Field(ge=0)]


class RanWith(_Record):
    """What the samples ran with.

    Attributes:
        python: Python's version, such as ``"3.11.7"``.
        distributions: the installed distributions that had a part in it, by name, with the version of each.
    """

    python: Text
    distributions: dict[Text, Text] = {}


class SamplesRun(_Record):
    """How the samples went, before the archive was made.

    Attributes:
        count: how many records there were.
        passed: how many of them passed. An archive is made only where all did.
    """

    count: Annotated[int, Field(ge=0)]
    passed: Annotated[int, Field(ge=0)]


class ArchivedWheel(_Record):
    """A wheel that lies in an archive.

    Attributes:
        file: its path in the archive.
        name: the distribution's name.
        version: its version.
        built: whether it was built for this archive, and not downloaded as it is: another build may have other bytes.
    """

    file: Annotated[str, AfterValidator(_checked_path)]
    name: Text
    version: Text
    built: bool = False


class Manifest(_Record):
    """What an archive holds, and what its samples ran with.

    Example:
        >>> manifest = Manifest(
        ...     name="prices",
        ...     version="1.0",
        ...     packflow="1.0.0",
        ...     files={"packflow.yaml": ArchivedFile(sha256="0" * 64, size=120)},
        ...     ran_with=RanWith(python="3.11.7", distributions={"numpy": "2.1.0"}),
        ...     samples=SamplesRun(count=2, passed=2),
        ... )
        >>> from_json(to_json(manifest)) == manifest
        True

    Attributes:
        manifest_version: the version of this record's form.
        name: the project's name.
        version: the project's version.
        packflow: the version of packflow that made the archive.
        files: every other file of the archive by its path, the wheels too, sorted.
        requirements: what the project asks to be installed, a requirement each, as :pep:`508` writes it.
        plugins: the plugins that the samples used, locked: the data of a lock file that holds these and no others.
        ran_with: the versions that the samples ran with.
        samples: how the samples went.
        wheels: the wheels in the archive, sorted by path; none if it has none.
    """

    manifest_version: Literal[1] = 1
    name: Text
    version: Text
    packflow: Text
    files: dict[Annotated[str, AfterValidator(_checked_path)], ArchivedFile]
    requirements: tuple[Text, ...] = ()
    plugins: Annotated[dict[str, Any], AfterValidator(_checked_lock)] = NO_PLUGINS
    ran_with: RanWith
    samples: SamplesRun
    wheels: tuple[ArchivedWheel, ...] = ()


def to_json(manifest: Manifest) -> bytes:
    """Write a manifest as JSON, for people to read too. The same manifest gives the same bytes."""
    data = manifest.model_dump(mode="json")
    data["files"] = dict(sorted(data["files"].items()))
    data["ran_with"]["distributions"] = dict(sorted(data["ran_with"]["distributions"].items()))
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def from_json(raw: bytes) -> Manifest:
    """Read a manifest.

    Example:
        >>> from_json(b'{"manifest_version": 2}')
        Traceback (most recent call last):
        ValueError: its manifest_version is 2, where 1 is expected; a newer packflow wrote it

    Raises:
        ValueError: it is no manifest; the text is a clause that says what is wrong, and where.
    """
    try:
        found = json.loads(raw.decode(), object_pairs_hook=refuse_doubled_keys)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"it is no UTF-8 text: {error}") from error
    except ValueError as error:
        raise ValueError(f"it cannot be read as JSON: {error}") from error
    if not isinstance(found, dict):
        raise ValueError(f"it is {short(found)}, where an object is expected")  # noqa: TRY004  # one error for all
    _check_version(found)
    try:
        manifest = Manifest.model_validate_json(raw)
    except ValidationError as error:
        raise ValueError(_first_problem(error)) from error
    _check_paths(manifest)
    return manifest


def _check_version(found: dict[str, Any]) -> None:
    version = found.get("manifest_version")
    if version is None:
        raise ValueError("it has no 'manifest_version'")
    if type(version) is not int or version != VERSION:
        newer = "; a newer packflow wrote it" if type(version) is int and version > VERSION else ""
        raise ValueError(f"its manifest_version is {short(version)}, where {VERSION} is expected{newer}")


def _check_paths(manifest: Manifest) -> None:
    if MANIFEST in manifest.files:
        raise ValueError(f"'files' lists {MANIFEST} itself")
    if clash := find_clash((MANIFEST, *manifest.files)):
        raise ValueError(f"'files' lists {clash.first!r} and {clash.second!r}, which are one file on some systems")
    for wheel in manifest.wheels:
        if wheel.file not in manifest.files:
            raise ValueError(f"'wheels' names {wheel.file!r}, which 'files' does not list")


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = _place(first["loc"])
    if not where:
        return f"it cannot be read as JSON: {first['msg']}"
    if first["type"] == "missing":
        return f"it has no {where}"
    told = first["msg"].removeprefix("Value error, ")
    return f"{where} is {short(first['input'])}: {told[0].lower()}{told[1:]}"


def _place(loc: Iterable[int | str]) -> str:
    place = ""
    for part in loc:
        if part == "[key]":
            continue
        place += f"[{part!r}]" if isinstance(part, int) or not part.isidentifier() else f".{part}" if place else part
    return place
