"""PyTorch: small networks as an export archive and as TorchScript, and a larger one."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from packflow_torch import TorchBackend
from rounds import Model, Record, fields, numbers, run, vector
from torch import nn

FEATURES = fields(10)


def network(*widths: int) -> nn.Module:
    torch.manual_seed(1)
    layers: list[nn.Module] = []
    for taken, given in pairwise(widths):
        layers += [nn.Linear(taken, given), nn.ReLU()]
    return nn.Sequential(*layers[:-1]).eval()


def export(folder: Path, model: nn.Module, example: torch.Tensor) -> Path:
    path = folder / "model.pt2"
    torch.export.save(torch.export.export(model, (example,), dynamic_shapes=({0: torch.export.Dim.DYNAMIC},)), path)
    return path


def script(folder: Path, model: nn.Module) -> Path:
    path = folder / f"model-{sum(1 for _ in model.parameters())}.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.save(torch.jit.script(model), path)
    return path


def lay_out(records: list[Record]) -> torch.Tensor:
    return torch.tensor([[record[name] for name in FEATURES] for record in records], dtype=torch.float32)


def lay_out_vectors(records: list[Record]) -> torch.Tensor:
    return torch.tensor([record["x"] for record in records], dtype=torch.float32)


def read(result: torch.Tensor) -> list[Record]:
    return [{"output": row} for row in result.tolist()]


def called(model: Any) -> Any:
    def call(batch: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            result: torch.Tensor = model(batch)
        return result

    return call


def both(path: Path, given: str) -> dict[str, Any]:
    settings: dict[str, Any] = {"model_path": path, "feature_names": FEATURES, "device": "cpu", "verbose": False}
    return {
        "packflow": TorchBackend(**settings, inputs={given: FEATURES}),
        "packflow, numpy": TorchBackend(**settings, input_format="numpy", numpy_dtype="float32"),
    }


def models(folder: Path) -> Iterator[Model]:
    small = network(10, 64, 64, 3)
    exported = export(folder, small, torch.zeros(2, 10))
    opened = torch.export.load(exported).module()
    yield Model("MLP 10-64-64-3, export", numbers(10), lay_out, called(opened), read, both(exported, "input"))
    scripted = script(folder, small)
    loaded = torch.jit.load(scripted)
    yield Model("MLP 10-64-64-3, TorchScript", numbers(10), lay_out, called(loaded), read, both(scripted, "input"))
    large = script(folder, network(256, 1024, 1024, 1024, 10))
    backend = TorchBackend(model_path=large, inputs={"input": "x"}, device="cpu", verbose=False)
    call = called(torch.jit.load(large))
    yield Model("MLP 256-1024-1024-1024-10", vector(256), lay_out_vectors, call, read, {"packflow": backend})


if __name__ == "__main__":
    run(models)
