"""The two pluggy markers. A plugin's module imports this at its top, so nothing heavier than pluggy belongs here.

Example:
    >>> from packflow.plugin import hookimpl
    >>> @hookimpl
    ... def packflow_call_finished(backend, metrics):
    ...     print(type(backend).__name__, metrics.total_execution_time)
"""

from __future__ import annotations

from typing import Final

import pluggy

#: The name under which pluggy keeps packflow's hooks apart from those of other programs.
PROJECT_NAME: Final = "packflow"

#: Every hook's name begins with this.
PREFIX: Final = "packflow_"

#: Marks a function in :mod:`packflow.plugin.hookspecs` as a hook. Plugins do not need it.
hookspec: Final = pluggy.HookspecMarker(PROJECT_NAME)

#: Marks a plugin's function as the implementation of the hook of the same name.
hookimpl: Final = pluggy.HookimplMarker(PROJECT_NAME)
