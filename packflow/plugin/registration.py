"""A plugin that is registered while the program runs: directly, or by a hooks plugin. It can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from packflow.plugin import apiversion
from packflow.plugin.kinds import name_key, name_problem, object_problem
from packflow.plugin.refs import PluginRef, value_problem

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self


class Registration:
    """A plugin that is registered while the program runs.

    Example:
        >>> from packflow import InferenceBackend, plugin
        >>> class Echo(InferenceBackend):
        ...     def execute(self, inputs):
        ...         return inputs
        >>> with plugin.register("backend", "echo", Echo):
        ...     plugin.load("backend", "echo") is Echo
        True

    Attributes:
        kind: the kind of plugin.
        name: its name, as it was registered.
        target: the object, or the text ``"module:object"``.
        distribution: the distribution whose hooks plugin registered it; None if it was registered directly.
        version: that distribution's version.
        plugin: the qualified name of that hooks plugin.
    """

    __slots__ = ("_remove", "distribution", "kind", "name", "plugin", "target", "version")

    def __init__(
        self,
        kind: str,
        name: str,
        target: Any,
        *,
        distribution: str | None = None,
        version: str | None = None,
        plugin: str | None = None,
        remove: Callable[[Registration], None] | None = None,
    ) -> None:
        self.kind = kind
        self.name = name
        self.target = target
        self.distribution = distribution
        self.version = version
        self.plugin = plugin
        self._remove = remove

    @property
    def key(self) -> str:
        """The name in the form in which names of this kind are compared."""
        return name_key(self.kind, self.name)

    @property
    def qualified(self) -> str:
        """``distribution/name`` where a hooks plugin registered it; otherwise the name."""
        return f"{self.distribution}/{self.name}" if self.distribution else self.name

    @property
    def lazy(self) -> bool:
        """Whether the object is still to be imported."""
        return isinstance(self.target, str)

    @property
    def value(self) -> str:
        """Where the object is, as ``module:object``."""
        if isinstance(self.target, str):
            return self.target
        owner = self.target if isinstance(self.target, type) else type(self.target)
        return f"{owner.__module__}:{owner.__qualname__}"

    def remove(self) -> None:
        """Take the registration back. What had the name before has it again. Doing it twice does nothing."""
        if self._remove is not None:
            self._remove(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.remove()

    def __repr__(self) -> str:
        return f"<Registration {self.kind} {self.name!r} = {self.value}>"


#: Whatever a name can mean: what is installed, or what is registered while the program runs.
Plugin = PluginRef | Registration


def registration_problem(entry: Registration) -> str | None:
    """Say why a registration cannot stand; None if it can. A text is looked at, not imported."""
    if not isinstance(entry.name, str):
        return f"its name is {entry.name!r}, where a text is expected"
    if isinstance(entry.target, str):
        return name_problem(entry.name) or value_problem(entry.target)
    return (
        name_problem(entry.name)
        or object_problem(entry.kind, entry.target)
        or apiversion.check(entry.target, entry.qualified)
    )
