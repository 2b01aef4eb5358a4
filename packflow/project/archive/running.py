"""Whether what is installed here is what an archive's samples ran with. Only metadata is read; nothing is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packflow.exceptions import ProjectError
from packflow.plugin.kinds import OWN_DISTRIBUTION, fold
from packflow.plugin.locks import Difference, PluginLock, differences
from packflow.project.archive.manifest import MANIFEST, Manifest, from_json

#: In bytes; the manifest of 100,000 files has a fifth of it.
_LONGEST = 1 << 26


class Differences(NamedTuple):
    """In what an environment is not the one that an archive's samples ran in, a clause each."""

    #: The plugins that are missing here, or others than those that the samples used.
    plugins: tuple[str, ...] = ()
    #: The versions of Python and of libraries that are others.
    versions: tuple[str, ...] = ()


def differences_here(manifest: Manifest) -> Differences:
    """Compare this environment with what the samples of an archive ran with.

    A plugin has to be of the same distribution, version and files; of packflow's own, another version or other files
    count as those of a library do. Of Python, the minor version is compared. What is installed here beyond what the
    samples used is no difference; nor is a library that is neither here nor among the archive's wheels. These are all
    that the project requires, so it was there by chance.
    """
    ran_with = manifest.ran_with
    versions = {"Python": ran_with.python, "packflow": manifest.packflow, **ran_with.distributions}
    wheels = {fold(wheel.name) for wheel in manifest.wheels}
    if wheels:
        by_chance = {name for name in ran_with.distributions if fold(name) not in wheels and version_here(name) is None}
        versions = {name: version for name, version in versions.items() if name not in by_chance}
    found = plugin_differences(manifest)
    own = [one for one in found if one.distribution == OWN_DISTRIBUTION and one.what in ("version", "record")]
    return Differences(
        tuple(one.text for one in found if one not in own),
        (*version_differences(versions, version_here), *(one.text for one in own if one.what == "record")),
    )


def manifest_in(folder: Path) -> Manifest | None:
    """Give the manifest in a folder that an archive was unpacked into; None if it has none.

    Raises:
        ProjectError: there is one that cannot be read.
    """
    file = folder / MANIFEST
    try:
        with file.open("rb") as stream:
            raw = stream.read(_LONGEST + 1)
        if len(raw) > _LONGEST:
            raise ValueError("it is too large")
        return from_json(raw)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        remedy = "Unpack the archive again, or remove this file to go on without it."
        raise ProjectError(f"{file} cannot be used: {reason}. {remedy}", file=str(file)) from error


def plugin_differences(manifest: Manifest) -> tuple[Difference, ...]:
    """Say in what the plugins here are not those of a manifest; more of them are no difference."""
    locked = locked_plugins(manifest)
    if not locked.plugins:
        return ()
    from packflow.plugin import policy
    from packflow.plugin.index import scan
    from packflow.plugin.lockable import lockable

    here = lockable(scan(), policy.read(os.environ)._replace(lock=None))
    reasons = {key: reason for key, (_, reason) in here.left_out.items()}
    return tuple(one for one in differences(locked, here.lock, reasons) if one.what != "extra")


def locked_plugins(manifest: Manifest) -> PluginLock:
    """Give the plugins that the samples of an archive used."""
    import tomli_w

    from packflow.plugin.lockfile import from_text

    return from_text(tomli_w.dumps(manifest.plugins))


def version_differences(ran_with: Mapping[str, str], here: Callable[[str], str | None]) -> tuple[str, ...]:
    """Say which versions are others than those that the samples ran with.

    Example:
        >>> version_differences({"numpy": "2.1.0", "scipy": "1.14"}, {"numpy": "2.0.1"}.get)
        ('numpy 2.1.0 (here 2.0.1)', 'scipy 1.14 (not installed here)')

    Args:
        ran_with: the versions by name.
        here: gives the version of a name that is installed here; None if it is not.
    """
    told = []
    for name, version in ran_with.items():
        found = here(name)
        same = _minor(found) == _minor(version) if name == "Python" and found else found == version
        if not same:
            told.append(f"{name} {version} ({'not installed here' if found is None else f'here {found}'})")
    return tuple(told)


def version_here(name: str) -> str | None:
    """Give the version of a distribution that is installed here, or of ``"Python"``; None if it is not.

    Example:
        >>> version_here("no-such-distribution") is None
        True
    """
    if name == "Python":
        return ".".join(map(str, sys.version_info[:3]))
    try:
        return metadata.version(name)
    except (metadata.PackageNotFoundError, ValueError):  # ValueError: no name at all
        return None


def require_same(manifest: Manifest, archive: str, *, any_versions: bool = False) -> None:
    """Refuse to run where the plugins are others than those of the samples; warn where versions are.

    Args:
        manifest: the archive's.
        archive: what messages call it.
        any_versions: only warn about plugins, too.

    Raises:
        ProjectError: a plugin is missing here, or is another.
    """
    from packflow.utils.log import logger
    from packflow.utils.printable import printable

    found = differences_here(manifest)
    if found.plugins and not any_versions:
        raise ProjectError(
            "\n".join(
                [
                    f"The plugins here are not those that the samples of {archive} ran with:",
                    *(f"- {text}" for text in found.plugins),
                    "Install the same ones, or run it all the same with --any-versions (in Python, any_versions=True).",
                ]
            ),
            file=archive,
        )
    if told := [*found.plugins, *found.versions]:
        text = f"The samples of {archive} ran with other versions than those here: {'; '.join(told)}."
        logger.warning(printable(text))  # names are the archive's


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]
