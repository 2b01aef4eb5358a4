"""The plugins that packflow's own project publishes: what to install for a name that is asked for by hand.

Nothing is decided by this table. It is read when a name means nothing, to say where to get it.
"""

from __future__ import annotations

from types import MappingProxyType

from packflow.plugin.kinds import name_key

#: Each kind and name with the requirement that brings it.
PUBLISHED = MappingProxyType(
    {
        ("backend", "flights"): "packflow-flights",
        ("backend", "mlflow"): "packflow-mlflow",
        ("backend", "onnx"): "packflow-onnx",
        ("backend", "sklearn"): "packflow-sklearn",
        ("backend", "tensorflow"): "packflow-tensorflow",
        ("backend", "torch"): "packflow-torch",
        ("preprocessor", "arrow"): "packflow-frames[arrow]",
        ("preprocessor", "flights"): "packflow-flights",
        ("preprocessor", "pandas"): "packflow-frames[pandas]",
        ("preprocessor", "polars"): "packflow-frames[polars]",
        ("template", "onnx"): "packflow-onnx",
        ("template", "sklearn"): "packflow-sklearn",
    }
)


def qualified_name(name: str, requirement: str) -> str:
    """Give the qualified spelling of a published plugin.

    Example:
        >>> qualified_name("pandas", "packflow-frames[pandas]")
        'packflow-frames/pandas'
    """
    return f"{requirement.partition('[')[0]}/{name}"


def requirement(kind: str, name: str) -> str | None:
    """Give what to install for a name, bare or qualified; None if it is not one of ours.

    Example:
        >>> requirement("backend", "ONNX"), requirement("preprocessor", "onnx")
        ('packflow-onnx', None)
    """
    for (known_kind, known_name), needed in PUBLISHED.items():
        spelling = qualified_name(known_name, needed) if "/" in name else known_name
        if known_kind == kind and name_key(kind, spelling) == name_key(kind, name):
            return needed
    return None


def install_command(needed: str) -> str:
    """Give the line for a shell that installs a requirement.

    Example:
        >>> install_command("packflow-onnx"), install_command("packflow-frames[pandas]")
        ('pip install packflow-onnx', "pip install 'packflow-frames[pandas]'")
    """
    return f"pip install {needed!r}" if "[" in needed else f"pip install {needed}"
