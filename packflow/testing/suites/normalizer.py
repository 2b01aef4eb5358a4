"""The suite for normalizers."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import partial
from typing import Any

import pytest

from packflow.exceptions import NormalizationError
from packflow.normalizers.refusal import library_name
from packflow.testing.judging.attempts import attempt, attempts_at_once
from packflow.testing.judging.comparing import difference, foreign_part, share_a_container
from packflow.testing.suites.base import unless
from packflow.testing.suites.normalizer_base import Maker, NormalizerBase

_ROUNDS = 5
_OUTER = "outer"


def _itself(obj: Any) -> Any:
    return obj


def _inside(make: Maker) -> dict[str, Any]:
    return {_OUTER: [make()]}


def _several(make: Maker) -> dict[str, Any]:
    return {"first": make(), "others": [make(), {"last": make()}]}


class NormalizerSuite(NormalizerBase):
    """The rules for a normalizer. Subclass it in a test module, and pytest runs them.

    Example:
        >>> from fractions import Fraction
        >>> from packflow.normalizers import Normalizer
        >>> from packflow.testing import NormalizerSuite
        >>> class FractionNormalizer(Normalizer):
        ...     def to_native(self, obj):
        ...         return [obj.numerator, obj.denominator]
        >>> class TestFractions(NormalizerSuite):
        ...     plugin = FractionNormalizer  # or its name, as it is installed
        ...     cases = [(lambda: Fraction(1, 2), [1, 2]), (lambda: Fraction(3), [3, 1])]

    ``plugin``, ``cases``, ``batch_cases`` and ``refused`` may be fixtures of these names instead.

    Attributes:
        plugin: the normalizer's name, its class, or an instance. Required.
        registered_as: where ``plugin`` is an object: the type's qualified name, or the library's, that it is to be
            found by. Not set, it is the type of the first case.
        cases: pairs of a function that makes an object, and the data that it becomes. Required.
        batch_cases: pairs of a function that makes a batch, and its records.
        refused: functions that make objects without a JSON form.
        tolerance: how far numbers may be apart, absolutely or in proportion.
        thread_count: how many threads convert at once.
        thread_safe: the capability to convert in many threads at once.
        library_free: the capability to be imported without the library that the objects come from.

    Those that importing a plugin is judged by are described at :class:`~packflow.testing.suites.declared.PluginSuite`.
    """

    def test_it_is_found_by_its_name(self) -> None:
        """The type of each object leads to this normalizer."""
        with self.environment():
            for make, _ in self.all_cases():
                found = self.found_for(make())
                if found:
                    self.fail(
                        found,
                        "Register it under the type's qualified name, or the root module of its library, and let "
                        "converter() take the type.",
                    )

    def test_expected_data(self) -> None:
        """Each object becomes the expected data."""
        for number, (make, expected) in enumerate(self.all_cases()):
            done = self.convert(make)
            differs = done.text if done.error is not None else self.differs(done.value, expected)
            if differs:
                self.fail(f"cases[{number}]: {differs}", "Correct to_native(), or the expected data.")

    def test_data_is_native(self) -> None:
        """Leaves are exactly str, int, float, bool or None, keys exactly str, containers dicts and lists."""
        for number, (make, _) in enumerate(self.all_cases()):
            foreign = foreign_part(self.converted(make))
            if foreign:
                self.fail(
                    f"cases[{number}]: {foreign}",
                    "Wrap an answer in Native only where all of it is native already; left bare, it is converted.",
                )

    def test_data_is_json(self) -> None:
        """The data can be written as JSON, which knows no NaN."""
        for number, (make, _) in enumerate(self.all_cases()):
            data = self.converted(make)
            if foreign_part(data):
                self.wait_for("test_data_is_native", "a part of the data is not native")
            done = attempt(json.dumps, data, allow_nan=False)
            if done.error is not None:
                self.fail(f"cases[{number}]: {done.text}", "Give None for NaN and infinities, or leave out Native.")

    def test_data_is_its_own(self) -> None:
        """Inside a dict and a list each object becomes the same data, and no two of them share a container."""
        for number, (make, _) in enumerate(self.all_cases()):
            alone = self.converted(make)
            done = self.convert(partial(_several, make))
            value = self.given(done, "test_expected_data", "converting several objects")
            parts = [value["first"], value["others"][0], value["others"][1]["last"]]
            seen = next((differs for part in parts if (differs := self.differs(part, alone))), None)
            if not seen and any(share_a_container(parts[0], part) for part in parts[1:]):
                seen = "two objects became one and the same list or dict"
            if seen:
                self.fail(f"cases[{number}]: {seen}", "Make new lists and dicts at each call; cache none.")

    def test_objects_are_unchanged(self) -> None:
        """An object is as it was after it has been converted, and converts to the same again."""
        for number, (make, _) in enumerate(self.all_cases()):
            self.converted(make)
            obj = make()
            before, control = attempt(deepcopy, obj), attempt(deepcopy, obj)
            comparable = before.error is None and difference(before.value, control.value) is None
            first, again = self.convert(partial(_itself, obj)), self.convert(partial(_itself, obj))
            seen = again.text if again.error is not None else self.differs(again.value, first.value)
            if not seen and comparable:
                seen = difference(obj, before.value, ordered=True)
            if seen:
                self.fail(f"cases[{number}] after converting: {seen}", "Read the object and leave it as it is.")

    def test_batches(self) -> None:
        """A batch of n rows becomes n records."""
        cases = self.declared("batch_cases")
        if not cases:
            pytest.skip("`batch_cases` is not set")
        for number, (make, expected) in enumerate(cases):
            done = self.batch(make)
            differs = done.text if done.error is not None else self.differs(done.value, expected)
            if differs:
                self.fail(f"batch_cases[{number}]: {differs}", "Give Rows of the object, one for each, in rows().")

    def test_refusals(self) -> None:
        """What has no JSON form is refused by a NormalizationError whose path says where it stands."""
        refused = self.declared("refused")
        if not refused:
            pytest.skip("`refused` is not set")
        for number, make in enumerate(refused):
            done = self.convert(partial(_inside, make))
            path = getattr(done.error, "path", "")
            if not isinstance(done.error, NormalizationError) or not path.startswith(f"{_OUTER}[0]"):
                seen = f"it became {done.value!r}" if done.error is None else f"{done.text} (path {path!r})"
                self.fail(
                    f"refused[{number}]: {seen}",
                    "Raise NormalizationError in to_native(), and never turn into text what has no JSON form.",
                )

    @unless("thread_safe")
    def test_many_threads(self) -> None:
        """Many threads at once get what one gets."""
        cases = self.all_cases()
        alone = [self.converted(make) for make, _ in cases]
        makers = [cases[number % len(cases)][0] for number in range(self.thread_count)]
        with self.environment():
            every = attempts_at_once(self.convert_here, makers, _ROUNDS, self.timeout)
        for number, mine in enumerate(every):
            for done in mine:
                differs = done.text if done.error is not None else self.differs(done.value, alone[number % len(cases)])
                if differs:
                    self.fail(f"one of {self.thread_count} threads: {differs}", "Keep nothing of a conversion on self.")

    @unless("library_free")
    def test_import_leaves_the_library_alone(self) -> None:
        """Importing the normalizer does not import the library whose objects it converts."""
        libraries = {library_name(type(make())) for make, _ in self.all_cases()} - {self.module().partition(".")[0]}
        brought = sorted(libraries.intersection(self._imported()["imported"]))
        if brought:
            self.fail(
                f"it imported {', '.join(brought)}",
                "Import the library in converter() or to_native(): where an object of it exists, that costs nothing.",
            )
