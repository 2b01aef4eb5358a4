"""Which rule is found for a type, when it is looked up, and what a registered normalizer can do."""

from __future__ import annotations

import enum
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pytest

from packflow import plugin
from packflow.exceptions import NormalizationError, PackflowError, PluginLoadError
from packflow.normalizers import Native, Normalizer, Rows, dispatch
from packflow.normalizers.numpy import NumpyNormalizer
from packflow.utils.normalize import ensure_native_types, ensure_valid_output
from tests.normalizers.support import native, refused
from tests.support.threads import meanwhile

HERE = __name__


class Money:
    def __init__(self, amount: Any) -> None:
        self.amount = amount


class Cheque(Money):
    pass


class Tag(NamedTuple):
    text: str


class Level(enum.IntEnum):
    LOW = 1


class MoneyNormalizer(Normalizer):
    def to_native(self, obj: Any) -> Any:
        return {"amount": obj.amount}


class Answering(Normalizer):
    """Gives a prepared answer."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def to_native(self, obj: Any) -> Any:
        return self.answer


def registered(cls: type, normalizer: Any, *, replace: bool = False) -> Any:
    return plugin.register("normalizer", f"{cls.__module__}.{cls.__qualname__}", normalizer, replace=replace)


def test_a_registered_normalizer_is_found_for_as_long_as_it_is_registered() -> None:
    assert refused([Money(1)]).path == "[0]"
    with registered(Money, MoneyNormalizer):
        assert native([Money(1)]) == [{"amount": 1}]
        with registered(Money, Answering("2 EUR"), replace=True):
            assert native([Money(1)]) == ["2 EUR"]
        assert native([Money(1)]) == [{"amount": 1}]
    assert refused([Money(1)]).path == "[0]"


def test_subclasses_are_found_with_their_base_and_the_nearest_base_wins() -> None:
    with registered(Money, MoneyNormalizer):
        assert native(Cheque(1)) == {"amount": 1}
        with registered(Cheque, Answering("cheque")):
            assert native([Cheque(1), Money(1)]) == ["cheque", {"amount": 1}]


def test_a_normalizer_can_be_named_by_its_module_and_object() -> None:
    with registered(Money, f"{HERE}:MoneyNormalizer"):
        assert native(Money(1)) == {"amount": 1}


def test_what_a_normalizer_gives_is_converted_in_turn() -> None:
    with registered(Money, MoneyNormalizer):
        assert native(Money(np.array([1.5, np.nan]))) == {"amount": [1.5, None]}
        assert native(Money(Money((Decimal("0.5"),)))) == {"amount": {"amount": [0.5]}}
        assert refused([Money({"a": 1j})]).path == "[0].amount.a"
        assert refused(Money(float("nan")), nan="error").path == "amount"


def test_an_exact_name_goes_before_every_other_rule() -> None:
    for obj in (Tag("a"), Level.LOW, Decimal(1), np.float64(1), np.arange(2)):
        with registered(type(obj), Answering("mine")):
            assert native([obj]) == ["mine"]
        assert native([obj]) != ["mine"]


def test_the_name_of_a_library_goes_before_pythons_own_types() -> None:
    class Special(datetime):
        pass

    Special.__module__ = "acme_time.core"
    with plugin.register("normalizer", "acme_time", Answering("special")):
        assert native(Special(2024, 1, 2)) == "special"
        assert native(datetime(2024, 1, 2)) == "2024-01-02T00:00:00"


def test_a_library_may_leave_a_type_to_the_other_rules() -> None:
    class Choosy(Answering):
        def converter(self, cls: type) -> Callable[[Any], Any] | None:
            return None if issubclass(cls, datetime) else self.to_native

    class Special(datetime):
        pass

    Special.__module__ = Money.__module__
    with plugin.register("normalizer", HERE.partition(".")[0], Choosy("chosen")):
        assert native([Special(2024, 1, 2), Money(1)]) == ["2024-01-02T00:00:00", "chosen"]


@pytest.mark.parametrize("name", ["builtins.dict", "builtins.str", "builtins.float", "builtins.object", "builtins"])
def test_jsons_own_types_cannot_be_taken_over(name: str) -> None:
    with plugin.register("normalizer", name, Answering("taken")):
        assert native([{"a": 1.5}, "b"]) == [{"a": 1.5}, "b"]


def test_it_is_asked_once_for_each_type() -> None:
    class Counting(MoneyNormalizer):
        asked: list[type] = []
        made = 0

        def __init__(self) -> None:
            Counting.made += 1

        def converter(self, cls: type) -> Callable[[Any], Any] | None:
            self.asked.append(cls)
            return self.to_native

    with registered(Money, Counting):
        for _ in range(3):
            native([Money(1), Cheque(2), Money(3)])
    assert Counting.asked == [Money, Cheque]
    assert Counting.made == 1


def test_types_made_by_the_thousand_are_not_kept_for_ever() -> None:
    from packflow.normalizers.dispatch import current_rules

    for number in range(5000):
        native(type(f"Text{number}", (str,), {})("a"))
    assert len(current_rules().known) <= 4096


def test_threads_may_meet_a_new_type_at_once() -> None:
    class Fresh(str):
        pass

    results: list[Any] = []
    barrier = threading.Barrier(8)

    def convert() -> None:
        barrier.wait()
        results.append(ensure_native_types([Fresh("a"), np.float16(1)]))

    threads = [threading.Thread(target=convert) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [["a", 1.0]] * 8


def test_a_type_is_not_half_forgotten_while_another_thread_meets_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_MOST_TYPES", 4)
    monkeypatch.setattr(dispatch, "_rules", None)

    def meet_many() -> None:
        for number in range(5):
            native(type(f"Text{number}", (str,), {})("a"))

    class Interrupted(dict[Any, Any]):
        def get(self, cls: Any, default: Any = None) -> Any:
            meanwhile(meet_many)
            return super().get(cls, default)

    dispatch.current_rules().normalizers = Interrupted()
    assert ensure_valid_output(np.array([[2], [4]])) == [{"output": 2}, {"output": 4}]
    assert ensure_valid_output(np.array([[2], [4]])) == [{"output": 2}, {"output": 4}]


def test_all_threads_have_one_normalizer_though_they_make_it_at_once() -> None:
    made: list[Any] = []
    together = threading.Barrier(2)

    class Slow(MoneyNormalizer):
        def __init__(self) -> None:
            together.wait(30)  # both are being made
            made.append(self)

        def to_native(self, obj: Any) -> Any:
            return id(self)

    with registered(Money, Slow), ThreadPoolExecutor(2) as threads:
        first, second = threads.map(ensure_native_types, [Money(1), Money(1)])
        assert len(made) == 2
        assert first == second == ensure_native_types(Money(1))


def test_an_answer_marked_native_is_taken_as_it_is() -> None:
    answer = [[1, 2], {"a": None}]
    with registered(Money, Answering(Native(answer))):
        assert ensure_native_types([Money(1)])[0] is answer


def test_an_answer_marked_native_says_where_it_replaced_a_nan() -> None:
    with registered(Money, Answering(Native({"a": [1.0, None]}, replaced=("a", 1)))):
        assert native([Money(1)]) == [{"a": [1.0, None]}]
        assert refused([Money(1)], nan="error").path == "[0].a[1]"


def test_what_a_normalizer_refuses_gets_its_path() -> None:
    class Refusing(Normalizer):
        def to_native(self, obj: Any) -> Any:
            raise NormalizationError("no money here", path=obj.amount)

    with registered(Money, Refusing):
        assert str(refused([{"m": Money("")}])) == "[0].m: no money here"
        assert refused([{"m": Money("[2]")}]).path == "[0].m[2]"
        assert refused([{"m": Money("a.b")}]).path == "[0].m.a.b"
        assert refused(Money("a.b")).path == "a.b"


def test_a_normalizer_that_fails_is_reported_with_path_type_and_cause() -> None:
    class Failing(Normalizer):
        def to_native(self, obj: Any) -> Any:
            raise KeyError("rate")

    with registered(Money, Failing):
        for data in ([0, Money(1)], [0, Cheque(1)]):
            for _ in range(2):  # the first look-up and the remembered one
                error = refused(data)
                assert error.path == "[1]"
                assert type(data[1]).__name__ in str(error)
                assert "KeyError" in str(error)
                assert isinstance(error.__cause__, KeyError)


def test_a_normalizer_that_gives_back_what_it_got_is_an_error() -> None:
    class Same(Normalizer):
        def to_native(self, obj: Any) -> Any:
            return obj

    with registered(Money, Same):
        error = refused([Money(1)])
    assert error.path == "[0]"
    assert "simpler" in str(error)


def test_a_broken_normalizer_is_an_error_that_names_it_and_only_where_it_is_needed() -> None:
    with registered(Money, "no_such_module_anywhere:Thing"):
        assert native([1, datetime(2024, 1, 2)]) == [1, "2024-01-02T00:00:00"]
        with pytest.raises(PluginLoadError) as caught:
            ensure_native_types([Money(1)])
    assert caught.value.name == f"{HERE}.Money"


class Unmade(MoneyNormalizer):
    def __init__(self) -> None:
        raise OSError("no rates")


class Undecided(MoneyNormalizer):
    def converter(self, cls: type) -> Callable[[Any], Any] | None:
        raise OSError("no rates")


class Slow(MoneyNormalizer):
    def many(self, cls: type) -> Any:
        raise OSError("no rates")


class Unsure(MoneyNormalizer):
    def records(self, cls: type) -> Any:
        raise OSError("no rates")


@pytest.mark.parametrize(
    ("broken", "call"),
    [(Unmade, "Unmade()"), (Undecided, "converter("), (Slow, "many("), (Unsure, "records(")],
)
def test_a_normalizer_that_cannot_be_made_or_asked_is_an_error_that_names_it(broken: type, call: str) -> None:
    with registered(Money, broken), pytest.raises(PluginLoadError, match="no rates") as caught:
        ensure_native_types({"a": [Money(1)]})
    assert call in str(caught.value)
    assert caught.value.name == f"{HERE}.Money"
    assert isinstance(caught.value.__cause__, OSError)


def test_something_else_than_a_normalizer_is_refused() -> None:
    with pytest.raises(PackflowError):
        registered(Money, object())


def test_rows_of_a_registered_type() -> None:
    class Batch(MoneyNormalizer):
        def rows(self, obj: Any) -> Rows | None:
            return Rows(obj.amount) if isinstance(obj.amount, (list, np.ndarray)) else None

    with registered(Money, Batch):
        assert ensure_valid_output(Money([1, {"a": 2}])) == [{"output": 1}, {"a": 2}]
        assert ensure_valid_output(Money([[1], [2]])) == [{"output": [1]}, {"output": [2]}]  # its own word counts
        assert ensure_valid_output(Money(np.arange(2))) == [{"output": 0}, {"output": 1}]
        assert ensure_valid_output(Money(5)) == [{"amount": 5}]
        with pytest.raises(NormalizationError) as caught:
            ensure_valid_output(Money([0, 1j]))
        assert caught.value.path == "[1]"


class Quick(MoneyNormalizer):
    """Makes the records of whole amounts itself; the others are rows like any."""

    def rows(self, obj: Any) -> Rows | None:
        return Rows(["slowly", obj.amount])

    def records(self, cls: type) -> Callable[[Any, str], list[dict[str, Any]] | None] | None:
        return (lambda obj, key: [{key: obj.amount}] if obj.amount > 0 else None) if cls is Money else None


def test_records_that_a_normalizer_makes_itself() -> None:
    with registered(Money, Quick):
        ensure_valid_output(Money(1))  # its class is met
        assert ensure_valid_output(Money(2), "price") == [{"price": 2}]
        assert ensure_valid_output(Money(-2), "price") == [{"price": "slowly"}, {"price": -2}]
        assert ensure_valid_output([Money(2)]) == [{"amount": 2}]
        ensure_valid_output(Cheque(1))
        assert ensure_valid_output(Cheque(1)) == [{"output": "slowly"}, {"output": 1}]
        with pytest.raises(NormalizationError, match=r"Money.*TypeError") as caught:
            ensure_valid_output(Money("free"))
        assert isinstance(caught.value.__cause__, TypeError)


def test_what_a_subclass_of_a_normalizer_changes_counts() -> None:
    class Coins(Quick):
        def rows(self, obj: Any) -> Rows | None:
            return Rows(["coins"] * obj.amount)

    class Rounded(NumpyNormalizer):
        def converter(self, cls: type) -> Callable[[Any], Any] | None:
            return lambda array: array.round().tolist()

    with registered(Money, Coins):
        for _ in range(3):
            assert ensure_valid_output(Money(2)) == [{"output": "coins"}] * 2
    with registered(np.ndarray, Rounded):
        for _ in range(3):
            assert native([np.array([0.25])] * 9) == [[0.0]] * 9


class Purse(Money):
    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        raise StopIteration


def test_an_iterator_is_read_out_whatever_makes_its_records() -> None:
    class Always(MoneyNormalizer):
        def records(self, cls: type) -> Callable[[Any, str], list[dict[str, Any]] | None] | None:
            return lambda obj, key: [{key: obj.amount}]

    with registered(Purse, Always):
        assert native(Purse(1)) == {"amount": 1}  # its class is met
        assert ensure_valid_output(Purse(1)) == []


def test_a_list_from_a_type_without_rows_is_not_taken_for_rows() -> None:
    with registered(Money, Answering([1, 2])):
        assert ensure_valid_output([Money(1)], "all") == [{"all": [1, 2]}]
        with pytest.raises(NormalizationError, match="Money"):
            ensure_valid_output(Money(1))


def test_rows_that_are_none_are_an_error() -> None:
    class Odd(MoneyNormalizer):
        def rows(self, obj: Any) -> Rows | None:
            return Rows("text")

    with registered(Money, Odd), pytest.raises(NormalizationError, match="Money"):
        ensure_valid_output(Money(1))


def test_what_is_refused_while_rows_are_read_is_reported_with_its_path() -> None:
    class Refusing(MoneyNormalizer):
        def rows(self, obj: Any) -> Rows | None:
            raise obj.amount

    with registered(Money, Refusing):
        with pytest.raises(NormalizationError) as caught:
            ensure_valid_output(Money(NormalizationError("too old", path="[3]")))
        assert (str(caught.value), caught.value.path) == ("[3]: too old", "[3]")
        with pytest.raises(NormalizationError, match="Money' could not be converted: ValueError: torn"):
            ensure_valid_output(Money(ValueError("torn")))


def test_no_library_is_imported_for_plain_data() -> None:
    code = """
import sys
from datetime import date
from packflow.utils.normalize import ensure_native_types, ensure_valid_output
ensure_native_types({"a": [date(2024, 1, 2), {1.5}]})
ensure_valid_output([{"a": b"x"}, (1, 2)])
print(sorted({"numpy", "pydantic", "packflow.normalizers.numpy", "packflow.normalizers.pydantic"} & set(sys.modules)))
import numpy
print(ensure_valid_output(numpy.array([[2], [4]]), parent_key="doubled"))
print("packflow.normalizers.numpy" in sys.modules, "pydantic" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["[]", "[{'doubled': 2}, {'doubled': 4}]", "True False"]
