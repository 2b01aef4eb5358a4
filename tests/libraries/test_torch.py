"""Tensors of the real PyTorch: every dtype in every layout, compared with reading them value by value."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.masked import masked_tensor

from packflow import InferenceBackend
from packflow.normalizers.torch import TorchNormalizer
from packflow.testing import NormalizerSuite
from packflow.utils.normalize import ensure_native_types, ensure_valid_output
from tests.normalizers.support import LAYOUTS, check_array, native, read_one_by_one, refused, rows_of, same

INTEGERS = {torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.uint16, torch.uint32, torch.uint64}
FLOAT8 = {
    torch.float8_e4m3fn,
    torch.float8_e4m3fnuz,
    torch.float8_e5m2,
    torch.float8_e5m2fnuz,
    torch.float8_e8m0fnu,
}
FLOATS = {torch.float16, torch.bfloat16, torch.float32, torch.float64}
COMPLEX = {torch.complex32, torch.complex64, torch.complex128}
QUANTIZED = {torch.qint8, torch.quint8, torch.qint32, torch.quint4x2, torch.quint2x4}
PACKED = {torch.float4_e2m1fn_x2, torch.bits8, torch.bits16, torch.bits1x8, torch.bits2x4, torch.bits4x2} | {
    getattr(torch, f"{kind}{bits}") for kind in ("int", "uint") for bits in range(1, 8)
}
READABLE = sorted({torch.bool} | INTEGERS | FLOAT8 | FLOATS, key=str)


def six(dtype: torch.dtype) -> torch.Tensor:
    """Six values, the limits of the dtype among them."""
    if dtype in INTEGERS:
        limits = torch.iinfo(dtype)
        return torch.tensor([limits.min, 0, 1, limits.max, 2, 3], dtype=dtype)
    if dtype == torch.bool:
        return torch.tensor([True, False, True, True, False, False])
    limits = torch.finfo(dtype)
    return torch.tensor([0.1, -1.5, math.nan, -math.inf, limits.max, limits.tiny], dtype=torch.float64).to(dtype)


def test_every_dtype_is_in_these_tests() -> None:
    known = {value for value in vars(torch).values() if isinstance(value, torch.dtype)}
    assert known == {*READABLE, *COMPLEX, *QUANTIZED, *PACKED}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", READABLE, ids=str)
def test_dense_tensors(dtype: torch.dtype, layout: str) -> None:
    check_array(LAYOUTS[layout](six(dtype)))


@pytest.mark.parametrize("dtype", READABLE, ids=str)
def test_values_that_are_not_finite_are_refused_if_asked(dtype: torch.dtype) -> None:
    tensor = six(dtype).reshape(3, 2)
    if None in read_one_by_one(six(dtype)):
        error = refused({"deep": [tensor]}, nan="error")
        path = error.path.removeprefix("deep[0]")
        assert not math.isfinite(eval(f"tensor{path}").item())
    else:
        assert same(native(tensor, nan="error"), read_one_by_one(tensor))


@pytest.mark.parametrize("dtype", sorted(FLOATS, key=str), ids=str)
def test_tensors_with_gradients(dtype: torch.dtype) -> None:
    for layout in LAYOUTS.values():
        leaf = layout(six(dtype)).clone().requires_grad_()
        check_array(leaf)
        assert leaf.requires_grad
        check_array(leaf * 1)
    check_array(torch.nn.Parameter(six(dtype)))
    with torch.inference_mode():
        made = six(dtype) * 1
    check_array(made)


# Sparse tensors -----------------------------------------------------------------------------------------------------


def sparse(dtype: torch.dtype) -> dict[str, tuple[torch.Tensor, Any]]:
    """Tensors of every sparse layout, each with the nested list of the values that it stands for."""
    values = six(dtype)[[0, 3, 4]]
    a, b, c = read_one_by_one(values)
    zero = {torch.bool: False}.get(dtype, 0 if dtype in INTEGERS else 0.0)
    block = values[:1].expand(4).reshape(1, 2, 2)
    return {
        "coo, 1-d": (torch.sparse_coo_tensor([[3, 0, 1]], values, (5,)), [b, c, zero, a, zero]),
        "coo, n x k": (torch.sparse_coo_tensor([[0, 1, 1], [1, 0, 1]], values, (2, 2)), [[zero, a], [b, c]]),
        "coo, n x 1": (torch.sparse_coo_tensor([[2, 0, 1], [0, 0, 0]], values, (4, 1)), [[b], [c], [a], [zero]]),
        "coo, hybrid": (torch.sparse_coo_tensor([[1]], values[None], (2, 3)), [[zero] * 3, [a, b, c]]),
        "coo, coalesced": (torch.sparse_coo_tensor([[0, 1, 3]], values, (4,), is_coalesced=True), [a, b, zero, c]),
        "csr": (torch.sparse_csr_tensor([0, 1, 3], [1, 0, 1], values, (2, 2)), [[zero, a], [b, c]]),
        "csc": (torch.sparse_csc_tensor([0, 1, 3], [1, 0, 1], values, (2, 2)), [[zero, b], [a, c]]),
        "bsr": (torch.sparse_bsr_tensor([0, 0, 1], [0], block, (4, 2)), [[zero] * 2] * 2 + [[a, a]] * 2),
        "bsc": (torch.sparse_bsc_tensor([0, 0, 1], [0], block, (2, 4)), [[zero, zero, a, a]] * 2),
        "no values": (torch.sparse_coo_tensor(torch.empty(1, 0), values[:0], (2,)), [zero, zero]),
        "no rows": (torch.sparse_coo_tensor(torch.empty(2, 0), values[:0], (0, 3)), []),
    }


@pytest.fixture
def _checked_sparse_tensors() -> Iterator[None]:
    with torch.sparse.check_sparse_tensor_invariants():
        yield


@pytest.mark.usefixtures("_checked_sparse_tensors")
@pytest.mark.filterwarnings("ignore:Sparse .* tensor support is in beta state:UserWarning")
@pytest.mark.parametrize("dtype", READABLE, ids=str)
def test_sparse_tensors(dtype: torch.dtype) -> None:
    made = sparse(dtype)
    assert {tensor.layout for tensor, _ in made.values()} == {
        torch.sparse_coo, torch.sparse_csr, torch.sparse_csc, torch.sparse_bsr, torch.sparse_bsc,
    }  # fmt: skip
    for name, (tensor, expected) in made.items():
        assert same(native([tensor]), [expected]), name
        rows = [row[0] for row in expected] if name == "coo, n x 1" else expected
        assert same(rows_of(tensor, tensor.shape[0]), rows), name


@pytest.mark.usefixtures("_checked_sparse_tensors")
def test_what_a_sparse_tensor_names_twice_is_added_up() -> None:
    for dtype, expected in ((torch.float32, 3.0), (torch.int64, 3), (torch.uint16, 3), (torch.uint64, 3)):
        tensor = torch.sparse_coo_tensor([[1, 1]], torch.tensor([1, 2], dtype=dtype), (2,))
        assert same(native(tensor), [type(expected)(0), expected])


@pytest.mark.usefixtures("_checked_sparse_tensors")
def test_other_layouts() -> None:
    assert rows_of(torch.ones(2, 1).to_mkldnn(), 2) == [1.0, 1.0]
    assert rows_of(torch.ones(2, requires_grad=True).to_sparse(), 2) == [1.0, 1.0]
    assert native(torch.tensor(3).to_sparse()) == 3


# Quantized, nested, masked ------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize("dtype", [torch.qint8, torch.quint8, torch.qint32, torch.quint4x2], ids=str)
def test_quantized_tensors_are_the_numbers_that_they_stand_for(dtype: torch.dtype) -> None:
    tensor = torch.quantize_per_tensor(torch.tensor([[0.5], [1.5], [2.1]]), 0.5, 1, dtype)
    assert same(rows_of(tensor, 3), [0.5, 1.5, 2.0])
    if dtype != torch.quint4x2:
        points = torch.zeros(2, dtype=torch.int64)
        by_row = torch.quantize_per_channel(torch.ones(2, 2), torch.tensor([0.5, 0.4]), points, 0, dtype)
        assert same(native(by_row), by_row.dequantize().tolist())


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")
@pytest.mark.parametrize("layout", [torch.strided, torch.jagged], ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64], ids=str)
def test_nested_tensors_are_rows_of_several_lengths(layout: torch.layout, dtype: torch.dtype) -> None:
    def nested(*lengths: int) -> torch.Tensor:
        return torch.nested.nested_tensor([six(dtype)[:length] for length in lengths], layout=layout)

    parts = [read_one_by_one(six(dtype)[:length]) for length in (3, 0, 1)]
    assert same(native({"deep": nested(3, 0, 1)}), {"deep": parts})
    assert same(rows_of(nested(3, 0, 1), 3), parts)
    assert same(rows_of(nested(1, 1), 2), [parts[2], parts[2]])  # one value each, but not by their shape
    if dtype.is_floating_point:
        ragged = torch.nested.nested_tensor([torch.ones(2), torch.ones(1)], layout=layout, requires_grad=True)
        assert rows_of(ragged, 2) == [[1.0, 1.0], [1.0]]
    planes = torch.nested.nested_tensor([torch.ones(2, 2), torch.ones(1, 2)], layout=layout)
    assert rows_of(planes, 2) == [[[1.0, 1.0], [1.0, 1.0]], [[1.0, 1.0]]]


@pytest.mark.usefixtures("_checked_sparse_tensors")
@pytest.mark.filterwarnings("ignore:The PyTorch API of MaskedTensors:UserWarning")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int64, torch.bool], ids=str)
def test_masked_values_are_none(dtype: torch.dtype) -> None:
    values, mask = six(dtype), torch.tensor([True, False, True, False, True, True])
    expected = [value if shown else None for value, shown in zip(read_one_by_one(values), mask.tolist(), strict=True)]
    assert same(native([masked_tensor(values, mask)]), [expected])
    assert same(rows_of(masked_tensor(values[:, None], mask[:, None]), 6), expected)
    places = torch.arange(6)[None]
    both = [torch.sparse_coo_tensor(places, part, (7,), is_coalesced=True) for part in (values, mask)]
    assert same(rows_of(masked_tensor(*both), 7), [*expected, None])


# Results, and what is no tensor -------------------------------------------------------------------------------------


def test_named_results_are_objects() -> None:
    found = torch.max(torch.tensor([[1.5, 2.5], [3.5, 0.5]]), dim=1)
    assert native([found]) == [{"values": [2.5, 3.5], "indices": [1, 0]}]
    assert native(torch.ones(2, 3).size()) == [2, 3]


@pytest.mark.usefixtures("_checked_sparse_tensors")
@pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental:UserWarning")
@pytest.mark.parametrize("dtype", sorted(COMPLEX, key=str), ids=str)
def test_complex_numbers_are_refused(dtype: torch.dtype) -> None:
    tensor = torch.zeros(2, dtype=dtype)
    error = refused({"deep": [tensor]})
    assert error.path == "deep[0]"
    assert "view_as_real" in str(error)
    if dtype != torch.complex32:
        assert "complex" in str(refused(torch.sparse_coo_tensor([[0]], tensor[:1], (2,))))
        assert same(native(torch.view_as_real(tensor)), [[0.0, 0.0]] * 2)
        assert native((tensor + 1j).conj().imag) == [-1.0, -1.0]  # negative by a bit of the view


@pytest.mark.parametrize("dtype", sorted(PACKED, key=str), ids=str)
def test_dtypes_that_pytorch_only_stores_are_refused(dtype: torch.dtype) -> None:
    error = refused([torch.empty(2, dtype=dtype)])
    assert error.path == "[0]"
    assert str(dtype) in str(error)


def test_tensors_without_values_are_refused() -> None:
    assert "meta device" in str(refused([torch.ones(2, device="meta")]))
    with FakeTensorMode():
        fake = torch.ones(2)
    assert "fake mode" in str(refused([fake]))
    torch.vmap(lambda row: [refused([row]), row][1])(torch.ones(2, 2))
    assert "uninitialized" in str(refused([torch.nn.UninitializedParameter()]))
    with pytest.raises(Exception, match="have no rows"):
        ensure_valid_output(torch.tensor(1.0))


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.float32,
        lambda: torch.device("cpu"),
        lambda: torch.strided,
        lambda: torch.Generator(),
        lambda: torch.nn.Linear(1, 1),
        lambda: torch.nn.ParameterList([torch.ones(1)]),
        lambda: torch.ones(2).untyped_storage(),
    ],
)
def test_other_objects_of_pytorch_are_refused(make: Any) -> None:
    error = refused({"deep": [make()]})
    assert error.path == "deep[0]"
    assert "has no JSON form" in str(error)


def test_subclasses_and_scalars_as_keys() -> None:
    class Mine(torch.Tensor):
        pass

    assert rows_of(torch.ones(2, 1).as_subclass(Mine), 2) == [1.0, 1.0]
    assert native({torch.tensor(1): 2}) == {"1": 2}


def test_a_list_of_tensors_is_one_row_each() -> None:
    assert rows_of([torch.tensor(1.5), torch.tensor(2)], 2) == [1.5, 2]
    assert rows_of([torch.ones(1), torch.ones(1)], 2) == [1.0, 1.0]
    assert rows_of((torch.ones(2), torch.ones(3)), 2) == [[1.0] * 2, [1.0] * 3]


# How it is done -----------------------------------------------------------------------------------------------------


def test_memory_is_shared_where_it_can_be() -> None:
    for tensor in (torch.ones(3), torch.ones(3, requires_grad=True), torch.ones(4, 2)[::2].T):
        assert np.shares_memory(TorchNormalizer().to_native(tensor), tensor.detach().numpy())


def test_tensors_are_not_changed() -> None:
    tensor = torch.tensor([[1.0], [math.nan]], requires_grad=True)
    ensure_valid_output(tensor)
    assert tensor.requires_grad
    assert tensor.detach().numpy().tobytes() == np.array([[1.0], [math.nan]], "f4").tobytes()


def test_a_model_in_a_backend() -> None:
    class Linear(InferenceBackend):
        def initialize(self) -> None:
            self.model = torch.nn.Linear(2, 1)

        def transform_inputs(self, inputs: Any) -> Any:
            return torch.tensor([[row["a"], row["b"]] for row in inputs])

        def execute(self, inputs: Any) -> Any:
            return self.model(inputs)

        def transform_outputs(self, inputs: Any) -> Any:
            return ensure_valid_output(inputs, parent_key="score")

    backend = Linear(verbose=False)
    rows = [{"a": 1.0, "b": 2.0}, {"a": -1.0, "b": 0.5}]
    expected = backend.model(torch.tensor([[1.0, 2.0], [-1.0, 0.5]])).detach().flatten().tolist()
    assert backend.validate(rows) == [{"score": score} for score in expected]


def test_pytorch_warns_of_nothing_that_was_not_asked_for() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ensure_native_types([torch.ones(2, requires_grad=True), torch.ones(2).to(torch.bfloat16)])
    assert caught == []


class TestConformance(NormalizerSuite):
    plugin = "torch"
    cases = [
        (lambda: torch.tensor([[1.5, math.nan]]), [[1.5, None]]),
        (lambda: torch.nn.Parameter(torch.ones(2)), [1.0, 1.0]),
        (lambda: torch.tensor(3, dtype=torch.uint8), 3),
        (lambda: torch.max(torch.ones(1, 2), dim=1), {"values": [1.0], "indices": [0]}),
    ]
    batch_cases = [(lambda: torch.tensor([[1], [2]]), [{"output": 1}, {"output": 2}])]
    refused = [
        lambda: torch.ones(1, dtype=torch.complex64),
        lambda: torch.ones(1, device="meta"),
        lambda: torch.float32,
    ]
