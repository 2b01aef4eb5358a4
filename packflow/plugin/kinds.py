"""The five kinds of plugin: their entry-point groups, how their names compare, and what an object of each must be.

Adding a kind means adding it here; nothing else in this package knows one kind from another, except that plugins
of the kind ``hooks`` are all used where the others are chosen by name.
"""

from __future__ import annotations

import re
from types import BuiltinFunctionType, FunctionType, MappingProxyType, ModuleType
from typing import Any

#: Each kind with the entry-point group that declares it.
GROUPS = MappingProxyType(
    {
        "backend": "packflow.backends",
        "preprocessor": "packflow.preprocessors",
        "normalizer": "packflow.normalizers",
        "template": "packflow.templates",
        "hooks": "packflow.plugins",
    }
)

#: Each group with its kind.
KIND_OF_GROUP = MappingProxyType({group: kind for kind, group in GROUPS.items()})

#: The distribution whose plugins are the built-ins.
OWN_DISTRIBUTION = "packflow"

#: The names of the built-ins. They are reserved even where packflow's own metadata is stale and does not declare them.
BUILT_IN_NAMES = MappingProxyType(
    {
        "backend": frozenset[str](),
        "preprocessor": frozenset({"numpy", "passthrough", "records"}),
        "normalizer": frozenset({"PIL", "jax", "jaxlib", "numpy", "pandas", "pydantic", "tensorflow", "torch"}),
        "template": frozenset({"minimal"}),
        "hooks": frozenset[str](),
    }
)

_SEPARATORS = re.compile(r"[-_.]+")


def fold(name: str) -> str:
    """Give the form in which two spellings of one name are equal: case and ``-``, ``_``, ``.`` make no difference.

    Example:
        >>> fold("Acme_Fast.Models")
        'acme-fast-models'
    """
    return _SEPARATORS.sub("-", name).lower()


def name_key(kind: str, name: str) -> str:
    """Give the form in which names of a kind are compared.

    Example:
        >>> name_key("backend", "My_Model"), name_key("normalizer", "torch.Tensor")
        ('my-model', 'torch.Tensor')

    A normalizer's name is that of a type or of a library, where case and dots mean something, so it is compared as
    it is.
    """
    return name if kind == "normalizer" else fold(name)


def name_problem(name: str) -> str | None:
    """Say why a name cannot be a plugin's; None if it can."""
    if not name.strip():
        return "its name is empty; give it one"
    if "/" in name or ":" in name:
        return (
            f"its name {name!r} contains {'/' if '/' in name else ':'!r}, which packflow needs for the spellings "
            "'distribution/name' and 'module:object'; choose a name without '/' and ':'"
        )
    return None


def object_problem(kind: str, found: Any) -> str | None:
    """Say why an object cannot be a plugin of a kind; None if it can.

    Example:
        >>> object_problem("hooks", dict)
        "it is the class 'builtins.dict', where a module or an instance is expected; make an instance of it"
    """
    if kind == "hooks":
        return _hooks_problem(found)
    base = _base_class(kind)
    if isinstance(found, type):
        return None if issubclass(found, base) else f"it is {describe(found)}, which is no subclass of {base.__name__}"
    if kind == "preprocessor":
        return f"it is {describe(found)}, where a subclass of {base.__name__} is expected"
    if isinstance(found, base):
        return None
    return f"it is {describe(found)}, where a subclass or an instance of {base.__name__} is expected"


def _base_class(kind: str) -> type:
    """Import what plugins of a kind derive from; late, for those modules are not needed to list or find plugins."""
    if kind == "backend":
        from packflow.backend.base import InferenceBackend

        return InferenceBackend
    if kind == "preprocessor":
        from packflow.backend.preprocessors.base import Preprocessor

        return Preprocessor
    if kind == "template":
        from packflow.project.templates import ProjectTemplate

        return ProjectTemplate
    from packflow.normalizers.base import Normalizer

    return Normalizer


def _hooks_problem(found: Any) -> str | None:
    if isinstance(found, type):
        return f"it is {describe(found)}, where a module or an instance is expected; make an instance of it"
    if found is None or isinstance(found, (str, bytes, int, float)):
        return f"it is {describe(found)}, where a module or an instance with hook functions is expected"
    return None


def describe(found: Any) -> str:
    """Say in a few words what an object is: ``the class 'acme.Model'``, ``the module 'acme'``, ``a 'builtins.int'``."""
    if isinstance(found, type):
        return f"the class '{found.__module__}.{found.__qualname__}'"
    if isinstance(found, ModuleType):
        return f"the module {found.__name__!r}"
    if isinstance(found, (FunctionType, BuiltinFunctionType)):
        return f"the function '{found.__module__}.{found.__qualname__}'"
    if found is None:
        return "None"
    return f"a '{type(found).__module__}.{type(found).__qualname__}'"
