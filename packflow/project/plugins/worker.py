"""What runs in a process made for it: the samples, with a project or with the package that was made of it.

Packflow's own part of it is `packflow.project.validation.worker`'s; the parent's side is `trying`.
"""

from __future__ import annotations

import atexit
import faulthandler
import json
import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from packflow.project.validation.worker import load_core
from packflow.utils.causes import cause_text
from packflow.utils.processes.answering import ANSWER, BEGUN, ENDED, open_trace, printed_so_far, take_key, writer

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from packflow.backend.base import InferenceBackend
    from packflow.project import PackflowProject


def main(
    folder: str,
    path: str,
    source: str,
    target: str,
    libraries: tuple[str, ...],
    timeout: float,
    loaded: frozenset[str],
) -> None:
    """Run a project's samples twice, and write down what came of it.

    Args:
        folder: where the answer goes; it exists.
        path: the project's folder.
        source: a folder with a package; empty for the project itself.
        target: the backend in that package, as ``module:object``.
        libraries: those of which it is to be told whether importing them does something to the process.
        timeout: how long it may take, in seconds.
        loaded: the modules that the interpreter has loaded by itself.
    """
    write = writer(folder, take_key())
    atexit.register(lambda: write(ENDED, {}))
    trace = open_trace(folder)
    sys.dont_write_bytecode = True  # the package is about to be handed over
    try:
        load_core()
        from packflow.project import PackflowProject

        project = PackflowProject(path)
        write(BEGUN, {"sizes": printed_so_far()})
        faulthandler.dump_traceback_later(timeout, exit=True, file=trace)
        if source:
            sys.path.insert(0, source)
        write(ANSWER, _seen(project, target if source else "", libraries, loaded))
    except BaseException as error:  # noqa: BLE001  # whatever that code raises is what is to be told
        write(ANSWER, {"failure": cause_text(error)})


def _seen(project: PackflowProject, target: str, libraries: tuple[str, ...], loaded: frozenset[str]) -> dict[str, Any]:
    from packflow.loaders import ModuleLoader
    from packflow.project.environment import set_environment
    from packflow.project.loading import loader_of
    from packflow.testing.judging.child import import_packflow
    from packflow.testing.judging.watching import Watch

    config = project.config
    set_environment(config.env, str(project.file))
    loader = ModuleLoader(target) if target else loader_of(config, project.path)
    import_packflow()
    modules = set(sys.modules) | loaded
    with Watch(libraries) as watch:
        found = loader.resolve()
    if not isinstance(found, type):
        return {"failure": f"it is an instance of {type(found).__name__}", "is_instance": True}
    brought = sorted({name.partition(".")[0] for name in set(sys.modules) - modules})
    backend = found() if target else project.load()
    with backend:
        outputs, again = (_outputs(backend, project.samples()) for _ in range(2))
    own = {"loud": sorted(watch.loud), "prints": bool(watch.printed), "changes": bool(watch.changed)}
    return {"outputs": outputs, "again": again, "brought": brought, **own, **_settings(found, config.backend_config)}


def _outputs(backend: InferenceBackend, samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    outputs: Any = backend.validate(samples)
    return [dict(row) for row in outputs]


def _settings(found: type[InferenceBackend], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say what suite and README are to know of a backend's settings; ``given`` are those that the project gives it."""
    from packflow.backend.configuration import BackendConfig
    from packflow.backend.declaration import chosen_model
    from packflow.project.paths import placed_in

    model = chosen_model(found)
    own = {name: field for name, field in model.model_fields.items() if name not in BackendConfig.model_fields}
    placed = placed_in(Path("/"), given, model)
    return {
        "defaults": {name: _default(field) for name, field in own.items() if not field.is_required()},
        "paths": [name for name in given if placed[name] != given[name]],
        "settings": {name: field.description or "" for name, field in own.items()},
        "strict": model.model_config.get("extra") == "forbid",
        "file": str(Path(sys.modules[found.__module__].__file__ or "")),
    }


def _default(field: FieldInfo) -> str:
    """Write a setting's default as JSON; an empty text where it is made anew each time, or is no JSON."""
    if field.default_factory in (list, dict, set, frozenset, tuple):
        return "{}" if field.default_factory is dict else "[]"
    default = field.default.value if isinstance(field.default, Enum) else field.default
    default = default.as_posix() if isinstance(default, PurePath) else default
    try:
        return "" if field.default_factory else json.dumps(default, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return ""
