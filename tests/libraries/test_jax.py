"""Arrays of the real JAX: every dtype in every layout, compared with reading them value by value."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import Any

os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=4")  # before JAX is imported

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental import sparse
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from packflow import InferenceBackend
from packflow.exceptions import NormalizationError
from packflow.normalizers.jax import JaxNormalizer
from packflow.testing import NormalizerSuite
from packflow.utils.normalize import ensure_valid_output
from tests.normalizers.support import LAYOUTS, native, read_one_by_one, refused, rows_of, same

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
SMALL_INTEGERS = ["int2", "int4", "uint2", "uint4"]
FLOATS = ["bfloat16", "float16", "float32", "float64"]
SMALL_FLOATS = [
    "float4_e2m1fn",
    "float8_e3m4",
    "float8_e4m3",
    "float8_e4m3b11fnuz",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "float8_e8m0fnu",
]
READABLE = ["bool_", *INTEGERS, *SMALL_INTEGERS, *FLOATS, *SMALL_FLOATS]
NOT_ON_A_CPU = ["float6_e2m3fn", "float6_e3m2fn"]
COMPLEX = ["complex64", "complex128"]
ALIASES = {
    "bool",
    "double",
    "half",
    "single",
    "int_",
    "uint",
    "float_",
    "cdouble",
    "csingle",
    "complex_",
    "int1",
    "uint1",
}


@pytest.fixture(autouse=True)
def _wide_numbers() -> Iterator[None]:
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)


def six(dtype: str) -> Any:
    """Six values, the limits of the dtype among them."""
    if dtype == "bool_":
        return jnp.array([True, False, True, True, False, False])
    kind = getattr(jnp, dtype)
    if "int" in dtype:
        limits = jnp.iinfo(kind)
        return jnp.array([int(limits.min), 0, 1, int(limits.max), 1, 0], dtype=kind)
    return jnp.array([0.5, 1.5, math.nan, math.inf, float(jnp.finfo(kind).max), 2.0], jnp.float64).astype(kind)


def read(obj: Any) -> Any:
    """Read an array's cells one by one; of NumPy's copy, since each look at a cell of JAX's own compiles something."""
    return read_one_by_one(np.asarray(obj))


def check(obj: Any) -> None:
    """Fail unless an array becomes what reading its cells one by one gives."""
    expected = read(obj)
    assert same(native(obj), expected)
    assert same(native({"deep": [obj]}), {"deep": [expected]})
    if obj.ndim:
        if obj.ndim > 1 and obj.shape[1] == 1:
            expected = [row[0] for row in expected]
        assert same(rows_of(obj, obj.shape[0]), expected)


def test_every_dtype_is_in_these_tests() -> None:
    known = {name for name in dir(jnp) if isinstance(getattr(jnp, name), type(jnp.float32))}
    assert known - ALIASES <= {*READABLE, *COMPLEX, *NOT_ON_A_CPU}


@pytest.mark.parametrize("dtype", READABLE)
def test_arrays(dtype: str) -> None:
    if not hasattr(jnp, dtype):
        pytest.skip(f"this release of JAX has no {dtype}")
    values = six(dtype)
    assert values.dtype == getattr(jnp, dtype)
    for layout in LAYOUTS.values():
        check(layout(values))


@pytest.mark.parametrize("dtype", READABLE)
def test_values_that_are_not_finite_are_refused_if_asked(dtype: str) -> None:
    if not hasattr(jnp, dtype):
        pytest.skip(f"this release of JAX has no {dtype}")
    values = six(dtype).reshape(3, 2)
    if None in read(six(dtype)):
        path = refused({"deep": [values]}, nan="error").path.removeprefix("deep[0]")
        assert not math.isfinite(eval(f"values{path}").item())
    else:
        assert same(native(values, nan="error"), read(values))


@pytest.mark.parametrize("dtype", COMPLEX)
def test_complex_numbers_are_refused(dtype: str) -> None:
    error = refused({"deep": [jnp.array([1j], getattr(jnp, dtype))]})
    assert error.path == "deep[0]"
    assert "complex" in str(error)


def test_sharded_arrays_are_read_as_a_whole() -> None:
    assert len(jax.devices()) == 4
    mesh = Mesh(np.array(jax.devices()), ("rows",))
    for spec in (PartitionSpec("rows"), PartitionSpec()):
        spread = jax.device_put(jnp.arange(8.0).reshape(8, 1), NamedSharding(mesh, spec))
        assert len(spread.sharding.device_set) == 4
        assert rows_of(spread, 8) == [float(row) for row in range(8)]


@pytest.mark.parametrize("kind", ["BCOO", "BCSR", "COO", "CSR", "CSC"])
@pytest.mark.parametrize("dtype", ["int32", "uint8", "float32", "bfloat16"])  # JAX makes no sparse ones of bools
def test_sparse_arrays(kind: str, dtype: str) -> None:
    dense = jnp.array([[0, 1], [1, 1], [0, 0]], getattr(jnp, dtype))
    made = getattr(sparse, kind).fromdense(dense)
    assert same(native([made]), [read(dense)])
    assert same(rows_of(made, 3), read(dense))


def test_sparse_columns_are_unwrapped_by_their_shape() -> None:
    assert rows_of(sparse.BCOO.fromdense(jnp.array([[1.0], [0.0]])), 2) == [1.0, 0.0]


def test_random_keys_are_refused() -> None:
    key = jax.random.key(0)
    for obj in (key, jax.random.split(key, 2)):
        error = refused({"deep": [obj]})
        assert error.path == "deep[0]"
        assert "jax.random.key_data" in str(error)
        with pytest.raises(NormalizationError, match="random keys"):
            ensure_valid_output(obj)
    assert native(jax.random.key_data(key)) == read(jax.random.key_data(key))


@pytest.mark.parametrize("transform", [jax.jit, jax.grad, jax.vmap, jax.make_jaxpr, jax.linearize])
def test_tracers_are_refused(transform: Any) -> None:
    met = []

    def traced(array: Any) -> Any:
        met.append(refused({"deep": [array]}))
        with pytest.raises(NormalizationError, match="still tracing"):
            ensure_valid_output(array)
        return (array * 2).sum()

    arguments = [jnp.ones(3)] if transform is jax.linearize else []
    transform(traced, *arguments) if arguments else transform(traced)(jnp.ones(3))
    assert [error.path for error in met] == ["deep[0]"] * len(met) != []
    assert "still tracing" in str(met[0])


def test_deleted_arrays_are_refused() -> None:
    array = jnp.ones(3)
    array.delete()
    assert "deleted" in str(refused([array]))


@pytest.mark.parametrize(
    "make",
    [
        lambda: jax.devices()[0],
        lambda: jnp.float32,
        lambda: jax.ShapeDtypeStruct((2,), jnp.float32),
        lambda: jnp.ones(1).sharding,
    ],
)
def test_other_objects_of_jax_are_refused(make: Any) -> None:
    error = refused({"deep": [make()]})
    assert error.path == "deep[0]"
    assert "has no JSON form" in str(error)


def test_single_values_have_no_rows() -> None:
    with pytest.raises(NormalizationError, match="have no rows"):
        ensure_valid_output(jnp.ones(()))


def test_memory_is_shared_where_it_can_be() -> None:
    array = jnp.ones(3)
    assert np.shares_memory(JaxNormalizer().to_native(array), np.asarray(array))


def test_named_results_and_lists() -> None:
    assert native(jax.lax.top_k(jnp.array([1.0, 2.0]), 1)) == [[2.0], [1]]
    assert set(native(jnp.linalg.svd(jnp.eye(1)))) == {"U", "S", "Vh"}
    assert rows_of([jnp.ones(1), jnp.zeros(1)], 2) == [1.0, 0.0]
    assert native({1: jnp.float32(2)}) == {"1": 2.0}


def test_a_model_in_a_backend() -> None:
    class Linear(InferenceBackend):
        def initialize(self) -> None:
            self.model = jax.jit(lambda inputs: inputs @ jnp.array([[2.0], [1.0]]))

        def transform_inputs(self, inputs: Any) -> Any:
            return jnp.array([[row["a"], row["b"]] for row in inputs])

        def execute(self, inputs: Any) -> Any:
            return self.model(inputs)

        def transform_outputs(self, inputs: Any) -> Any:
            return ensure_valid_output(inputs, parent_key="score")

    rows = [{"a": 1.0, "b": 2.0}, {"a": -1.0, "b": 0.5}]
    assert Linear(verbose=False).validate(rows) == [{"score": 4.0}, {"score": -1.5}]


class TestConformance(NormalizerSuite):
    plugin = "jax"
    cases = [
        (lambda: jnp.array([[1.5, math.nan]], jnp.bfloat16), [[1.5, None]]),
        (lambda: sparse.BCOO.fromdense(jnp.array([0, 2])), [0, 2]),
        (lambda: jnp.int32(3), 3),
    ]
    batch_cases = [(lambda: jnp.array([[1], [2]]), [{"output": 1}, {"output": 2}])]
    refused = [lambda: jnp.array(1j), lambda: jax.random.key(0), lambda: jnp.float32]
