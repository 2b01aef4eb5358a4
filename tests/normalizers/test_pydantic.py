"""pydantic's models and types."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import (
    AnyUrl,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    PostgresDsn,
    RootModel,
    SecretStr,
    computed_field,
    field_serializer,
)
from pydantic.dataclasses import dataclass
from pydantic.fields import FieldInfo

from packflow.utils.normalize import ensure_valid_output
from tests.normalizers.support import native, refused


class Label(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str
    score: Any = None
    hidden: int = Field(default=0, exclude=True)


class Prediction(BaseModel):
    label: Label
    unit: str = "EUR"
    price: float = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def text(self) -> str:
        return f"{self.price} {self.unit}"

    @field_serializer("unit")
    def _lower(self, unit: str) -> str:
        return unit.lower()


class Scores(RootModel[list[float]]):
    pass


class Account(BaseModel):
    password: SecretStr


@dataclass
class Point:
    x: int


def test_models_become_what_they_dump_and_their_values_are_converted() -> None:
    label = Label(name="cat", score=np.array([0.5, np.nan]), seen=np.int64(2))
    assert native(Prediction(label=label, price=3)) == {
        "label": {"name": "cat", "score": [0.5, None], "seen": 2},
        "unit": "eur",
        "price": 3.0,
        "text": "3.0 EUR",
    }


def test_values_that_do_not_match_their_annotation_are_converted_without_a_warning() -> None:
    assert native(Label.model_construct(name=np.int8(3))) == {"name": 3, "score": None}


def test_models_are_records_and_root_lists_are_batches() -> None:
    labels = [Label(name="cat"), Label(name="dog")]
    assert ensure_valid_output(labels[0]) == [{"name": "cat", "score": None}]
    assert [row["name"] for row in ensure_valid_output(labels)] == ["cat", "dog"]
    assert ensure_valid_output(Scores([1, 2]), "score") == [{"score": 1.0}, {"score": 2.0}]


def test_the_types_that_pydantic_defines() -> None:
    assert native(Point(x=1)) == {"x": 1}
    assert native(ByteSize(1024)) == 1024


@pytest.mark.skipif(AnyUrl.__module__ != "pydantic.networks", reason="before pydantic 2.10, another library's type")
def test_urls() -> None:
    assert native([AnyUrl("http://example.org/a")]) == ["http://example.org/a"]
    assert native(PostgresDsn("postgres://host/db")) == "postgres://host/db"


def test_secrets_are_refused_and_not_shown() -> None:
    error = refused([Account(password="hunter2")])
    assert error.path == "[0].password"
    assert "get_secret_value" in str(error)
    assert "hunter2" not in str(error)


def test_a_value_in_a_model_that_has_no_json_form_is_refused_with_its_path() -> None:
    assert refused({"a": Label(name="cat", score=[1j])}).path == "a.score[0]"


def test_other_objects_of_pydantic_are_refused() -> None:
    assert "FieldInfo" in str(refused([FieldInfo()]))
