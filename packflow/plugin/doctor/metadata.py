"""What is wrong with installed metadata: doubled, stale, unreadable, misspelt. Metadata in, findings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from packflow.plugin.doctor.report import Finding, finding
from packflow.plugin.kinds import BUILT_IN_NAMES, KIND_OF_GROUP, OWN_DISTRIBUTION, fold
from packflow.utils.nearest import nearest

if TYPE_CHECKING:
    from packflow.plugin.doctor.distributions import Metadata
    from packflow.plugin.index import Index, Problem

#: How alike a group must be to one of packflow's to be a misspelt one; above that of other programs' groups.
_ALIKE = 0.8
#: How many changed files are listed.
_LISTED = 10


def judge_copies(copies: Iterable[Metadata], shadowed: Iterable[str]) -> Iterator[Finding]:
    """Say of a distribution that is there several times whether its copies agree, and which of them counts.

    Args:
        copies: every copy, in the order in which they are found.
        shadowed: the folders of the copies that do not count.
    """
    shadowed = set(shadowed)
    everything = sorted(copies, key=lambda copy: copy.location in shadowed)
    if len(everything) < 2:
        return
    first, *others = everything
    agree = all((copy.version, _plugins(copy)) == (first.version, _plugins(first)) for copy in others)
    lines = [f"{'counts' if copy is first else 'does not'}: {copy.version} in {copy.location}" for copy in everything]
    if agree:
        what = f"{first.name} {first.version} is there {len(everything)} times, with the same plugins"
        remedy = "Nothing has to be done if one of them belongs to an editable installation."
    else:
        what = f"{first.name} is there {len(everything)} times, and the copies differ; {first.version} counts"
        remedy = "Delete the folder that is out of date, or uninstall until none is left, and install again."
    code = "doubled-metadata" if agree else "stale-metadata"
    yield finding(code, what, remedy, where=first.location, distribution=first.name, details=tuple(lines))


def _plugins(copy: Metadata) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((group, copy.entries([group])) for group in KIND_OF_GROUP)


def judge_groups(copy: Metadata) -> Iterator[Finding]:
    """Say which entry-point groups look like packflow's and are none.

    Example:
        >>> from packflow.plugin.doctor.distributions import Metadata
        >>> metadata = Metadata("acme", "1.0", "/site", (("packflow.backend", "fast = acme:Fast"),), ())
        >>> [found.remedy for found in judge_groups(metadata)]
        ["Rename the group to 'packflow.backends' in the pyproject.toml of acme, and install it again."]
    """
    for group in dict.fromkeys(group for group, _ in copy.groups):
        near = nearest(group, KIND_OF_GROUP, cutoff=_ALIKE)
        if group in KIND_OF_GROUP or not (near or group.casefold().startswith("packflow.")):
            continue
        entries = ", ".join(copy.entries([group])) or "nothing"
        what = f"{copy.name} {copy.version} declares {entries} in the group {group!r}, which packflow does not read"
        wanted = f"to {near!r}" if near else f"to one of {', '.join(KIND_OF_GROUP)}"
        remedy = f"Rename the group {wanted} in the pyproject.toml of {copy.name}, and install it again."
        yield finding("unknown-group", what, remedy, where=copy.location, distribution=copy.name)


def judge_problems(problems: Iterable[Problem]) -> Iterator[Finding]:
    """Say which distributions could not be read, and what interrupted installations have left."""
    for problem in problems:
        if problem.state != "conflict":
            leftover = problem.location.replace("\\", "/").rpartition("/")[2].startswith("~")
            yield finding(
                "leftover-metadata" if leftover else "unreadable-metadata",
                f"{problem.distribution}: {problem.reason.partition(';')[0]}",
                "Delete that folder." if leftover else f"Reinstall {problem.distribution}.",
                where=problem.location,
                distribution=problem.distribution,
            )


def judge_own(copies: Mapping[str, tuple[Metadata, ...]], index: Index, running: str) -> Iterator[Finding]:
    """Say whether packflow's own metadata is that of the packflow that runs.

    Args:
        copies: every copy of each distribution, by folded name.
        index: what is installed.
        running: the version of the packflow that runs.
    """
    own = copies.get(OWN_DISTRIBUTION, ())
    declared = {(ref.kind, ref.key) for ref in index.refs if ref.built_in}
    lacking = sorted(
        f"{kind} {name}" for kind, names in BUILT_IN_NAMES.items() for name in names if (kind, name) not in declared
    )
    versions = [copy.version for copy in own if fold(copy.name) == OWN_DISTRIBUTION]
    remedy = "Reinstall packflow: pip install --force-reinstall packflow"
    where = own[0].location if own else ""
    if running not in versions:
        found = f"is that of {' and '.join(versions)}" if versions else "is missing"
        yield _own(f"packflow {running} runs, and its metadata {found}", remedy, where)
    if lacking:
        yield _own(f"packflow's own metadata does not declare its built-ins: {', '.join(lacking)}", remedy, where)


def _own(what: str, remedy: str, where: str) -> Finding:
    return finding("own-metadata", what, remedy, where=where, distribution=OWN_DISTRIBUTION)


def judge_files(copy: Metadata, changed: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Say which files of a distribution are not those that were installed.

    Args:
        copy: the distribution's metadata.
        changed: the path of each such file, and what is wrong with it.
    """
    lines = [f"{path} {change}" for path, change in changed]
    if lines:
        files, differ = ("file", "differs") if len(lines) == 1 else ("files", "differ")
        what = f"{len(lines)} {files} of {copy.name} {copy.version} {differ} from its RECORD"
        more = [f"and {len(lines) - _LISTED} more"] if len(lines) > _LISTED else []
        yield finding(
            "changed-files",
            what,
            f"Reinstall {copy.name}: pip install --force-reinstall {copy.name}=={copy.version}",
            where=copy.location,
            distribution=copy.name,
            details=(*lines[:_LISTED], *more),
        )
