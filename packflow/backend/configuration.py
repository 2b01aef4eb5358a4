"""The configuration of a backend: its fields, how it is put together, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from inspect import Parameter, signature
from types import UnionType
from typing import Any, ClassVar, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo

from packflow.backend.config_errors import failed, how_to_give, invalid, unknown_settings
from packflow.backend.config_file import as_object, configs_from_environment, merge
from packflow.exceptions import InferenceBackendInitializationError
from packflow.utils.errors import short, shown
from packflow.utils.fields import aliases_of
from packflow.utils.log import logger
from packflow.utils.secret_types import secret_names
from packflow.utils.secrets import MASK, Redactor


class InputFormats(str, Enum):
    """The preprocessors that packflow brings; plugins add more names."""

    PASSTHROUGH = "passthrough"
    RECORDS = "records"
    NUMPY = "numpy"


class BackendConfig(BaseModel):
    """What every backend can be told about its inputs. Extend it with fields of your own.

    Example:
        >>> from packflow import BackendConfig, InferenceBackend
        >>> class ThresholdConfig(BackendConfig):
        ...     threshold: float = 0.5
        >>> class Threshold(InferenceBackend):
        ...     base_config_model = ThresholdConfig
        ...     def execute(self, inputs):
        ...         return [{"positive": row["score"] >= self.config.threshold} for row in inputs]
        >>> Threshold(threshold=0.9, verbose=False)({"score": 0.7})
        {'positive': False}

    Unknown keys are refused, with the nearest valid one. A field whose name looks like a secret (``password``,
    ``token``, ``api_key``, …) or whose type is ``SecretStr`` is never shown in clear.
    """

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,  # an error must not show a secret
        protected_namespaces=("model_validate", "model_dump"),  # ``model_path`` is a good name for a field
    )

    #: Fields that are shown only where they differ from their default.
    quiet_fields: ClassVar[frozenset[str]] = frozenset({"ignore_delimiter_collisions", "numpy_dtype", "on_missing"})

    verbose: bool = Field(default=True, description="Log the metrics of each call at INFO.")
    input_format: InputFormats | str = Field(
        default=InputFormats.RECORDS,
        union_mode="left_to_right",
        description="The preprocessor: passthrough, records, numpy, or the name of one that a plugin registers.",
    )
    rename_fields: dict[str, str] = Field(
        default_factory=dict, description="Old name to new name. Renaming comes first, and moves."
    )
    feature_names: list[str] = Field(
        default_factory=list, description="The fields that get through, in this order. Empty: all of them."
    )
    flatten_nested_inputs: bool = Field(default=False, description="Turn nested dicts into one level of joined names.")
    flatten_lists: bool = Field(default=False, description="Flatten lists too; positions become steps of the name.")
    nested_field_delimiter: str = Field(
        default=".", min_length=1, description="What joins, and splits, the steps of a nested name."
    )
    ignore_delimiter_collisions: bool = Field(
        default=False, description="Accept keys that contain the delimiter; a literal key then wins over a path."
    )
    numpy_dtype: str | None = Field(
        default=None, description="The one dtype of the numpy preprocessor's array. None: what the values ask for."
    )
    on_missing: Literal["null", "error"] = Field(
        default="null", description="What the numpy preprocessor does with a missing or None cell."
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or cls.model_config.get("extra") != "forbid":
            return data
        known = _accepted_keys(cls)
        unknown = [key for key in data if key not in known]
        if unknown:
            raise unknown_settings(cls.__name__, unknown, known)
        return data

    @field_validator("input_format", mode="before")
    @classmethod
    def _refuse_what_is_no_name(cls, value: Any) -> Any:
        if not isinstance(value, str):  # pydantic would say it once for each part of the union
            names = ", ".join(repr(each.value) for each in InputFormats)
            raise ValueError(  # noqa: TRY004  # pydantic does not take a TypeError for a problem of the value
                f"expected the name of a preprocessor: {names}, or that of one that a plugin registers"
            )
        return value

    @field_validator("on_missing", mode="before")
    @classmethod
    def _read_null(cls, value: Any) -> Any:
        return "null" if value is None else value  # as JSON has it

    @field_validator("rename_fields")
    @classmethod
    def _refuse_shared_targets(cls, renames: dict[str, str]) -> dict[str, str]:
        sources: dict[str, str] = {}
        for source, target in renames.items():
            if target in sources:
                raise ValueError(f"{sources[target]!r} and {source!r} are both renamed to {target!r}")
            sources[target] = source
        return renames

    @field_validator("numpy_dtype", mode="before")
    @classmethod
    def _refuse_unusable_dtypes(cls, value: Any) -> Any:
        if value is None:
            return None
        import numpy as np  # only who asks for a dtype pays for it

        try:
            dtype = np.dtype(value)
        except Exception as error:  # NumPy reads part of a name as Python, and asks an object for its own dtype
            raise ValueError(f"{short(value)} is not the name of a NumPy dtype such as 'float32'") from error
        if dtype.fields is not None or dtype.subdtype is not None:
            raise ValueError(f"{short(value)} is a compound dtype; expected the dtype of one cell, such as 'float32'")
        return value if isinstance(value, str) else str(dtype)

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        redactor = Redactor(secret_names(type(self)))
        shown: list[tuple[str | None, Any]] = []
        for name, value in super().__repr_args__():
            field = type(self).model_fields.get(name or "")
            if name in self.quiet_fields and field is not None and value == field.default:
                continue
            shown.append((name, redactor.redact(value, name or "")))
        return shown


def load_backend_configuration(model: type[BackendConfig], settings: Mapping[str, Any], owner: str) -> BackendConfig:
    """Put a backend's configuration together: model defaults < keyword arguments < the environment's file.

    Args:
        model: the configuration model of the backend.
        settings: the keyword arguments; they are not modified.
        owner: the backend's name, for errors.

    Raises:
        InferenceBackendInitializationError: the file cannot be used, or the settings are not valid.
    """
    how = how_to_give()
    configs, path = configs_from_environment()
    redactor = Redactor(secret_names(model))
    try:
        raw = merge(settings, configs)
        logger.opt(lazy=True).debug("Loaded raw configuration: {}", lambda: redactor.show(_fields_only(model, raw)))
        config = model.model_validate({**raw, **_over_defaults(model, raw)})
    except RecursionError as error:
        raise InferenceBackendInitializationError(
            f"The configuration of {owner} is nested too deeply, or contains itself."
        ) from error
    except ValidationError as error:
        redactor.show(raw)  # from here on it knows the secrets
        text, cause = invalid(error, owner, redactor, dict.fromkeys(configs, path), how)
        raise InferenceBackendInitializationError(text) from cause
    except Exception as error:  # noqa: BLE001  # any code of the model's
        redactor.show(raw)
        text, fault = failed(error, owner, redactor)
        raise InferenceBackendInitializationError(text) from fault
    logger.opt(lazy=True).info("Configuration: {}", lambda: shown(config))
    return config


def _fields_only(model: type[BaseModel], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Mask what stands under a key that is no field: it may be a mistyped password."""
    if model.model_config.get("extra") == "allow":
        return dict(raw)
    kinds = {key: field.annotation for name, field in model.model_fields.items() for key in {name, *aliases_of(field)}}
    return {key: _known_only(kinds[key], value) if key in kinds else MASK for key, value in raw.items()}


def _known_only(kind: Any, value: Any) -> Any:
    """Mask what is no field of an inner model, where the type says plainly that it is one (perhaps optional)."""
    kinds = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    models = [each for each in kinds if isinstance(each, type) and issubclass(each, BaseModel)]
    return _fields_only(models[0], value) if len(models) == 1 and isinstance(value, dict) else value


def _over_defaults(model: type[BackendConfig], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Merge the objects among the settings with the defaults that they extend."""
    merged: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        for key in {name, *aliases_of(field)} & raw.keys():
            over = as_object(raw[key])
            under = None if over is None else as_object(_default_of(field))
            if over is not None and under:
                merged[key] = merge(under, over)
    return merged


def _default_of(field: FieldInfo) -> Any:
    """Give a field's default; None where there is none, or where it is made from the other fields' values."""
    factory = field.default_factory
    if factory is None:
        return field.default
    try:
        parameters = tuple(signature(factory).parameters.values())
    except ValueError:  # dict and the like have no signature, and need nothing
        parameters = ()
    starred = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    needed = [each for each in parameters if each.default is Parameter.empty and each.kind not in starred]
    return None if needed else cast("Callable[[], Any]", factory)()


def _accepted_keys(model: type[BaseModel]) -> set[str]:
    """Give the keys that a model takes: its fields' names, or their aliases where they have one."""
    by_name = bool(model.model_config.get("populate_by_name") or model.model_config.get("validate_by_name"))
    keys: set[str] = set()
    for name, field in model.model_fields.items():
        aliases = aliases_of(field)
        keys |= aliases
        if by_name or not aliases:
            keys.add(name)
    return keys
