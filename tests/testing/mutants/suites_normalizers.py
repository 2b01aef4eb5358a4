"""A sound normalizer, and one broken in each way that the suite for normalizers looks for."""

from __future__ import annotations

import math

import numpy as np
from pydantic import BaseModel, RootModel, SecretStr

from packflow import plugin
from packflow.exceptions import NormalizationError
from packflow.normalizers import Native, Normalizer, Rows
from packflow.testing import NormalizerSuite
from tests.testing.mutants import THREADS, Mutants, meet_others


def coin(cents):
    import coins

    return coins.Coin(cents)


def purse(held=()):
    import coins

    return coins.Purse(held)


class CoinNormalizer(Normalizer):
    def to_native(self, obj):
        if isinstance(obj, list):
            return list(obj)
        if obj.cents is None:
            raise NormalizationError("a coin without a value")
        return {"cents": [obj.cents, "ct"]}

    def rows(self, obj):
        return Rows(list(obj)) if isinstance(obj, list) else None


class CoinSuite(NormalizerSuite):
    plugin = CoinNormalizer
    registered_as = "coins"
    cases = [(lambda: coin(50), {"cents": [50, "ct"]}), (lambda: coin(2), {"cents": [2, "ct"]})]
    batch_cases = [
        (lambda: purse([coin(1), coin(2)]), [{"cents": [1, "ct"]}, {"cents": [2, "ct"]}]),
        (lambda: purse(), []),
    ]
    refused = [lambda: coin(None)]
    thread_count = THREADS


class TestSound(CoinSuite):
    pass


class TestSoundByName(CoinSuite):
    plugin = "coins.Coin"
    cases = [(lambda: coin(50), 50)]
    batch_cases = ()
    refused = [lambda: coin(object())]


class TestNumpy(NormalizerSuite):
    plugin = "numpy"
    cases = [
        (lambda: np.array([[1.5, math.nan]]), [[1.5, None]]),
        (lambda: np.float32(0.5), 0.5),
        (lambda: np.array([(1, "a")], dtype=[("n", int), ("s", "U1")]), [{"n": 1, "s": "a"}]),
    ]
    batch_cases = [(lambda: np.array([[2], [4]]), [{"output": 2}, {"output": 4}])]
    refused = [lambda: np.array([1j])]


class Point(BaseModel):
    x: int


class Points(RootModel):
    root: list[Point]


class TestPydantic(NormalizerSuite):
    plugin = "pydantic"
    cases = [(lambda: Point(x=1), {"x": 1})]
    batch_cases = [(lambda: Points([Point(x=1), Point(x=2)]), [{"x": 1}, {"x": 2}])]
    refused = [lambda: SecretStr("secret")]


mutants = Mutants()
breaking = mutants.breaking

mutants.add("test_it_loads", "NotInstalled", plugin="no.such.Type")
plugin.register("normalizer", "coins.Purse", CoinNormalizer)
purses = [(lambda: purse([1, 2]), [1, 2])]
mutants.add(
    "test_it_is_declared_in_metadata", "OnlyRegistered", plugin="coins.Purse", batch_cases=(), refused=(), cases=purses
)
mutants.add("test_it_is_found_by_its_name", "Misnamed", registered_as="coin")
mutants.add("test_expected_data", "WronglyExpected", cases=[(lambda: coin(50), {"cents": 50})])


@breaking("test_it_loads")
class FromTheFuture(CoinNormalizer):
    plugin_api_version = 99


@breaking("test_it_is_found_by_its_name")
class NotTaking(CoinNormalizer):
    def converter(self, cls):
        return None


@breaking("test_expected_data")
class Failing(CoinNormalizer):
    def to_native(self, obj):
        if getattr(obj, "cents", None) == 50:
            raise KeyError("half")
        return super().to_native(obj)


@breaking("test_data_is_native")
class LeavingNumPy(CoinNormalizer):
    def to_native(self, obj):
        data = super().to_native(obj)
        return Native({"cents": [np.float64(obj.cents), "ct"]}) if isinstance(data, dict) else data


@breaking("test_data_is_json", cases=[(lambda: coin(math.nan), {"cents": [math.nan, "ct"]})])
class LeavingNaN(CoinNormalizer):
    def to_native(self, obj):
        data = super().to_native(obj)
        return Native(data) if isinstance(data, dict) else data


@breaking("test_data_is_its_own")
class Caching(CoinNormalizer):
    def __init__(self):
        self.kept = {}

    def to_native(self, obj):
        data = super().to_native(obj)
        return self.kept.setdefault(obj.cents, Native(data)) if isinstance(data, dict) else data


@breaking("test_objects_are_unchanged")
class Marking(CoinNormalizer):
    def to_native(self, obj):
        obj.seen = True
        return super().to_native(obj)


@breaking("test_objects_are_unchanged")
class ReadingOnce(CoinNormalizer):
    def to_native(self, obj):
        data = super().to_native(obj)
        if not isinstance(obj, list):
            obj.cents += 1
        return data


@breaking("test_batches")
class LosingRows(CoinNormalizer):
    def rows(self, obj):
        found = super().rows(obj)
        return Rows(found.values[1:]) if found else None


@breaking("test_refusals")
class Stringifying(CoinNormalizer):
    def to_native(self, obj):
        return "a coin" if getattr(obj, "cents", 0) is None else super().to_native(obj)


@breaking("test_many_threads", batch_cases=[])  # each thread has one coin
class ThroughSelf(CoinNormalizer):
    def to_native(self, obj):
        self.current = obj
        meet_others()
        return super().to_native(self.current)


mutants.into(globals(), CoinSuite)
