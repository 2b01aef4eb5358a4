"""What all checks of a normalizer use: the suite's attributes, and conversions in an environment that has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from packflow.normalizers.dispatch import current_rules
from packflow.normalizers.refusal import qualified_name
from packflow.testing.environment import PluginEnvironment
from packflow.testing.judging.attempts import Attempt, attempt
from packflow.testing.judging.comparing import difference
from packflow.testing.suites.base import NOT_SET
from packflow.testing.suites.declared import PluginSuite
from packflow.utils.normalize import ensure_native_types, ensure_valid_output

Maker = Callable[[], Any]


class NormalizerBase(PluginSuite):
    """The attributes of :class:`NormalizerSuite`, and how its checks convert objects."""

    kind = "normalizer"
    required: ClassVar[Mapping[str, str]] = {
        **PluginSuite.required,
        "cases": "cases = [(lambda: Money(1, 'EUR'), {'amount': 1, 'currency': 'EUR'})]  # how to make one; its data",
    }

    registered_as: str | None = None
    cases: Any = NOT_SET
    batch_cases: Any = ()
    refused: Any = ()
    tolerance: float = 0.0
    thread_count: int = 8
    thread_safe: bool = True
    library_free: bool = True

    def all_cases(self) -> list[tuple[Maker, Any]]:
        """Give the cases as a list; there must be one at least."""
        cases = [tuple(case) for case in self.declared("cases")]
        if not cases or not all(len(case) == 2 and callable(case[0]) for case in cases):
            self.fail(
                f"`cases` is {cases!r}",
                "Set `cases` to pairs: a function that makes an object, and the data that it becomes.",
            )
        return cases

    @contextmanager
    def environment(self) -> Iterator[None]:
        """Have the normalizer registered; one that is given by its name is found as it is installed."""
        given = self.declared("plugin")
        self.target()
        if isinstance(given, str):
            yield
            return
        with PluginEnvironment.entered() as environment:
            name = self.registered_as or qualified_name(type(self.all_cases()[0][0]()))
            environment.register("normalizer", name, given, replace=True)
            yield

    def found_for(self, obj: Any) -> str | None:
        """Say why an object's type does not lead to this normalizer; None if it does."""
        found = attempt(current_rules().normalizer, type(obj))
        given = self.target()
        name = f"{type(obj).__module__}.{type(obj).__qualname__}"
        if found.error is not None:
            return f"for {name}: {found.text}"
        if found.value is not given and type(found.value) is not given:
            return f"{name} is converted by {found.value!r}"
        return None

    def convert_here(self, make: Maker) -> Any:
        """Make an object and convert it, in the environment that is in force."""
        return ensure_native_types(make())

    def convert(self, make: Maker) -> Attempt:
        """Make something and convert it; wait where the normalizer is not found for the cases."""
        with self.environment():
            self._must_be_found()
            return attempt(self.convert_here, make)

    def _must_be_found(self) -> None:
        for make, _ in self.all_cases():
            if missing := self.found_for(make()):
                self.wait_for("test_it_is_found_by_its_name", missing)

    def converted(self, make: Maker) -> Any:
        """Give the data that an object becomes, or wait for the check that says why there is none."""
        return self.given(self.convert(make), "test_expected_data", "converting it")

    def batch(self, make: Maker) -> Attempt:
        """Make a batch and convert it to records."""
        with self.environment():
            self._must_be_found()
            return attempt(lambda: ensure_valid_output(make()))

    def differs(self, found: Any, wanted: Any) -> str | None:
        """Say where data differ."""
        return difference(found, wanted, tolerance=self.tolerance)
