"""The doctor's one function: read what is installed, import each plugin elsewhere, and put the findings together."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing

import packflow
from packflow.exceptions import PluginError
from packflow.plugin import policy, resolve, tracing
from packflow.plugin.doctor import DEFAULT_TIMEOUT
from packflow.plugin.doctor.children import probe_all
from packflow.plugin.doctor.distributions import Environment, read_environment
from packflow.plugin.doctor.judge import examination, registered_by, unexamined
from packflow.plugin.doctor.metadata import judge_copies, judge_files, judge_groups, judge_own, judge_problems
from packflow.plugin.doctor.names import choose_plugins, judge_entries, judge_name, meant_by, why_unexamined
from packflow.plugin.doctor.report import Examination, Finding, Report, finding
from packflow.plugin.doctor.requirements import judge_requirements
from packflow.plugin.index import Index, scan
from packflow.plugin.kinds import GROUPS, KIND_OF_GROUP, fold
from packflow.plugin.policy import Policy
from packflow.plugin.recorded import changed_files, read_record
from packflow.plugin.refs import PluginRef
from packflow.plugin.registration import Registration
from packflow.plugin.resolve import Surroundings
from packflow.plugin.settled import Settled, settle

_MOST_JOBS = 4

#: Is told how many plugins are examined, and how many there are to examine.
Progress = Callable[[int, int], None]


def examine(
    names: Sequence[str] = (),
    kind: str | None = None,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Say what is wrong with the plugins that are installed, each imported in a process of its own.

    Example:
        >>> from packflow.plugin.doctor import examine
        >>> report = examine(["packflow/records", "packflow/passthrough"])
        >>> [(plugin.name, plugin.status) for plugin in report.plugins]
        [('passthrough', 'ok'), ('records', 'ok')]
        >>> report.healthy()
        True

    Nothing that a plugin does while it is imported reaches this process: neither a crash nor an exit, a hang nor what
    it prints. What is registered directly is not examined; it is there already. The settings are those of the
    environment variables, which the processes inherit, whatever this one was configured with.

    Args:
        names: which plugins: their names, ``distribution/name``, or distributions; every plugin, if empty.
        kind: only plugins of this kind.
        timeout: how long importing one plugin may take, in seconds; then its process is ended.
        jobs: how many plugins are imported at once; as many as there are processors, and no more than 4, if None. The
            times are comparable if it is 1.
        progress: is called with how many plugins are examined, and how many there are.

    Returns:
        The report.

    Raises:
        UnknownPluginError: a name means no plugin that is installed.
        ValueError: `timeout` is no length of time, or `jobs` is below 1.
    """
    if not 0 < timeout < math.inf:  # which is not so for NaN either
        raise ValueError(f"timeout is {timeout!r}, where a number of seconds above 0 is expected.")
    if jobs is not None and jobs < 1:
        raise ValueError(f"jobs is {jobs!r}, where at least 1 is expected.")
    settled, unusable = read_settings(scan())
    index = settled.installed
    around = Surroundings(index, settled.policy, {})
    environment = read_environment()
    others = [*environment.copies, *(problem.distribution for problem in index.problems)]
    lost = [ref for problem in index.problems for ref in problem.lost or () if kind in (None, ref.kind)]
    chosen = choose_plugins(index.refs, names, kind, others, lost)
    about = list(_judge_environment(environment, settled.scanned))
    if names or kind is not None:
        meant = (*chosen, *meant_by(names, lost))
        of_interest = {fold(name) for name in (*names, *(plugin.distribution for plugin in meant))}
        about = [found for found in about if fold(found.distribution or "") in of_interest]
    elif not settled.policy.strict:
        about += judge_entries(settled.mistakes)
    about += unusable  # whatever was asked for: no plugin can be used with them
    jobs = jobs or min(_MOST_JOBS, os.cpu_count() or 1)
    plugins = _examine_plugins(around, chosen, timeout, jobs, progress or _silent)
    return Report(packflow.__version__, platform.python_version(), tuple(plugins), tuple(about))


def read_settings(installed: Index) -> tuple[Settled, list[Finding]]:
    """Give the settings that hold, and what makes every use of a plugin fail.

    Settings that cannot be understood are then as if they were not set.
    """
    try:
        tracing.begin(os.environ)
        settled = settle(installed, policy.read(os.environ))
    except PluginError as error:
        return settle(installed, Policy()), [_bad_setting(str(error))]
    lock = [str(settled.unreadable)] if settled.unreadable else []
    return settled, [_bad_setting(text) for text in (settled.warnings if settled.policy.strict else lock)]


def _bad_setting(text: str) -> Finding:
    what, _, remedy = text.partition(". ")
    return finding("bad-setting", what, remedy or "Correct it, or take it away.")


def _silent(done: int, total: int) -> None:
    """Tell nobody."""


def _judge_environment(environment: Environment, index: Index) -> Iterator[Finding]:
    shadowed = [problem.location for problem in index.problems if problem.state == "conflict"]
    yield from judge_own(environment.copies, index, packflow.__version__)
    yield from judge_problems(index.problems)
    for copies in environment.copies.values():
        yield from judge_copies(copies, shadowed)
        for copy in copies:
            if copy.location not in shadowed:
                extras = copy.extras(KIND_OF_GROUP)
                yield from judge_groups(copy)
                yield from judge_requirements(copy, extras, environment.versions, packflow.__version__)
                yield from judge_files(copy, changed_files(copy.location, read_record(copy.location).rows))


def _examine_plugins(
    around: Surroundings, chosen: Iterable[PluginRef], timeout: float, jobs: int, progress: Progress
) -> list[Examination]:
    examined: dict[PluginRef, Examination] = {}
    waiting: list[PluginRef] = []
    frozen = around.policy.frozen
    for plugin in chosen:
        why = why_unexamined(around, plugin, frozen.misplaced(plugin) if frozen else None)
        if why:
            examined[plugin] = unexamined(plugin, why, "unusable" if why.code == "bad-entry-point" else "blocked")
        else:
            waiting.append(plugin)
    total = len(waiting)
    progress(0, total)
    # Closed however the block ends, so that an interrupt ends the processes too.
    with closing(probe_all(waiting, timeout=timeout, jobs=jobs)) as endings:
        for done, (plugin, ending) in enumerate(endings, start=1):
            names = judge_name(around, plugin) if plugin in around.installed.refs else ()
            found = examination(plugin, ending, timeout)
            examined[plugin] = found._replace(findings=(*found.findings, *names))
            further = [each for each in registered_by(plugin, ending) if _may_be_used(around, each, plugin)]
            waiting.extend(further)  # their turn comes last
            total += len(further)
            progress(done, total)
    return [examined[plugin] for plugin in sorted(examined, key=_order)]


def _may_be_used(around: Surroundings, registered: PluginRef, source: PluginRef) -> bool:
    """Whether the settings allow what a hooks plugin registers."""
    entry = Registration(
        registered.kind,
        registered.name,
        registered.value,
        distribution=source.distribution,
        version=source.version,
        plugin=source.qualified,
    )
    return resolve.blocking(around.policy, entry) is None


def _order(plugin: PluginRef) -> tuple[int, str, str]:
    return list(GROUPS).index(plugin.kind), plugin.key, fold(plugin.distribution)
