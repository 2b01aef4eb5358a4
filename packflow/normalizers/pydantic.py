"""The normalizer for pydantic: models, and the types that it defines, become what it dumps them as.

It is imported when an object of such a class is met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, PydanticSchemaGenerationError, RootModel, SecretBytes, SecretStr, TypeAdapter

from packflow.exceptions import NormalizationError
from packflow.normalizers.base import Normalizer, Rows

if TYPE_CHECKING:
    from collections.abc import Callable


class PydanticNormalizer(Normalizer):
    """Converts models as ``model_dump()`` does: excluded and computed fields, aliases, serializers included.

    Secrets are refused, so that none gets into outputs by accident.
    """

    plugin_api_version = 1

    def to_native(self, obj: BaseModel) -> Any:
        """Give the model's data; what it holds is converted by its own rules."""
        # A value that does not match its annotation is converted like any other, so pydantic need not warn of it.
        return obj.model_dump(warnings=False)

    def rows(self, obj: Any) -> Rows | None:
        """Give the rows of a model whose root is a list."""
        if isinstance(obj, RootModel) and isinstance(obj.root, (list, tuple)):
            return Rows(self.to_native(obj))
        return None

    def converter(self, cls: type) -> Callable[[Any], Any] | None:
        """Take models, secrets, and other classes that pydantic can serialize, such as its URLs."""
        if issubclass(cls, BaseModel):
            return self.to_native
        if issubclass(cls, (SecretStr, SecretBytes)):
            return _refuse_secret
        try:
            adapter = TypeAdapter[Any](cls)
        except PydanticSchemaGenerationError:
            return None
        return lambda obj: adapter.dump_python(obj, mode="json")


def _refuse_secret(_: SecretStr | SecretBytes) -> Any:
    raise NormalizationError("a secret is not written out; leave it away, or give its get_secret_value()")
