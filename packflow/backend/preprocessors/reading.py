"""Which fields of a record a plan reads, so that a source need not make the others.

A preprocessor says it with ``fields_read()``. The promise: a record cut down to these fields gives the same result and
the same error as the whole record does.
"""

from __future__ import annotations

from packflow.backend.preprocessors.base import Fields
from packflow.backend.preprocessors.plan import Plan


def fields_of_array(plan: Plan) -> Fields | None:
    """Give the fields that an array's cells come from; None where the rest of the record makes a difference.

    Example:
        >>> from packflow import BackendConfig
        >>> from packflow.backend.preprocessors.plan import compile_plan
        >>> fields_of_array(compile_plan(BackendConfig(feature_names=["x", "pos.lat"])))
        (('x',), ('pos', 'lat'), ('pos.lat',))

    A key that is spelt like a path is read too: it is refused, or wins over the path.
    """
    if plan.moves or plan.flatten or not plan.features:
        return None  # renaming and flattening look at every field: for its depth, and for doubled names
    nested = tuple(path for path in plan.features if path.nested)
    return (*(path.steps for path in plan.features), *((path.name,) for path in nested))


def fields_of_selection(plan: Plan) -> Fields | None:
    """Give the fields that selected records are made of; None where the rest of the record makes a difference."""
    if plan.guarded:
        return None  # any key on the way of a path may have the delimiter in it
    return fields_of_array(plan)
