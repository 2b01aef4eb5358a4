"""Secrets are shown nowhere: not in logs, reprs or errors, however they are named, typed, nested or mistaken."""

from __future__ import annotations

import json
import traceback
from collections import OrderedDict
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AliasChoices,
    AnyUrl,
    BaseModel,
    Field,
    RootModel,
    Secret,
    SecretBytes,
    SecretStr,
    field_validator,
    model_validator,
)
from typing_extensions import TypeAliasType, TypedDict

from packflow import BackendConfig, InferenceBackend
from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError
from packflow.utils.secret_types import secret_names
from packflow.utils.secrets import MASK, looks_secret, mask_passwords, redact
from tests.support.backends import Echo
from tests.support.logs import Captured

SECRET = "hunter2-in-clear"


def backend_of(model: type[BackendConfig]) -> type[InferenceBackend]:
    return type("Guarded", (Echo,), {"base_config_model": model})


def everything_shown(model: type[BackendConfig], logs: Captured, /, **settings: Any) -> str:
    """Give all that a backend shows of its configuration, as logs, reprs, texts or as an error with its causes."""
    shown = []
    try:
        backend = backend_of(model)(**settings)
    except InferenceBackendInitializationError as error:
        shown += traceback.format_exception(error)
        cause: BaseException | None = error
        while cause is not None:
            shown += [str(cause), repr(cause)]
            cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    else:
        backend({"a": 1})
        shown += [repr(backend), str(backend), repr(backend.config), str(backend.config), f"{backend.config}"]
        shown += [repr(backend.get_metrics())]
    return "\n".join([*shown, logs.everything()])


# Names --------------------------------------------------------------------------------------------------------------

SECRET_NAMES = [
    "password",
    "Password",
    "PASSWORD",
    "db_password",
    "dbPassword",
    "passwd",
    "pwd",
    "passphrase",
    "token",
    "access_token",
    "accessToken",
    "hf_token",
    "token_value",
    "secret",
    "secrets",
    "client_secret",
    "clientSecret",
    "api_key",
    "apikey",
    "apiKey",
    "API_KEY",
    "api-key",
    "x-api-key",
    "openai_api_key",
    "access_key",
    "aws_secret_access_key",
    "private_key",
    "credentials",
    "authorization",
    "auth",
    "bearer",
    "APIToken",
    "HFToken",
    "token1",
    "accesstoken",
    "refreshtoken",
    "authtoken",
    "passcode",
    "userpass",
    "pw",
    "openai_key",
    "openaiKey",
    "session_key",
    "hmac_key",
    "license_key",
    "OPENAI_KEYS",
]
OPEN_NAMES = [
    "verbose",
    "feature_names",
    "max_tokens",
    "tokenizer",
    "num_tokens",
    "author",
    "passenger_count",
    "passthrough",
    "compass",
    "primary_key",
    "keyboard",
    "key",
    "model_path",
    "batch_size",
    "monkey",
    "sort_key",
    "foreign_key",
    "parent_key",
    "label_keys",
    "bypass",
    "compassion",
    "tokenise",
    "max_tokens_1",
    "HTTPServer",
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_names_that_look_like_secrets(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize("name", OPEN_NAMES)
def test_names_that_do_not(name: str) -> None:
    assert not looks_secret(name)


# Values -------------------------------------------------------------------------------------------------------------


class Point(NamedTuple):
    """A named tuple with a secret."""

    x: int
    password: str


@dataclass
class Login:
    """A dataclass with a secret."""

    user: str
    password: str


class Credentials(BaseModel):
    """A model with secrets of its own."""

    user: str = "user"
    password: str = SECRET
    blob: SecretStr = SecretStr(SECRET)


PLAIN: list[Any] = [
    {"password": SECRET},
    {"db": {"password": SECRET}},
    {"db": [{"password": SECRET}, {"token": SECRET}]},
    {"db": ({"password": SECRET},)},
    {"password": {"value": SECRET}},
    {"password": [SECRET]},
    {"password": SECRET.encode()},
    {"blob": SecretStr(SECRET)},
    {"blob": SecretBytes(SECRET.encode())},
    {"blob": [SecretStr(SECRET)]},
    {"db": Credentials()},
    {"db": [Credentials()]},
    {"db": {"inner": Credentials()}},
    {"db": Login("user", SECRET)},
    {"db": [Login("user", SECRET)]},
    {"db": Point(1, SECRET)},
    {"db": OrderedDict(password=SECRET)},
]


@pytest.mark.parametrize("value", PLAIN, ids=str)
def test_redacted_values_show_no_secret(value: Any) -> None:
    assert SECRET not in repr(redact(value))
    assert SECRET not in str(redact(value))


def test_all_else_is_shown() -> None:
    value = {"url": "https://example.org", "n": [1, 2.5, None, True], "deep": {"a": {"b": ("c", frozenset("d"))}}}
    assert redact(value) == value
    assert repr(redact(value)) == repr(value)
    assert redact({"user": "me", "password": SECRET}) == {"user": "me", "password": MASK}


def test_an_absent_secret_is_not_made_up() -> None:
    assert redact({"password": None}) == {"password": None}


def test_models_keep_their_form() -> None:
    assert repr(redact(Credentials(user="me"))).startswith("Credentials(user='me', password='****")


def test_members_without_a_repr_stay_without() -> None:
    @dataclass
    class Quiet:
        user: str
        inner: str = dataclass_field(default="inner", repr=False)

    assert repr(redact([Quiet("me")])) == "[Quiet(user='me')]"


def test_redacting_changes_nothing() -> None:
    value = {"db": {"password": SECRET}, "list": [{"token": SECRET}]}
    redact(value)
    assert value == {"db": {"password": SECRET}, "list": [{"token": SECRET}]}


TREES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "password", "api_key"]), inner | st.just(SECRET), max_size=3)
    ),
)


def planted(value: Any, below_secret: bool = False) -> Any:
    """Put the secret at every leaf under a name that looks like one, and nowhere else."""
    if isinstance(value, dict):
        return {key: planted(item, below_secret or key in ("password", "api_key")) for key, item in value.items()}
    if isinstance(value, list):
        return [planted(item, below_secret) for item in value]
    return SECRET if below_secret else "open" if value == SECRET else value


@given(TREES)
def test_no_tree_shows_its_secrets(tree: Any) -> None:
    assert SECRET not in repr(redact(planted(tree)))


# Configurations that are valid --------------------------------------------------------------------------------------


class NamedFields(BackendConfig):
    """Secrets by name."""

    password: str | None = None
    api_key: str = SECRET
    hf_token: list[str] = Field(default=[])
    options: dict[str, Any] = Field(default={})
    limit: int = 3


class Inner(BaseModel):
    """A nested model with a field that only its type makes secret."""

    user: str = "user"
    blob: SecretStr | None = None


class Middle(BaseModel):
    """Another level."""

    inner: Inner = Inner()
    many: list[Inner] = Field(default=[])
    by_name: dict[str, Inner] = Field(default={})


class Typed(TypedDict, total=False):
    """A typed dict."""

    in_dict: SecretStr


@dataclass
class Data:
    """A dataclass that refers to itself."""

    in_data: SecretStr
    more: list[Data] = dataclass_field(default_factory=list)


class Root(RootModel[list[SecretStr]]):
    """A model that is its one value."""


class Node(BaseModel):
    """A model that refers to itself."""

    next: Node | None = None
    in_node: SecretStr | None = None


Hidden = NewType("Hidden", SecretStr)
Named = TypeAliasType("Named", list[SecretStr])


class TypedFields(BackendConfig):
    """Secrets by type, with names that say nothing."""

    blob: SecretStr = SecretStr("")
    raw: SecretBytes | None = None
    maybe: SecretStr | None = None
    either: int | SecretStr = 0
    several: list[SecretStr] = Field(default=[])
    table: dict[str, SecretStr] = Field(default={})
    pair: tuple[int, SecretStr] | None = None
    middle: Middle = Middle()
    typed: Typed = Field(default={})
    data: Data | None = None
    root: Root | None = None
    node: Node = Node()
    hidden: Hidden | None = None
    named: Named = Field(default=[])
    generic: Secret[list[str]] | None = None
    noted: Annotated[str | Annotated[SecretStr, "note"], "another"] = ""
    choice: SecretStr = Field(default=SecretStr(""), validation_alias=AliasChoices("either_way", "or_so"))
    aliased: SecretStr = Field(default=SecretStr(""), alias="opaque")
    limit: int = 3


class EarlyFields(BackendConfig):
    """Names a model that is written after it."""

    later: Later | None = None
    limit: int = 3


class Later(BaseModel):
    """That model."""

    blob: SecretStr


VALID: dict[str, tuple[type[BackendConfig], dict[str, Any]]] = {
    "default": (NamedFields, {}),
    "name": (NamedFields, {"password": SECRET}),
    "list": (NamedFields, {"hf_token": [SECRET, SECRET]}),
    "nested name": (NamedFields, {"options": {"auth": {"password": SECRET}, "hosts": [{"token": SECRET}]}}),
    "nested model": (NamedFields, {"options": {"db": Credentials()}}),
    "nested dataclass": (NamedFields, {"options": {"db": Login("user", SECRET)}}),
    "SecretStr": (TypedFields, {"blob": SecretStr(SECRET)}),
    "text": (TypedFields, {"blob": SECRET}),
    "bytes": (TypedFields, {"raw": SECRET.encode()}),
    "optional": (TypedFields, {"maybe": SECRET}),
    "union": (TypedFields, {"either": SECRET}),
    "texts": (TypedFields, {"several": [SECRET, SecretStr(SECRET)]}),
    "table": (TypedFields, {"table": {"a": SECRET}}),
    "pair": (TypedFields, {"pair": (1, SECRET)}),
    "inner": (TypedFields, {"middle": {"inner": {"user": "me", "blob": SECRET}}}),
    "inner list": (TypedFields, {"middle": {"many": [{"blob": SECRET}]}}),
    "inner table": (TypedFields, {"middle": {"by_name": {"a": {"blob": SECRET}}}}),
    "inner object": (TypedFields, {"middle": Middle(inner=Inner(blob=SECRET))}),
    "typed dict": (TypedFields, {"typed": {"in_dict": SECRET}}),
    "dataclass": (TypedFields, {"data": {"in_data": SECRET, "more": [{"in_data": SECRET}]}}),
    "dataclass object": (TypedFields, {"data": Data(SecretStr(SECRET))}),
    "root model": (TypedFields, {"root": [SECRET]}),
    "node": (TypedFields, {"node": {"next": {"next": {"in_node": SECRET}}}}),
    "new type": (TypedFields, {"hidden": SECRET}),
    "type alias": (TypedFields, {"named": [SECRET]}),
    "generic": (TypedFields, {"generic": [SECRET]}),
    "annotated": (TypedFields, {"noted": SECRET}),
    "written later": (EarlyFields, {"later": {"blob": SECRET}}),
    "choice": (TypedFields, {"or_so": SECRET}),
    "alias": (TypedFields, {"opaque": SECRET}),
}


def test_types_name_their_secrets() -> None:
    assert secret_names(TypedFields) == {
        *("blob", "raw", "maybe", "either", "several", "table", "pair", "aliased", "opaque", "root", "hidden"),
        *("named", "generic", "noted", "choice", "either_way", "or_so", "in_dict", "in_data", "in_node"),
    }
    assert secret_names(BackendConfig) == frozenset()


@pytest.mark.parametrize(("model", "settings"), VALID.values(), ids=list(VALID))
@pytest.mark.parametrize("verbose", [True, False])
def test_valid_configurations_show_no_secret(
    model: type[BackendConfig], settings: dict[str, Any], verbose: bool, logs: Captured
) -> None:
    shown = everything_shown(model, logs, verbose=verbose, **settings)
    assert "Loaded raw configuration: " in shown
    assert "limit=3" in shown  # what is no secret is shown
    assert SECRET not in shown


@pytest.mark.parametrize(("model", "settings"), VALID.values(), ids=list(VALID))
def test_secrets_are_there_for_the_backend(model: type[BackendConfig], settings: dict[str, Any]) -> None:
    config = backend_of(model)(verbose=False, **settings).config
    expected = model(verbose=False, **settings)
    assert config == expected


def test_configurations_from_the_file_show_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logs: Captured
) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"configs": {"blob": SECRET, "middle": {"many": [{"blob": SECRET}]}}}))
    monkeypatch.setenv("BACKEND_CONFIG_FILE_PATH", str(path))
    assert SECRET not in everything_shown(TypedFields, logs)
    path.write_text(json.dumps({"configs": {"blob": [SECRET], "limit": SECRET[:0]}}))
    assert SECRET not in everything_shown(TypedFields, logs)
    path.write_text(json.dumps({"blob": SECRET}))
    assert SECRET not in everything_shown(TypedFields, logs)
    path.write_text('{"configs": {"password": "' + SECRET + '", broken')
    assert SECRET not in "\n".join([*everything_shown(NamedFields, logs).splitlines()])


class Renamed(BackendConfig):
    """Says that it is secret by one of its names alone."""

    plain: str = Field(default="", alias="api_key")
    password: str = Field(default="", alias="opaque")
    inner: dict[str, Any] = Field(default={})
    limit: int = 3


@pytest.mark.parametrize("name", ["api_key", "opaque"])
@pytest.mark.parametrize("value", [SECRET, [SECRET]], ids=["valid", "wrong"])
def test_every_spelling_of_a_secret_field_is_secret(name: str, value: Any, logs: Captured) -> None:
    shown = everything_shown(Renamed, logs, **{name: value})
    assert name in shown
    assert SECRET not in shown


@pytest.mark.parametrize("name", ["pasword", "passwrod", "tokn", "zzz"])
def test_a_mistyped_secret_is_not_shown(name: str, logs: Captured) -> None:
    shown = everything_shown(NamedFields, logs, limit=4, **{name: SECRET})
    assert repr(name) in shown
    assert "'limit': 4" in shown
    assert SECRET not in shown


class Closed(BaseModel):
    """Refuses what it does not know; most models pass over it."""

    model_config = {"extra": "forbid"}
    password: str = ""


class Outer(BackendConfig):
    """Holds models."""

    closed: Closed = Closed()
    open: Credentials = Credentials()
    maybe: Credentials | None = None
    table: dict[str, str] = Field(default={})
    limit: int = 3


@pytest.mark.parametrize("name", ["closed", "open", "maybe"])
def test_a_mistyped_secret_of_an_inner_model_is_not_shown(name: str, logs: Captured) -> None:
    shown = everything_shown(Outer, logs, **{name: {"pasword": SECRET}, "table": {"any": "shown"}})
    assert f"'{name}': {{'pasword': '{MASK}'}}" in shown
    assert "'any': 'shown'" in shown
    assert SECRET not in shown


# Passwords of URLs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("postgres://me:abc@db/x", f"postgres://me:{MASK}@db/x"),
        ("redis://:abc@cache:6379/0", f"redis://:{MASK}@cache:6379/0"),
        ("amqp://me:a@b:c@host", f"amqp://me:{MASK}@host"),
        ("from http://a:b@c/ to http://d:e@f/", f"from http://a:{MASK}@c/ to http://d:{MASK}@f/"),
        ("https://example.org:8080/a@b", "https://example.org:8080/a@b"),
        ("https://me@example.org", "https://me@example.org"),
        ("me:abc@db", "me:abc@db"),
    ],
)
def test_passwords_of_urls(url: str, masked: str) -> None:
    assert mask_passwords(url) == masked


URL = f"postgres://me:{SECRET}@db/x"


class Places(BackendConfig):
    """URLs in several places."""

    url: str = ""
    parsed: AnyUrl | None = None
    options: dict[str, Any] = Field(default={})
    limit: int = 3

    @field_validator("url")
    @classmethod
    def refuse(cls, value: str) -> str:
        if value.endswith("/no"):
            raise ValueError(f"{value} will not do")
        return value


@pytest.mark.parametrize(
    "settings",
    [
        {"url": URL},
        {"parsed": URL},
        {"options": {"hosts": [URL], URL: 1}},
        {"limit": URL},
        {"limit": [URL]},
        {"url": f"{URL}/no"},
    ],
    ids=["field", "parsed", "inner", "wrong", "wrong inner", "validator"],
)
def test_passwords_of_urls_are_not_shown(settings: dict[str, Any], logs: Captured) -> None:
    shown = everything_shown(Places, logs, **settings)
    assert f"me:{MASK}@db/x" in shown
    assert SECRET not in shown


# Configurations that are not ----------------------------------------------------------------------------------------


class Strict(BackendConfig):
    """Refuses what it is given, sometimes with the value in its own words."""

    password: int | None = None
    token: Literal["a", "b"] = "a"
    api_key: str = Field(default="", max_length=4)
    pin: str = Field(default="", pattern="^[0-9]*$")
    blob: SecretStr = Field(default=SecretStr(""), max_length=4)
    several: list[SecretStr] = Field(default=[])
    middle: Middle = Middle()
    credentials: Credentials | None = None
    limit: int = 3
    chatty_secret: str = ""
    chatty_blob: SecretStr = SecretStr("")

    @field_validator("chatty_secret")
    @classmethod
    def _says_it(cls, value: str) -> str:
        if value:
            raise ValueError(f"{value!r} will not do")
        return value

    @field_validator("chatty_blob")
    @classmethod
    def _says_it_too(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            raise ValueError(f"{value.get_secret_value()} will not do")
        return value

    @model_validator(mode="after")
    def _says_both(self) -> Strict:
        if self.limit == 4:
            raise ValueError(f"limit 4 does not go with {self.api_key or self.password or self.blob}")
        return self


INVALID: dict[str, dict[str, Any]] = {
    "wrong type": {"password": SECRET},
    "no choice": {"token": SECRET},
    "too long": {"api_key": SECRET},
    "pattern": {"pin": SECRET},
    "SecretStr too long": {"blob": SECRET},
    "SecretStr given too long": {"blob": SecretStr(SECRET)},
    "SecretStr of a list": {"blob": [SECRET]},
    "SecretStr of a dict": {"blob": {"value": SECRET}},
    "text for a list": {"several": SECRET},
    "list of a list": {"several": [[SECRET]]},
    "inner of a list": {"middle": {"inner": {"blob": [SECRET]}}},
    "inner list of a list": {"middle": {"many": [{"blob": [SECRET]}]}},
    "inner table of a list": {"middle": {"by_name": {"a": {"blob": [SECRET]}}}},
    "inner, but another field": {"middle": {"inner": {"user": 3, "blob": SECRET}}},
    "inner, beside its list": {"middle": {"inner": [{"blob": SECRET}]}},
    "model for a text": {"credentials": SECRET},
    "model of a wrong type": {"credentials": {"password": [SECRET]}},
    "another field": {"password": None, "blob": "x", "limit": {"password": SECRET}},
    "another field, a list": {"limit": [{"token": SECRET}]},
    "another field, an object": {"limit": Credentials()},
    "another field, a dataclass": {"limit": Login("user", SECRET)},
    "unknown key": {"passwort_token": SECRET},
    "near an unknown key": {"feature_name": ["a"], "api_key": SECRET},
    "a text's own validator": {"chatty_secret": SECRET},
    "a SecretStr's own validator": {"chatty_blob": SECRET},
    "the model's own validator": {"limit": 4, "api_key": SECRET[:4]},
}


@pytest.mark.parametrize("settings", INVALID.values(), ids=list(INVALID))
def test_refused_configurations_show_no_secret(settings: dict[str, Any], logs: Captured) -> None:
    shown = everything_shown(Strict, logs, **settings)
    assert "Guarded" in shown
    assert "InferenceBackendInitializationError" in shown
    assert SECRET not in shown
    if "limit" in settings and settings["limit"] == 4:
        assert SECRET[:4] not in shown


@pytest.mark.parametrize("secret", ["x1", 'it\'s "quoted"', "two\nlines", "back\\slash", 4711, "größe-🔑"])
def test_a_validators_own_words_are_kept_but_for_the_secret(secret: Any, logs: Captured) -> None:
    class Says(BackendConfig):
        api_key: str | int = ""

        @field_validator("api_key")
        @classmethod
        def refuse(cls, value: Any) -> Any:
            raise ValueError(f"neither {value} nor {value!r} will do here")

    shown = everything_shown(Says, logs, api_key=secret)
    assert str(secret) not in shown
    assert repr(secret).strip("'\"") not in shown
    assert "will do here" in shown


def test_secrets_are_taken_out_of_words_about_several(logs: Captured) -> None:
    class Says(BackendConfig):
        password: str = ""
        token: str = ""
        pin: str = ""

        @model_validator(mode="after")
        def refuse(self) -> Says:
            raise ValueError(repr(f"{self.token} and {self.password} and {self.pin} do not go together"))

    secrets = {"password": SECRET, "token": f"{SECRET}-longer", "pin": "two\nlines"}
    shown = everything_shown(Says, logs, **secrets)
    assert "-longer" not in shown
    assert "two" not in shown
    assert SECRET not in shown
    assert "do not go together" in shown


def test_a_refusal_says_what_is_wrong_all_the_same() -> None:
    with pytest.raises(InferenceBackendInitializationError) as caught:
        backend_of(Strict)(password=SECRET, limit="many")
    text = str(caught.value)
    assert "password" in text
    assert "valid integer" in text
    assert "'many'" in text
    assert caught.value.__cause__ is not None


def test_a_failing_initialize_says_what_the_user_said() -> None:
    """What a step's own exception says is the user's; packflow adds nothing of the configuration to it."""

    class Connects(Echo):
        base_config_model = NamedFields

        def initialize(self) -> None:
            raise ConnectionError("refused by the server")

        def execute(self, inputs: Any) -> Any:
            return inputs

    with pytest.raises(InferenceBackendInitializationError) as caught:
        Connects(password=SECRET)
    assert SECRET not in str(caught.value)


def test_a_failing_call_shows_no_configuration(logs: Captured) -> None:
    class Fails(Echo):
        base_config_model = NamedFields

        def execute(self, inputs: Any) -> Any:
            raise ValueError("no")

    with pytest.raises(InferenceBackendRuntimeError) as caught:
        Fails(password=SECRET)({"a": 1})
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + logs.everything()
