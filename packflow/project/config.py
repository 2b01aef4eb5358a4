"""What ``packflow.yaml`` says: its fields, checked, with the line of each."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_validator,
)

from packflow.project.config_errors import refusal
from packflow.project.config_file import read_fields
from packflow.project.environment import EnvironmentValues
from packflow.project.origin import Origin
from packflow.project.python_versions import as_specifier
from packflow.project.targets import check_target
from packflow.utils.errors import short
from packflow.utils.secrets import MASK, Redactor

if TYPE_CHECKING:
    from pydantic import ModelWrapValidatorHandler
    from typing_extensions import Self

#: Names and versions become parts of file names.
NAME = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"
VERSION = r"[A-Za-z0-9]([A-Za-z0-9._+-]*[A-Za-z0-9])?"
VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
_LONGEST = 100


def _check_variable(name: str) -> str:
    if not re.fullmatch(VARIABLE, name):
        raise ValueError(
            "is no name of an environment variable: it may have letters, digits and underscores, and does not begin "
            "with a digit"
        )
    return name


def _check_value(value: str) -> str:
    try:
        storable = b"\0" not in os.fsencode(value)
    except UnicodeEncodeError:
        storable = False
    if not storable:  # outside of the except block: the encoder's error holds the value
        raise ValueError("has a character that this system's environment cannot hold")
    return value


def _check_not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank")
    return text


_Variable = Annotated[str, AfterValidator(_check_variable)]
_Value = Annotated[str, AfterValidator(_check_value)]


class ProjectConfig(BaseModel):
    r"""The fields of a ``packflow.yaml``.

    Example:
        >>> from pathlib import Path
        >>> file = Path("packflow.yaml")
        >>> _ = file.write_text("name: iris\nversion: 1.0\ninference_backend: inference:Iris\npython_version: 3.10")
        >>> config = ProjectConfig.read(file)
        >>> config.version, config.python_version, config.line_of("python_version")
        ('1.0', '==3.10.*', 4)

    It never changes. The values of ``env`` are in no repr, and in no dump of it; ``config.env`` itself has them.

    Raises:
        ProjectError: a field is wrong; the error has the file, the line and the field of the first that is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(description="The project's name: letters, digits, '-', '_' and '.'. Archives are called by it.")
    version: str = Field(description="The project's version. Archives are called by it.")
    description: str = Field(default="", description="What the project does, in a sentence.")
    maintainers: list[Annotated[str, AfterValidator(_check_not_blank)]] = Field(
        default_factory=list, description="Who looks after it: names, addresses."
    )
    loader: Literal["local", "module"] = Field(
        default="local",
        description="Where the backend is: in the project's folder (local), or in an installed package (module).",
    )
    inference_backend: str = Field(
        description=(
            "The backend: module:object; with the loader 'module' also the name that a package registers, or "
            "distribution/name."
        )
    )
    python_version: str = Field(
        default="",
        description="The Python that the project needs, such as '>=3.10'. A version alone, such as 3.10, means itself.",
    )
    env: Annotated[dict[_Variable, _Value], AfterValidator(EnvironmentValues)] = Field(
        default_factory=EnvironmentValues,
        description="Environment variables, set before the backend is loaded, but those that are set already.",
    )
    backend_config: dict[str, Any] = Field(
        default_factory=dict, description="The backend's settings. Relative paths are relative to the project."
    )
    extra: dict[str, Any] = Field(default_factory=dict, description="Whatever else is to be kept here.")

    _origin: Origin = PrivateAttr(default_factory=Origin)

    @classmethod
    def read(cls, file: str | os.PathLike[str]) -> Self:
        """Read a ``packflow.yaml``.

        Raises:
            ProjectError: it cannot be read, or a field is wrong.
        """
        raw, origin = read_fields(file, cls)
        return cls.model_validate(raw, context=origin)

    @property
    def field_lines(self) -> Mapping[str, int]:
        """The line of each field of the file that it was read from, by the field's dotted name."""
        return self._origin.lines

    def line_of(self, field: str) -> int | None:
        """Give the line of a field, or of the nearest one around it that the file has; None if it has none."""
        return self._origin.line_of(field)

    def model_post_init(self, context: Any, /) -> None:
        """Remember where it was read from."""
        if isinstance(context, Origin):
            self._origin = context

    @model_validator(mode="wrap")
    @classmethod
    def _tell(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        origin = info.context if isinstance(info.context, Origin) else Origin()
        try:
            return handler(data)
        except ValidationError as error:
            problems = error.errors(include_url=False)
        # Here nothing is chained any more: pydantic's errors hold the values, and so the environment's.
        raise refusal(problems, origin, set(cls.model_fields))

    @field_validator("name", "version")
    @classmethod
    def _check_file_safe(cls, value: str, info: ValidationInfo) -> str:
        pattern, signs = (VERSION, "'-', '_', '+'") if info.field_name == "version" else (NAME, "'-', '_'")
        if not re.fullmatch(pattern, value):
            raise ValueError(
                f"is {short(value)}; expected letters (a-z), digits, {signs} and '.', with a letter or a digit "
                "at both ends"
            )
        if len(value) > _LONGEST:
            raise ValueError(f"has {len(value)} characters; expected {_LONGEST} at most")
        return value

    @field_validator("python_version")
    @classmethod
    def _check_python_version(cls, value: str) -> str:
        try:
            return as_specifier(value)
        except ValueError as error:
            raise ValueError(f"is {short(value)}, which {error}") from None

    @field_validator("inference_backend")
    @classmethod
    def _check_target(cls, value: str, info: ValidationInfo) -> str:
        if "loader" in info.data:
            check_target(value, info.data["loader"])
        return value

    @field_serializer("env")
    def _mask(self, values: dict[str, str]) -> dict[str, str]:
        return dict.fromkeys(values, MASK)

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        redactor = Redactor()
        return [
            (name, redactor.redact(value, name or "")) for name, value in super().__repr_args__() if name != "env"
        ] + [("env", self.env)]
