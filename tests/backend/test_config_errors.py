"""What is said of a configuration that cannot be used, and that whatever a user's own code does, it is said so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field, computed_field, field_validator, model_validator

from packflow import BackendConfig
from packflow.backend.config_errors import settings_given
from packflow.exceptions import InferenceBackendInitializationError
from tests.support.backends import Echo
from tests.support.logs import Captured


class Mute:
    """Cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class Loose(BackendConfig):
    """Takes anything."""

    value: Any = None
    number: int = 0


def refusal(model: type[BackendConfig], /, **settings: Any) -> InferenceBackendInitializationError:
    with pytest.raises(InferenceBackendInitializationError) as caught:
        type("Refusing", (Echo,), {"base_config_model": model})(**settings)
    return caught.value


# Values that cannot be shown ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [10**5000, Mute(), [Mute()], {"a": {10**5000: Mute()}}, {"a": {Mute(): 1}}],
    ids=["int", "mute", "list", "both", "key"],
)
def test_a_value_that_cannot_be_shown_is_taken(value: Any, logs: Captured) -> None:
    backend = type("Taking", (Echo,), {"base_config_model": Loose})(value=value)
    assert backend.config.value == value
    assert "cannot be shown" in repr(backend)
    shown = logs.texts()
    assert "cannot be shown" in shown[0]
    assert "cannot be shown" in shown[1]
    assert all("number=0" in text for text in (shown[1], repr(backend)))


@pytest.mark.parametrize("value", [[10**5000], Mute(), {"a": Mute()}])
def test_a_value_that_cannot_be_shown_is_refused(value: Any) -> None:
    error = refusal(Loose, number=value)
    assert "number: " in str(error)
    assert "cannot be shown" in str(error)
    assert error.__cause__ is not None


@pytest.mark.parametrize("field", ["input_format", "numpy_dtype", "unheard_of"])
def test_odd_values_of_other_fields_are_refused(field: str) -> None:
    assert field in str(refusal(Loose, **{field: Mute()}))
    assert field in str(refusal(Loose, **{field: 10**5000}))


def test_long_values_are_cut() -> None:
    assert len(str(refusal(Loose, number="x" * 1_000_000))) < 500


def test_a_computed_field_that_fails_stops_nothing(logs: Captured) -> None:
    class Computes(BackendConfig):
        @computed_field  # type: ignore[prop-decorator]
        @property
        def ratio(self) -> float:
            raise ZeroDivisionError

    type("Computing", (Echo,), {"base_config_model": Computes})(verbose=False)
    assert "cannot be shown" in logs.everything()


def test_nothing_is_shown_where_nobody_listens(monkeypatch: pytest.MonkeyPatch, logs: Captured) -> None:
    asked: list[int] = []

    class Asked:
        def __repr__(self) -> str:
            asked.append(1)
            return "asked"

    kind = type("Taking", (Echo,), {"base_config_model": Loose})
    monkeypatch.setenv("PACKFLOW_LOG_LEVEL", "WARNING")
    kind(value=Asked())
    assert asked == []


# Code of the model's own --------------------------------------------------------------------------------------------


class RaisingValidator(BackendConfig):
    """Raises what pydantic does not take for a problem of the value."""

    value: Any = None

    @field_validator("value")
    @classmethod
    def refuse(cls, value: Any) -> Any:
        raise TypeError("not of this type")


class RaisingModelValidator(BackendConfig):
    """The same, for the whole model."""

    @model_validator(mode="after")
    def refuse(self) -> RaisingModelValidator:
        raise KeyError("lost")


class RaisingInit(BackendConfig):
    """Fails after all is valid."""

    def model_post_init(self, context: Any, /) -> None:
        raise OSError("no such device")


class RaisingDefault(BackendConfig):
    """Fails to make a default."""

    value: dict[str, int] = Field(default_factory=lambda: 1 // 0)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    ("model", "settings", "cause", "said"),
    [
        (RaisingValidator, {"value": 1}, TypeError, "not of this type"),
        (RaisingModelValidator, {}, KeyError, "lost"),
        (RaisingInit, {}, OSError, "no such device"),
        (RaisingDefault, {}, ZeroDivisionError, "by zero"),
        (RaisingDefault, {"value": {"a": 1}}, ZeroDivisionError, "by zero"),
    ],
)
def test_whatever_a_model_raises_is_an_initialization_error(
    model: type[BackendConfig], settings: dict[str, Any], cause: type[Exception], said: str
) -> None:
    error = refusal(model, **settings)
    assert "Refusing" in str(error)
    assert said in str(error)
    assert type(error.__cause__) is cause


def test_what_a_model_raises_shows_no_secret() -> None:
    class Chatty(BackendConfig):
        password: str = ""

        @field_validator("password")
        @classmethod
        def refuse(cls, value: str) -> str:
            raise TypeError(f"{value} will not do")

    error = refusal(Chatty, password="hunter2-in-clear")
    assert "hunter2" not in str(error)
    assert "will not do" in str(error)
    assert error.__cause__ is None


# Where it came from, and what to do ---------------------------------------------------------------------------------


@pytest.fixture
def config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings.json"
    monkeypatch.setenv("BACKEND_CONFIG_FILE_PATH", str(path))
    return path


@pytest.mark.parametrize("configs", [{"number": "many"}, {"numbr": 1}])
def test_a_problem_of_the_files_names_the_file(configs: dict[str, Any], config_file: Path) -> None:
    config_file.write_text(json.dumps({"configs": configs}))
    assert f"(from {config_file})" in str(refusal(Loose))


def test_a_problem_of_the_arguments_does_not(config_file: Path) -> None:
    config_file.write_text(json.dumps({"configs": {"value": 1}}))
    assert "(from" not in str(refusal(Loose, number="many"))
    assert "(from" not in str(refusal(Loose, numbr="many"))


def test_a_missing_setting_says_how_to_give_it() -> None:
    class Needs(BackendConfig):
        model_path: str

    text = str(refusal(Needs))
    assert "model_path: Field required. Give it as a keyword argument" in text
    assert "BACKEND_CONFIG_FILE_PATH" in text


class Located(BackendConfig):
    """Must be told where."""

    model_path: str


class Nesting(Echo):
    """Needs a setting, and constructs a backend that needs one, too."""

    base_config_model = Located

    def initialize(self) -> None:
        type("Inner", (Echo,), {"base_config_model": Located})()


def test_who_gives_settings_otherwise_is_told_how() -> None:
    with settings_given("with --set {key}=VALUE"):
        assert str(refusal(Located)).endswith("\n  model_path: Field required. Give it with --set model_path=VALUE.")
    assert "Give it as a keyword argument" in str(refusal(Located))


def test_only_the_backend_that_gets_the_settings_is_told_how() -> None:
    with settings_given("otherwise"), pytest.raises(InferenceBackendInitializationError) as caught:
        Nesting(model_path="here")
    assert "Give it as a keyword argument" in str(caught.value)


@pytest.mark.parametrize("value", [1, None, ["records"]])
def test_one_line_tells_of_a_wrong_format(value: Any) -> None:
    head, line = str(refusal(Loose, input_format=value)).splitlines()
    assert "Refusing" in head
    assert line.startswith("  input_format: expected the name of a preprocessor: 'passthrough', 'records', 'numpy'")


def test_null_means_null() -> None:
    assert Loose(on_missing=None).on_missing == "null"
    assert Loose().on_missing == "null"
    assert Loose(on_missing="error").on_missing == "error"


@pytest.mark.parametrize("content", [b'{"configs": {"password": "hunter2", broken', b'{"password": "hunter2\xff"}'])
def test_the_causes_do_not_carry_the_file(content: bytes, config_file: Path) -> None:
    config_file.write_bytes(content)
    cause = refusal(Loose).__cause__
    assert cause is not None
    assert "hunter2" not in repr(
        [cause, *cause.args, vars(cause), getattr(cause, "doc", ""), getattr(cause, "object", "")]
    )
