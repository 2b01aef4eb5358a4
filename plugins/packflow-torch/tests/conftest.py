"""What the tests share: models made and saved here, and a model that others trained and ship in a wheel."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn


class Net(nn.Module):
    """Two outputs by name, from four numbers."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.linear = nn.Linear(width, 2)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"logits": self.linear(x), "total": x.sum(1)}


class Pair(nn.Module):
    """Two inputs, and a tuple of two outputs."""

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return a + b, a * b


class Lookup(nn.Module):
    """Embeds tokens: integers in."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(10, 3)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.embedding(tokens).mean(1)


class Scaled(nn.Module):
    def forward(self, x: torch.Tensor, scale: float, shift: torch.Tensor | None = None) -> torch.Tensor:
        y = x * scale
        return y if shift is None else y + shift


class Embedding(nn.Module):
    """The mean of a transformer's last states, as sentences are embedded."""

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        states = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).float()
        return nn.functional.normalize((states * weights).sum(1) / weights.sum(1), dim=1)


class Point(NamedTuple):
    x: torch.Tensor
    y: torch.Tensor


class Points(nn.Module):
    def forward(self, x: torch.Tensor) -> Point:
        return Point(x, -x)


class Nameless(Net):
    def forward(self, *args: torch.Tensor) -> dict[str, torch.Tensor]:
        return super().forward(*args)


class Writing(nn.Module):
    """Writes in what it is given."""

    def forward(self, x: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
        return x + step.add_(1)


ARCHITECTURES = ModuleType("packflow_torch_test_architectures")
for made in (Net, Pair, Lookup, Scaled, Points, Nameless):
    setattr(ARCHITECTURES, made.__name__, made)
ARCHITECTURES.not_a_module = lambda: "text"  # type: ignore[attr-defined]
sys.modules[ARCHITECTURES.__name__] = ARCHITECTURES
PLACE = ARCHITECTURES.__name__

Save = Callable[..., Path]


@pytest.fixture
def script(tmp_path: Path) -> Save:
    """Save a model as TorchScript."""

    def save(model: nn.Module) -> Path:
        path = tmp_path / "model.pt"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            torch.jit.save(torch.jit.script(model.eval()), path)
        return path

    return save


@pytest.fixture
def export(tmp_path: Path) -> Save:
    """Save a model as an export archive; the first axis of each example is free unless that is not wanted."""

    def save(model: nn.Module, *examples: torch.Tensor, free: bool = True) -> Path:
        shapes = tuple({0: torch.export.Dim.DYNAMIC} for _ in examples) if free else None
        path = tmp_path / "model.pt2"
        torch.export.save(torch.export.export(model.eval(), examples, dynamic_shapes=shapes), path)
        return path

    return save


@pytest.fixture
def weights(tmp_path: Path) -> Save:
    """Save a model's weights."""

    def save(model: nn.Module) -> Path:
        path = tmp_path / "weights.pt"
        torch.save(model.state_dict(), path)
        return path

    return save


@pytest.fixture
def net() -> Net:
    torch.manual_seed(7)
    return Net().eval()


def inside(package: str, file: str) -> Path:
    """Give a file that a package ships; the package is not imported, for that would bring other libraries along."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / file


@pytest.fixture(scope="session")
def speech() -> Path:
    """Silero's TorchScript model of speech."""
    return inside("silero_vad", "data/silero_vad.jit")
