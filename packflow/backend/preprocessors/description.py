"""What a preprocessor says of itself to who asks what a call does: in words, and in stages that can be timed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from packflow.backend.preprocessors.base import Preprocessor
from packflow.backend.preprocessors.plan import MAX_DEPTH, Path, Plan

if TYPE_CHECKING:
    from packflow.backend.preprocessors.compiled import Compiled
    from packflow.backend.preprocessors.nested import Step

#: ``"generated"``: functions made for the configuration; ``"learning"``: they are made when the layouts of records have
#: come up often enough, and none has yet; ``"interpreted"``: there are none; ``"none"``: nothing is done.
Code = Literal["generated", "learning", "interpreted", "none"]

#: A part of a preprocessor's work by name, and the function that does it to one record, or to what the stage before
#: it gave for one.
Stages = tuple[tuple[str, Callable[[Any], Any]], ...]


class Part(NamedTuple):
    """One thing that is done to every record.

    Example:
        >>> Part("round", ("price to 2 places", "weight to 1 place")).name
        'round'
    """

    #: A verb, such as ``"rename"``, ``"flatten"`` or ``"select"``.
    name: str
    #: What exactly; an item for each field, or one in words.
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Description:
    """What a preprocessor does to a batch.

    Example:
        >>> from packflow import BackendConfig
        >>> from packflow.backend.preprocessors import get_preprocessor
        >>> preprocess = get_preprocessor(BackendConfig(rename_fields={"a": "x"}))
        >>> preprocess.describe_plan().parts
        (Part(name='rename', lines=('a -> x',)),)

    Attributes:
        parts: what is done, in order.
        gives: what comes out, in words.
        refuses: what makes it refuse a record, in words.
        code: how it is done; None where that is not said.
        source: the Python source that was generated, or the latest of it.
        stages: the same work in stages, each on one record at a time; empty where they are not to be told apart. What
            the last one gives is a record, or a row of cells.
        finish: what is made of all that the last stage gave; None where that is the result.
    """

    parts: tuple[Part, ...] = ()
    gives: str | None = None
    refuses: tuple[str, ...] = ()
    code: Code | None = None
    source: str | None = None
    stages: Stages = ()
    finish: tuple[str, Callable[[list[Any]], Any]] | None = None


def description_of(preprocessor: Preprocessor) -> Description | None:
    """Give what a preprocessor says of itself; None where its own class does not say anything."""
    if "describe_plan" not in vars(type(preprocessor)):
        return None
    found = preprocessor.describe_plan()
    return found if isinstance(found, Description) else None


def parts_of(plan: Plan) -> tuple[Part, ...]:
    """Put a plan into words.

    Example:
        >>> from packflow import BackendConfig
        >>> from packflow.backend.preprocessors.plan import compile_plan
        >>> [part] = parts_of(compile_plan(BackendConfig(feature_names=["a.b", "c"])))
        >>> part
        Part(name='select', lines=('a.b', 'c'))
    """
    parts = []
    if plan.moves:
        parts.append(Part("rename", tuple(f"{move.source.name} -> {move.target.name}" for move in plan.moves)))
    if plan.flatten:
        what = "dicts and lists" if plan.flatten_lists else "dicts"
        parts.append(Part("flatten", (f"nested {what}; names are joined with {plan.delimiter!r}",)))
    if plan.features:
        parts.append(Part("select", tuple(path.name for path in plan.features)))
    return tuple(parts)


def refusals_of(plan: Plan, *, literal_only: bool) -> tuple[str, ...]:
    """Say which records a plan refuses.

    Args:
        plan: the plan.
        literal_only: whether only a key that is spelt like a whole path is a collision, as it is for arrays.
    """
    found: list[str] = []
    nested = tuple(dict.fromkeys(path.name for path in plan.configured if path.nested))
    if plan.guarded and literal_only:
        found.append(f"a record with a key spelt like a path: {', '.join(map(repr, nested))}")
    elif plan.guarded:
        found.append(f"a key with {plan.delimiter!r} in it, in {_walked(plan.configured, plan.delimiter)}")
    if plan.flatten and literal_only and not plan.moves:
        found += [
            "two fields that would get the name of one feature",
            "a key that is no text, where a feature is missing",
        ]
    elif plan.flatten:
        found += ["two fields that would get one name", "a key that is no text"]
    if plan.moves and not plan.flatten and any(move.target.nested for move in plan.moves):
        found.append("a field that is renamed into one that holds no dict")
    if plan.flatten or plan.moves or plan.features:
        found.append(f"dicts that are nested more than {MAX_DEPTH} levels deep")
    return tuple(found)


def _walked(paths: tuple[Path, ...], delimiter: str) -> str:
    """Name the dicts that paths walk through."""
    ways = dict.fromkeys(path.steps[:depth] for path in paths for depth in range(1, len(path.steps)))
    return ", ".join(["the record itself", *(delimiter.join(way) for way in ways)])


def code_of(compiled: Compiled | None) -> Code:
    """Say whether functions were generated for a configuration."""
    if compiled is None:
        return "interpreted"
    return "learning" if compiled.source is None else "generated"


def stages_of(plan: Plan, steps: tuple[Step, ...]) -> Stages:
    """Name the steps that a plan compiles to where it does not flatten."""
    names = [*(["rename"] if plan.moves else []), *(["select"] if plan.features else [])]
    return tuple(zip(names, steps, strict=True))
