"""The JSON Schema of ``packflow.yaml``, for editors. ``python -m packflow.project.schema`` prints it.

An editor reads ``version: 1.0`` as a number, where packflow reads the text; so wherever a text is expected, the schema
lets numbers and truth values through.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from packflow.project.config import NAME, VARIABLE, VERSION, ProjectConfig
from packflow.project.config_errors import EXAMPLES

_TEXT = ["string", "number", "boolean"]
_SHAPES: dict[str, dict[str, Any]] = {
    "name": {"type": _TEXT, "pattern": f"^{NAME}$"},
    "version": {"type": _TEXT, "pattern": f"^{VERSION}$"},
    "description": {"type": _TEXT},
    "maintainers": {"type": "array", "items": {"type": _TEXT, "pattern": "\\S"}},
    "loader": {"enum": ["local", "module"]},
    "inference_backend": {"type": "string", "pattern": "\\S"},
    "python_version": {"type": ["string", "number"]},
    "env": {
        "type": "object",
        "propertyNames": {"pattern": f"^{VARIABLE}$"},
        "additionalProperties": {"type": _TEXT},
    },
    "backend_config": {"type": "object"},
    "extra": {"type": "object"},
}


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 7, which editors know best) of ``packflow.yaml``.

    Example:
        >>> schema = json_schema()
        >>> schema["required"]
        ['name', 'version', 'inference_backend']
    """
    fields = ProjectConfig.model_fields
    required = [name for name, field in fields.items() if field.is_required()]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "packflow.yaml",
        "description": "A packflow project.",
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": {
            name: {
                "description": f"{fields[name].description} Example: {example}",
                **_shape(name, required=name in required),
            }
            for name, example in EXAMPLES.items()
        },
        # With the loader 'local', which is the default, only module:object will do.
        "if": {"properties": {"loader": {"const": "module"}}, "required": ["loader"]},
        "else": {"properties": {"inference_backend": {"pattern": ":"}}},
    }


def _shape(name: str, *, required: bool) -> dict[str, Any]:
    """Give what a field may be; one that is not required may have nothing behind its colon."""
    shape = _SHAPES[name]
    if required:
        return shape
    if "enum" in shape:
        return {**shape, "enum": [*shape["enum"], None]}
    kinds = shape["type"]
    return {**shape, "type": [*([kinds] if isinstance(kinds, str) else kinds), "null"]}


if __name__ == "__main__":
    sys.stdout.write(f"{json.dumps(json_schema(), indent=2)}\n")
