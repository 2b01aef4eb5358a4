"""Handing the plugins of a process to its worker processes."""

from __future__ import annotations

from packflow.plugin.api import shared
from packflow.plugin.selections import PluginSelection


def selection() -> PluginSelection:
    """Give the plugins of this process as data, for its worker processes to :func:`adopt`.

    Example:
        >>> chosen = selection()
        >>> [plugin.name for plugin in chosen.lock.plugins if plugin.key[::2] == ("preprocessor", "packflow")]
        ['numpy', 'passthrough', 'records']

    Returns:
        What is installed and may be used, what is registered directly, and the settings. It can be pickled, hashed and
        compared.

    Raises:
        PluginLockError: something is registered that no other process could import; or a lock is in force, and what is
            installed is not what it holds.
    """
    return shared().selection()


def adopt(selection: PluginSelection) -> None:
    """Use exactly the plugins of the process that a selection comes from; made to be a worker's initializer.

    Example:
        >>> from concurrent.futures import ProcessPoolExecutor
        >>> def start_workers(count):
        ...     return ProcessPoolExecutor(count, initializer=adopt, initargs=(selection(),))

    From then on every name means what it meant there, and whatever else is installed is kept out. The selection's
    settings take the place of this process's own and of its environment variables. What this process registered before
    is dropped; what it registers afterwards is there as well.

    Args:
        selection: what :func:`selection` gave in the other process.

    Raises:
        PluginLockError: a plugin is not installed here, or in another version, with another value or from other files;
            or what is registered there cannot be imported here. The text names every difference.
    """
    shared().adopt(selection)
