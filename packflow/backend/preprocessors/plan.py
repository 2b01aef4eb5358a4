"""The plan that a configuration compiles to: every configured name split, every decision taken, once.

Terms: a *path* is a name split at the delimiter. The order of work is rename, then flatten, then select.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from packflow.backend.configuration import BackendConfig

#: The deepest nesting of a record that is handled; a deeper one (or one that contains itself) is refused.
MAX_DEPTH = 500


class Path(NamedTuple):
    """A configured name and the steps it is made of.

    Example:
        >>> Path.of("a.b", ".")
        Path(name='a.b', steps=('a', 'b'))
    """

    name: str
    steps: tuple[str, ...]

    @classmethod
    def of(cls, name: str, delimiter: str) -> Path:
        """Split a name."""
        return cls(name, tuple(name.split(delimiter)))

    @property
    def nested(self) -> bool:
        """Whether the name uses the delimiter."""
        return len(self.steps) > 1


class Move(NamedTuple):
    """One renaming: what is taken from where, to where."""

    source: Path
    target: Path


@dataclass(frozen=True)
class Plan:
    """What is to be done to each record."""

    delimiter: str
    moves: tuple[Move, ...]
    flatten: bool
    flatten_lists: bool
    features: tuple[Path, ...]
    #: A key that is spelt like a whole path wins over the path (``ignore_delimiter_collisions``).
    literal_first: bool

    @property
    def does_nothing(self) -> bool:
        """Whether records come out as they went in."""
        return not (self.moves or self.flatten or self.features)

    @property
    def nested(self) -> bool:
        """Whether any configured name uses the delimiter."""
        return any(path.nested for path in self.configured)

    @property
    def configured(self) -> tuple[Path, ...]:
        """Every name that the configuration gives, in the order in which it is used."""
        return (*(path for move in self.moves for path in move), *self.features)

    @property
    def guarded(self) -> bool:
        """Whether keys that contain the delimiter put a path in doubt."""
        return self.nested and not self.flatten and not self.literal_first


def idle_flattening(config: BackendConfig) -> list[str]:
    """Name ``flatten_lists`` where it was given and nothing is flattened."""
    given = config.flatten_lists and "flatten_lists" in config.model_fields_set
    return (
        ["flatten_lists=True (it needs flatten_nested_inputs=True)"]
        if given and not config.flatten_nested_inputs
        else []
    )


def compile_plan(config: BackendConfig) -> Plan:
    """Compile a configuration.

    Example:
        >>> from packflow import BackendConfig
        >>> compile_plan(BackendConfig(feature_names=["a.b"])).features
        (Path(name='a.b', steps=('a', 'b')),)
    """
    delimiter = config.nested_field_delimiter
    return Plan(
        delimiter=delimiter,
        moves=tuple(
            Move(Path.of(source, delimiter), Path.of(target, delimiter))
            for source, target in config.rename_fields.items()
        ),
        flatten=config.flatten_nested_inputs,
        flatten_lists=config.flatten_lists,
        features=tuple(Path.of(name, delimiter) for name in config.feature_names),
        literal_first=config.ignore_delimiter_collisions,
    )
