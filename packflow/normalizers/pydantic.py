"""The normalizer for pydantic: models become what they themselves say they are when dumped.

It is imported when an object of a class that pydantic defines, or a model derived from one, is met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, RootModel, SecretBytes, SecretStr

from packflow.exceptions import NormalizationError
from packflow.normalizers.base import Normalizer, Rows

if TYPE_CHECKING:
    from collections.abc import Callable


class PydanticNormalizer(Normalizer):
    """Converts models as ``model_dump()`` does: aliases, excluded and computed fields, serializers included.

    Secrets are refused, so that none gets into outputs by accident.
    """

    def to_native(self, obj: BaseModel) -> Any:
        """Give the model's data; what it holds is converted by its own rules."""
        # Values that do not match the annotations are looked at by the walk; pydantic need not warn of them.
        return obj.model_dump(warnings=False)

    def rows(self, obj: Any) -> Rows | None:
        """Give the rows of a model whose root is a list."""
        if isinstance(obj, RootModel) and isinstance(obj.root, (list, tuple)):
            return Rows(self.to_native(obj))
        return None

    def converter(self, cls: type) -> Callable[[Any], Any] | None:
        """Take models and secrets, and the URL types that pydantic defines."""
        if issubclass(cls, BaseModel):
            return self.to_native
        if issubclass(cls, (SecretStr, SecretBytes)):
            return _refuse_secret
        return None


def _refuse_secret(_: SecretStr | SecretBytes) -> Any:
    raise NormalizationError("a secret is not written out; leave it away, or give its get_secret_value()")
