"""What can be read off pydantic's fields without validating anything."""

from __future__ import annotations

from pydantic.fields import FieldInfo


def aliases_of(field: FieldInfo) -> set[str]:
    """Give the names, beside its own, under which a field takes its value.

    Example:
        >>> from pydantic import Field
        >>> aliases_of(Field(alias="awsRegion"))
        {'awsRegion'}
    """
    offered = (field.alias, field.validation_alias, *getattr(field.validation_alias, "choices", ()))
    return {alias for alias in offered if isinstance(alias, str)}
