"""Generated code for plans, and the one place where the preprocessors ask for it.

The interpreter (:mod:`~packflow.backend.preprocessors.nested` and :mod:`~packflow.backend.preprocessors.flat`) says
what a plan means. A function that is generated here does the same for the records that it understands: plain dicts
that have what is asked for. Every other record it hands to the interpreter, one by one (``slow``); and whatever it
raises only means that the interpreter has to do the whole batch, and to say what is wrong with which row. So the rules
and the errors are written once, and a batch costs more only for its odd records.

Example:
    >>> from packflow import BackendConfig
    >>> from packflow.backend.preprocessors.plan import compile_plan
    >>> plan = compile_plan(BackendConfig(feature_names=["a", "b"]))
    >>> compiled = compile_records(plan, slow=lambda record: {"left to": "the interpreter"})
    >>> compiled.run([{"b": 1, "a": 2, "c": 3}, {"b": 1}])
    [{'a': 2, 'b': 1}, {'left to': 'the interpreter'}]
"""

from __future__ import annotations

from packflow.backend.preprocessors.compiled import flattening, reading, renaming
from packflow.backend.preprocessors.compiled.building import Compiled, Slow
from packflow.backend.preprocessors.compiled.cut import compile_cut_cells
from packflow.backend.preprocessors.plan import Plan

__all__ = ["Compiled", "compile_cells", "compile_cut_cells", "compile_records"]


def compile_records(plan: Plan, slow: Slow) -> Compiled | None:
    """Generate what turns a batch of records into new ones; None where there is only the interpreter.

    Args:
        plan: what is to be done.
        slow: the interpreter for one record: gives the new record, or raises.
    """
    if plan.flatten and not plan.features:
        return flattening.compile_flattening(plan, slow)
    if plan.moves and not plan.features:
        return renaming.compile_renaming(plan, slow)
    features = reading.readable(plan)
    return None if features is None else reading.compile_selection(plan, features, slow)


def compile_cells(plan: Plan, slow: Slow) -> Compiled | None:
    """Generate what reads the cells of a batch into one list, row by row; None where there is only the interpreter.

    Args:
        plan: what is to be done.
        slow: the interpreter for one record: gives the row's cells, or raises.
    """
    features = reading.readable(plan)
    return None if features is None else reading.compile_cells(plan, features, slow)
