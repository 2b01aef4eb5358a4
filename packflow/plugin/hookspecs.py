"""The hooks: what packflow tells a plugin of the kind ``hooks``, in the order of a program's life.

A plugin is a module (or an instance) that the entry-point group ``packflow.plugins`` names. It implements any of these
functions, marked with :data:`packflow.plugin.hookimpl`, and takes those of the arguments that it needs, by name:

.. code-block:: toml

    [project.entry-points."packflow.plugins"]
    timings = "acme_timings.hooks"

Every plugin that implements a hook is called, sorted by distribution and name. A plugin that fails is logged, and the
others are called all the same. A hook is an ordinary function: no coroutine, no generator, no wrapper round others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packflow.plugin.markers import hookspec

if TYPE_CHECKING:
    from packflow.backend.base import InferenceBackend
    from packflow.backend.metrics import ExecutionMetrics
    from packflow.plugin.manager import Registrar

# --- Registration: once, when packflow first needs hooks, or a name that no distribution declares -------------------


@hookspec
def packflow_register_backends(registry: Registrar) -> None:
    """Register backends whose names are known only when the program runs.

    A backend whose name is fixed needs no hook: declare it in the entry-point group ``packflow.backends``.

    Example:
        >>> from packflow.plugin import hookimpl
        >>> @hookimpl
        ... def packflow_register_backends(registry):
        ...     for size in ("small", "large"):
        ...         registry.register(f"acme-{size}", f"acme.models:{size.title()}")

    Args:
        registry: takes a name and a target, which is the object or a text ``"module:object"`` that is imported when
            the name is asked for. A name that some distribution declares keeps its meaning; the one registered here is
            then reached as ``distribution/name``.
    """


@hookspec
def packflow_register_preprocessors(registry: Registrar) -> None:
    """Register preprocessors whose names are known only when the program runs.

    Example:
        >>> from packflow.plugin import hookimpl
        >>> @hookimpl
        ... def packflow_register_preprocessors(registry):
        ...     registry.register("acme-tokens", "acme.text:TokenPreprocessor")

    Args:
        registry: as for :func:`packflow_register_backends`.
    """


@hookspec
def packflow_register_normalizers(registry: Registrar) -> None:
    """Register normalizers; the name is the qualified type's, or the library's root module.

    Example:
        >>> from packflow.plugin import hookimpl
        >>> @hookimpl
        ... def packflow_register_normalizers(registry):
        ...     registry.register("acme.money.Money", "acme.packflow:MoneyNormalizer")

    Args:
        registry: as for :func:`packflow_register_backends`.
    """


# --- The life of a backend -----------------------------------------------------------------------------------------


@hookspec
def packflow_backend_initialized(backend: InferenceBackend) -> None:
    """A backend has been constructed and its ``initialize()`` has returned.

    Example:
        >>> from packflow.plugin import hookimpl
        >>> @hookimpl
        ... def packflow_backend_initialized(backend):
        ...     print("ready:", type(backend).__name__)

    Args:
        backend: the backend, ready to be called.
    """


@hookspec
def packflow_call_finished(backend: InferenceBackend, metrics: ExecutionMetrics) -> None:
    """A call to a backend has given its results. At most once a call, in the thread of the call.

    Example:
        >>> from packflow.plugin import hookimpl
        >>> @hookimpl
        ... def packflow_call_finished(backend, metrics):
        ...     print(metrics.batch_size, "records in", metrics.total_execution_time, "ms")

    Args:
        backend: the backend that was called.
        metrics: the call's own metrics, in milliseconds.
    """


@hookspec
def packflow_call_failed(backend: InferenceBackend, step: str | None, error: BaseException) -> None:
    """A call to a backend has failed; the caller gets a packflow error afterwards. At most once a call.

    Example:
        >>> from packflow.plugin import hookimpl
        >>> @hookimpl
        ... def packflow_call_failed(backend, step, error):
        ...     print(type(backend).__name__, "failed in", step, "with", type(error).__name__)

    Args:
        backend: the backend that was called.
        step: the step that failed (``"execute"``), where one did; otherwise None.
        error: what the step raised, or what packflow says of the step's result. The caller's error has it as its cause
            or is the same.
    """


@hookspec
def packflow_backend_closing(backend: InferenceBackend) -> None:
    """A backend is about to be closed. Once a backend, in the thread that closes it, before its ``shutdown()``.

    Not every backend is closed: many live until their process ends, and then nobody is told.

    Example:
        >>> from packflow.plugin import hookimpl
        >>> @hookimpl
        ... def packflow_backend_closing(backend):
        ...     print("closing:", type(backend).__name__)

    Args:
        backend: the backend, which still works.
    """
