"""``packflow plugins lock``: write down which plugins are installed, exactly; or compare what is written with them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from packflow.plugin.lockable import Lockable
    from packflow.plugin.locks import Difference, PluginLock
    from packflow.plugin.settled import Settled

DEFAULT = "packflow-lock.toml"


@click.command("lock")
@click.option("-o", "--output", metavar="FILE", envvar="PACKFLOW_PLUGIN_LOCK", show_envvar=True, default=DEFAULT,
              show_default=True, help="The lock file; - for standard output.")  # fmt: skip
@click.option("--check", is_flag=True, help="Write nothing: say in what the file differs from what is installed.")
@click.option("--verify", is_flag=True, help="With --check: look for files changed after they were installed, too.")
@click.option("--json", "as_json", is_flag=True, help="With --check: print JSON, one object a difference.")
def lock(output: str, check: bool, verify: bool, as_json: bool) -> None:
    """Write down which plugins may be used, exactly. None of them is imported.

    With PACKFLOW_PLUGIN_LOCK=FILE, packflow refuses plugins that are not as the file says. The exit status of --check
    is 1 if there is any difference.
    """
    from packflow.plugin.lockable import lockable

    if not check and (verify or as_json):
        raise click.UsageError(f"{'--verify' if verify else '--json'} goes with --check.")
    if not output:
        wrong = "it is empty; expected a file's name, or - for standard output."
        raise click.BadParameter(wrong, param_hint="--output")
    settled = _settled()
    found = lockable(settled.installed, settled.policy)
    if check:
        raise SystemExit(_compare(output, found, verify=verify, as_json=as_json))
    _write(output, found.lock, found)
    _tell_left_out(settled, found)


def _settled() -> Settled:
    """Read what is installed, and the settings but for the lock that is to be replaced."""
    from packflow.exceptions import PluginError
    from packflow.plugin import policy
    from packflow.plugin.index import scan
    from packflow.plugin.settled import settle

    settled = settle(scan(), policy.read(os.environ)._replace(lock=None))
    for mistake in settled.mistakes.values():
        if settled.policy.strict:
            raise PluginError(mistake)
        _say(f"Warning: {mistake}")
    return settled


def _write(output: str, lock: PluginLock, found: Lockable) -> None:
    from packflow.cli.streams import open_sink, standard_output
    from packflow.plugin.lockable import refuse_unrecorded
    from packflow.plugin.lockfile import is_lock_file, to_text

    refuse_unrecorded(found)
    if output == "-":
        with standard_output() as stream:
            click.echo(to_text(lock), file=stream, nl=False)
    else:
        there = os.path.isfile(output)  # noqa: PTH113  # it raises for no name; writing tells what is wrong with one
        if there and os.access(output, os.R_OK) and not is_lock_file(Path(output)):
            raise click.ClickException(f"{output} is no lock file, and is left as it is. Name another file: -o FILE.")
        with open_sink(output, None) as sink:
            sink.write(to_text(lock).encode())
    distributions = len(found.records)
    _say(
        f"{'<stdout>' if output == '-' else output}: {len(lock.plugins)} plugins of {distributions} "
        f"distribution{'s' * (distributions != 1)}"
    )


def _tell_left_out(settled: Settled, found: Lockable) -> None:
    for plugin, reason in found.left_out.values():
        _say(f"Left out: the {plugin.kind} plugin {plugin.name!r} of {plugin.distribution} {plugin.version}: {reason}")
    for problem in settled.installed.problems:
        if problem.state == "broken":
            _say(f"Left out: {problem.distribution} at {problem.location}: {problem.reason}")
    _tell_unnoticed(found)


def _tell_unnoticed(found: Lockable) -> None:
    from packflow.plugin.lockable import unnoticed_changes

    for reason in unnoticed_changes(found):
        _say(f"Warning: {reason}: changes of its files go unnoticed")


def _compare(output: str, found: Lockable, *, verify: bool, as_json: bool) -> int:
    from packflow.cli.streams import standard_output
    from packflow.cli.terminal import printable
    from packflow.plugin.lockable import changed_since
    from packflow.plugin.lockfile import read_lock
    from packflow.plugin.locks import differences

    reasons = {key: reason for key, (_, reason) in found.left_out.items()}
    told: list[Difference] = differences(read_lock(output), found.lock, reasons)
    if verify:
        told += changed_since(found)
        _tell_unnoticed(found)
    with standard_output() as stream:
        if as_json:
            click.echo(json.dumps([one._asdict() for one in told], indent=2), file=stream)
        else:
            for one in told:
                click.echo(printable(one.text), file=stream)
    if told:
        _say(f"{output}: {len(told)} difference{'s' * (len(told) != 1)}")
    else:
        _say(f"{output} holds what is installed")
    return 1 if told else 0


def _say(text: str) -> None:
    from packflow.cli.terminal import printable

    click.echo(printable(text), err=True)
