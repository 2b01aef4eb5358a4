"""Load a backend from an installed package: by module and object, or by the name it is registered under."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from packflow.exceptions import InferenceBackendLoadError, PluginError, UnknownPluginError
from packflow.loaders.failures import describe_import_failure
from packflow.loaders.target import (
    Target,
    as_backend,
    check_backend,
    check_module_name,
    check_text,
    file_of,
    object_in,
    split_target,
)
from packflow.utils.importing import import_whole

if TYPE_CHECKING:
    from packflow.backend.base import InferenceBackend

_EXAMPLE = "pkg.module:Object"


class ModuleLoader:
    """Loads a backend from an installed package.

    Example:
        >>> from packflow.loaders import ModuleLoader
        >>> backend = ModuleLoader("myproject.backends:MyModelBackend").load()  # doctest: +SKIP
        >>> backend = ModuleLoader("my-model").load(verbose=False)  # doctest: +SKIP

    ``"pkg.module:Object"`` imports the module and takes the object (which may be dotted). A target without a
    colon is the name under which a package registers the backend in the entry-point group
    ``packflow.backends``; only that package is imported. Where several packages register one name,
    ``"distribution/name"`` says which is meant.

    Args:
        target: module and object, or a registered name.

    Raises:
        InferenceBackendLoadError: the target is not spelt like one.
    """

    def __init__(self, target: str) -> None:
        self.target = check_text(target, "ModuleLoader", _EXAMPLE)
        self._parts: Target | None = None
        if ":" in target:
            parts = split_target(target, "ModuleLoader", _EXAMPLE)
            if parts.place.endswith(".py") or "/" in parts.place or "\\" in parts.place:
                raise InferenceBackendLoadError(
                    f"The target {target!r} of ModuleLoader has {parts.place!r} before its colon; expected a "
                    f"module, as in {_EXAMPLE!r}. For a file, use LocalLoader({target!r}); for a registered "
                    "name, as in 'distribution/name', leave the colon out."
                )
            check_module_name(parts.place, target, "ModuleLoader", _EXAMPLE)
            self._parts = parts

    def load(self, /, **config: Any) -> InferenceBackend:
        """Load the backend; a class is constructed with ``config``.

        Raises:
            InferenceBackendLoadError: there is no such module, object or registered name, importing it
                failed, it is no backend, or ``config`` was given for an instance.
            InferenceBackendInitializationError: the backend refused ``config``, or its ``initialize`` failed.
        """
        return as_backend(self.resolve(), config, repr(self))

    def resolve(self) -> type[InferenceBackend] | InferenceBackend:
        """Give the class, or the instance, that the target names; nothing is constructed.

        Raises:
            InferenceBackendLoadError: as for :meth:`load`.
        """
        found = self._by_name() if self._parts is None else self._by_module(self._parts)
        return check_backend(found, repr(self))

    def _by_name(self) -> Any:
        from packflow import plugin

        try:
            return plugin.load("backend", self.target)
        except UnknownPluginError as error:
            text = f"{self!r}: {error}{self._spelling()}"
            raise InferenceBackendLoadError(text).explained(error.explanation) from error
        except PluginError as error:
            raise InferenceBackendLoadError(f"{self!r}: {error}").explained(error.explanation) from error

    def _spelling(self) -> str:
        """Say how the other kinds of target are spelt, where the unknown name looks like one of them."""
        if self.target.endswith(".py"):
            return f" For a file, use LocalLoader({self.target + ':Object'!r})."
        if "." in self.target and all(part.isidentifier() for part in self.target.split(".")):
            module, _, name = self.target.rpartition(".")
            return (
                f" An object of a module is spelt 'module:object': {self.target + ':Object'!r}, or "
                f"{module + ':' + name!r}."
            )
        return ""

    def _by_module(self, parts: Target) -> Any:
        try:
            module = import_whole(parts.place)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a module that exits or is cancelled must not end the program
            if isinstance(error, ModuleNotFoundError) and f"{parts.place}.".startswith(f"{error.name}."):
                raise InferenceBackendLoadError(
                    f"{self!r}: there is no module {error.name!r} installed.{self._script_hint(parts)}"
                ) from error
            reason = describe_import_failure(error, parts.place.partition(".")[0])
            raise InferenceBackendLoadError(
                f"{self!r}: importing the module {parts.place!r} failed: {reason}"
            ) from error
        return object_in(module, parts.object, f"{self!r} ({file_of(module) or parts.place})")

    def _script_hint(self, parts: Target) -> str:
        script = Path(parts.place.replace(".", "/") + ".py")
        return f" For the script {str(script)!r}, use LocalLoader({self.target!r})." if script.is_file() else ""

    def __repr__(self) -> str:
        return f"ModuleLoader({self.target!r})"
