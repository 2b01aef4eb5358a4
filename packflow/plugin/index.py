"""What is installed: one scan of the environment's metadata, as data. No plugin is imported here.

:func:`scan` reads the metadata; :func:`build` decides, purely, which copy of a distribution counts and which entries
are unusable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from packflow.plugin.kinds import GROUPS, KIND_OF_GROUP, fold, name_key, name_problem
from packflow.plugin.refs import PluginRef, parse_entry_points, value_problem
from packflow.plugin.versions import version_key
from packflow.utils.causes import cause_text

if TYPE_CHECKING:
    from typing import Protocol

    class Distribution(Protocol):
        """What is read of a distribution; import finders of others give their own classes."""

        metadata: Any

        def read_text(self, filename: str) -> str | None: ...  # noqa: D102

        def locate_file(self, path: str) -> Any: ...  # noqa: D102


class Copy(NamedTuple):
    """One metadata folder of a distribution, as it was read."""

    distribution: str
    version: str
    location: str
    #: Where its parent folder stands among all the folders searched; the first one counts.
    order: int
    #: Its packflow entry points: (kind, name, value).
    entries: tuple[tuple[str, str, str], ...]


class Problem(NamedTuple):
    """A distribution, or a copy of one, that packflow leaves out, and why."""

    distribution: str
    version: str | None
    location: str
    #: ``"broken"`` if it could not be read, ``"conflict"`` if another copy goes before it.
    state: str
    reason: str
    #: The plugins that are lost with it; None where what it declares cannot be known.
    lost: tuple[PluginRef, ...] | None = ()


class Index:
    """The plugins that are installed, and what stood in the way of reading others. It never changes.

    Attributes:
        refs: every plugin, sorted by kind, name and distribution.
        problems: every distribution, or copy of one, that was left out.
    """

    def __init__(self, refs: Iterable[PluginRef] = (), problems: Iterable[Problem] = ()) -> None:
        kinds = list(GROUPS)
        self.refs = tuple(sorted(refs, key=lambda ref: (kinds.index(ref.kind), ref.key, fold(ref.distribution), ref)))
        self.problems = tuple(sorted(set(problems), key=lambda problem: tuple(map(str, problem))))
        self._by_key: dict[tuple[str, str], tuple[PluginRef, ...]] = {}
        for ref in self.refs:
            place = (ref.kind, ref.key)
            self._by_key[place] = (*self._by_key.get(place, ()), ref)

    def named(self, kind: str, name: str) -> tuple[PluginRef, ...]:
        """Give every plugin of a kind that has a (bare) name, sorted by distribution."""
        return self._by_key.get((kind, name_key(kind, name)), ())

    def left_out(self, kind: str, name: str) -> tuple[tuple[Problem, PluginRef | None], ...]:
        """Give the distributions that were left out, as far as a (bare) name is or may be one of theirs.

        Returns:
            Each with the plugin that is lost; None in its place where what the distribution declares cannot be known.
        """
        key = name_key(kind, name)
        return tuple(
            (problem, ref)
            for problem in self.problems
            for ref in (problem.lost if problem.lost is not None else (None,))
            if ref is None or (ref.kind, ref.key) == (kind, key)
        )

    def of_kind(self, kind: str) -> tuple[PluginRef, ...]:
        """Give every plugin of a kind."""
        return tuple(ref for ref in self.refs if ref.kind == kind)


def scan(path: Sequence[str] | None = None) -> Index:
    """Read which plugins are installed.

    Example:
        >>> [ref.name for ref in scan().refs if ref.kind == "preprocessor" and ref.built_in]
        ['numpy', 'passthrough', 'records']

    Args:
        path: the folders to search, in order; ``sys.path`` if None.

    Returns:
        The index. A distribution whose metadata cannot be read is one of its problems and harms no other.
    """
    import importlib_metadata

    distributions: Callable[..., Iterable[Any]] = importlib_metadata.distributions
    options: dict[str, Any] = {} if path is None else {"path": list(path)}
    problems: list[Problem] = []
    found: dict[str, list[Distribution]] = {}
    for distribution in distributions(**options):
        if _mentions_packflow(distribution, problems) and not _is_leftover(distribution, problems):
            identity = _identify(distribution, problems)
            if identity is not None:
                found.setdefault(identity[0], []).append(distribution)
    copies: list[Copy] = []
    for name, mentioning in sorted(found.items()):
        # A copy that declares no plugin matters too: standing earlier on the path, it is the one that counts.
        everywhere = [*distributions(name=name, **options), *mentioning]
        copies += _read_copies(everywhere, problems)
    index = build(copies)
    return Index(index.refs, [*problems, *index.problems])


def build(copies: Iterable[Copy]) -> Index:
    """Decide which copy of each distribution counts, and give the plugins that those declare.

    Of several copies the one found first on the path counts, and within one folder the newest. The outcome does not
    depend on the order in which the copies are given.
    """
    by_name: dict[str, set[Copy]] = {}
    for copy in copies:
        canonical = copy._replace(entries=tuple(sorted(set(copy.entries))))
        by_name.setdefault(fold(copy.distribution), set()).add(canonical)
    refs: list[PluginRef] = []
    problems: list[Problem] = []
    for group in by_name.values():
        ranked = sorted(group)
        if len(ranked) > 1:  # comparing versions costs an import
            ranked.sort(key=lambda copy: version_key(copy.version), reverse=True)
            ranked.sort(key=lambda copy: copy.order)
        first, *others = ranked
        refs += _refs_of(first)
        problems += [_shadowed(other, first) for other in others]
    return Index(refs, problems)


def _shadowed(copy: Copy, first: Copy) -> Problem:
    if copy.order != first.order:
        why = "is found earlier on the path"
    elif version_key(copy.version) == version_key(first.version):
        why = "stands in the same folder and goes first by its own name"
    else:
        why = "stands in the same folder and is newer"
    return Problem(
        copy.distribution,
        copy.version,
        copy.location,
        "conflict",
        f"shadowed by {first.distribution} {first.version} at {first.location}, which {why}; uninstall one of them",
        tuple(_refs_of(copy)),
    )


def _refs_of(copy: Copy) -> list[PluginRef]:
    """Give one reference a name; a name that the distribution gives to two objects is none of theirs."""
    by_key: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for entry in copy.entries:
        kind, name, _ = entry
        by_key.setdefault((kind, name_key(kind, name)), []).append(entry)
    refs = []
    for entries in by_key.values():
        kind, name, value = entries[0]
        problem = name_problem(name) or value_problem(value)
        if len({entry[2] for entry in entries}) > 1:
            listed = ", ".join(f"{entry[1]} = {entry[2]}" for entry in entries)
            problem = f"{copy.distribution} {copy.version} declares that name more than once: {listed}"
        refs.append(PluginRef(kind, name, value, copy.distribution, copy.version, copy.location, problem))
    return refs


def _mentions_packflow(distribution: Distribution, problems: list[Problem]) -> bool:
    """Whether a distribution may declare plugins. Only those that do are read further: parsing all takes long."""
    try:
        return "packflow." in (distribution.read_text("entry_points.txt") or "")
    except Exception as error:  # noqa: BLE001 - whatever a stranger's metadata does, it harms no other distribution
        problems.append(_unreadable(distribution, "entry_points.txt", error))
        return False


def _is_leftover(distribution: Distribution, problems: list[Problem]) -> bool:
    """Whether this is what pip leaves behind when it is interrupted: a folder renamed to begin with a tilde."""
    location = location_of(distribution)
    name = location.replace("\\", "/").rpartition("/")[2]
    if name.startswith("~"):
        reason = "left behind by an interrupted installation; delete that folder"
        problems.append(Problem(name, None, location, "broken", reason, _lost(distribution, name, location)))
        return True
    return False


def _identify(distribution: Distribution, problems: list[Problem]) -> tuple[str, str] | None:
    """Read a distribution's name and version; from one object, for each look at ``metadata`` parses the file anew."""
    try:
        metadata = distribution.metadata
        name, version = metadata["Name"], metadata["Version"]
        if not (name and version):
            raise ValueError(f"it has no {'Version' if name else 'Name'}")
        if "/" in name:  # no qualified spelling could mean its plugins
            raise ValueError("its Name has a slash")
        return str(name), version
    except Exception as error:  # noqa: BLE001 - as above
        problems.append(_unreadable(distribution, "METADATA", error))
        return None


def _read_copies(distributions: Iterable[Distribution], problems: list[Problem]) -> list[Copy]:
    folders: dict[str, int] = {}
    copies: dict[str, Copy] = {}
    for distribution in distributions:
        if _is_leftover(distribution, []):
            continue
        location = location_of(distribution)
        order = folders.setdefault(str(distribution.locate_file("")), len(folders))
        identity = None if location in copies else _identify(distribution, problems)
        if identity is None:
            continue
        try:
            entries = _entries(distribution.read_text("entry_points.txt") or "")
        except Exception as error:  # noqa: BLE001 - as above
            problems.append(_unreadable(distribution, "entry_points.txt", error))
            continue
        copies[location] = Copy(*identity, location, order, entries)
    return list(copies.values())


def _entries(text: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((KIND_OF_GROUP[group], name, value) for group, name, value in parse_entry_points(text, KIND_OF_GROUP))


def _lost(distribution: Distribution, name: str, location: str) -> tuple[PluginRef, ...] | None:
    """Give the plugins of a distribution that is left out; None if they cannot be read either."""
    try:
        entries = _entries(distribution.read_text("entry_points.txt") or "")
    except Exception:  # noqa: BLE001 - that it cannot be read has been said already
        return None
    return tuple(_refs_of(Copy(name, "", location, 0, entries)))


def location_of(distribution: Distribution) -> str:
    """Give the folder of the metadata; some finders know only the folder that holds it."""
    return str(getattr(distribution, "_path", None) or distribution.locate_file(""))


def _unreadable(distribution: Distribution, file: str, error: Exception) -> Problem:
    location = location_of(distribution)
    name = location.replace("\\", "/").rpartition("/")[2].partition("-")[0]
    reason = f"its {file} cannot be read ({cause_text(error)}); reinstall the distribution"
    return Problem(name, None, location, "broken", reason, _lost(distribution, name, location))
