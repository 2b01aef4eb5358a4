"""What every suite is made of: rules as docstrings, capabilities, and one clear text for each failure.

A check is a method ``test_*``. The first paragraph of its docstring is its rule. What it looks for is decided in the
modules of `packflow.testing.judging`; a check puts the plugin through it and says what was seen.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final, NamedTuple, NoReturn, TypeVar

import pytest

from packflow.testing.judging.attempts import Attempt
from packflow.utils.nearest import nearest

F = TypeVar("F", bound=Callable[..., Any])


class NotSet:
    """Stands for an attribute that a suite leaves to its subclasses."""

    def __repr__(self) -> str:
        return "not set"


NOT_SET: Final[Any] = NotSet()


class Check(NamedTuple):
    """One check of a suite.

    Example:
        >>> from packflow.testing import BackendSuite, checks
        >>> [check.rule for check in checks(BackendSuite) if check.name == "test_records_are_unchanged"]
        ["A call leaves the caller's records as they were, also where it fails."]
    """

    #: The method's name.
    name: str
    #: What it asks of a plugin.
    rule: str
    #: The attribute that declares it away when set to False; None if nothing does.
    capability: str | None


def checks(suite: type[Suite]) -> list[Check]:
    """List the checks of a suite, in the order of their names.

    Example:
        >>> from packflow.testing import HooksSuite, checks
        >>> [check.name for check in checks(HooksSuite) if check.capability == "quiet"]
        ['test_hooks_print_nothing']
    """
    found = sorted(name for name in dir(suite) if name.startswith("test_"))
    methods = [getattr(suite, name) for name in found]
    return [Check(method.__name__, rule_of(method), getattr(method, "capability", None)) for method in methods]


def rule_of(method: Callable[..., Any]) -> str:
    """Give the rule that a check stands for: the first paragraph of its docstring."""
    return " ".join((inspect.getdoc(method) or "").partition("\n\n")[0].split())


def unless(capability: str) -> Callable[[F], F]:
    """Mark a check that a suite may declare away by setting the attribute ``capability`` to False."""

    def mark(method: F) -> F:
        method.capability = capability  # type: ignore[attr-defined]
        return method

    return mark


class Suite:
    """The base of all suites: what a check of your own can use, too."""

    #: The plugin: its name, ``distribution/name``, or the object itself.
    plugin: Any = NOT_SET

    #: What a subclass must set, each with an example.
    required: ClassVar[Mapping[str, str]] = {"plugin": 'plugin = "my-plugin"  # or the class itself'}

    @pytest.fixture(autouse=True)
    def _one_check(self, request: pytest.FixtureRequest) -> None:
        """Know which check runs, and skip it if it is declared away."""
        self._request = request
        capability = getattr(request.function, "capability", None)
        if capability is not None and not getattr(self, capability):
            pytest.skip(f"declared away: {capability}")

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Refuse a suite that says too little, once, while pytest collects it."""
        problem = declaration_problem(type(self))
        if problem:
            raise pytest.Collector.CollectError(f"{metafunc.cls.__name__ if metafunc.cls else 'The suite'} {problem}")

    def declared(self, name: str) -> Any:
        """Give what a subclass declares under a name: an attribute's value, or what the fixture of that name gives."""
        value = getattr(self, name)
        if callable(value) and not isinstance(value, type) and not self.is_plugin(value):
            return self._request.getfixturevalue(name)
        return value

    def is_plugin(self, value: Any) -> bool:  # noqa: ARG002 - for those that override it
        """Whether an object can be a plugin of the suite's kind."""
        return False

    def fail(self, seen: str, remedy: str) -> NoReturn:
        """End the check: the rule, what was seen, and what to do."""
        method = self._request.function
        rule = rule_of(method)
        lines = [f"rule:   {rule}", f"seen:   {seen}", f"remedy: {remedy}"]
        capability = getattr(method, "capability", None)
        if capability is not None:
            lines.append(f"Where the plugin cannot promise this, say so in the suite: {capability} = False")
        pytest.fail("\n".join(lines), pytrace=False)

    def wait_for(self, check: str, why: str) -> NoReturn:
        """Skip this check, since it builds on what another one finds broken. That other one fails."""
        pytest.skip(f"waits for {check}: {why}")

    def given(self, attempt: Attempt, check: str, what: str) -> Any:
        """Give what came of an attempt; where it failed, wait for the check that is there to say so."""
        if attempt.error is not None:
            self.wait_for(check, f"{what} failed with {attempt.text}")
        return attempt.value


def declaration_problem(suite: type[Suite]) -> str | None:
    """Say what a subclass forgets or misspells; None if nothing."""
    for name, example in suite.required.items():
        if getattr(suite, name, NOT_SET) is NOT_SET:
            return f"does not say what {name!r} is. Set it in the class: {example}"
    known = _settable(suite)
    for name, value in _own_data(suite):
        if name not in known:
            near = nearest(name, known, cutoff=0.8)
            if near or isinstance(value, bool):
                meant = (
                    f"Did you mean {near!r}?" if near else f"The capabilities are: {', '.join(capabilities(suite))}."
                )
                return f"sets {name!r}, which no suite knows. {meant}"
    for name in capabilities(suite):
        if not isinstance(getattr(suite, name), bool):
            return f"sets {name} = {getattr(suite, name)!r}; expected True or False"
    return None


def capabilities(suite: type[Suite]) -> list[str]:
    """Name what a suite's checks can be declared away by."""
    return sorted({check.capability for check in checks(suite) if check.capability})


def _is_ours(owner: type) -> bool:
    return owner.__module__.startswith("packflow.testing.suites")


def _settable(suite: type[Suite]) -> set[str]:
    return {name for owner in suite.__mro__ if _is_ours(owner) for name in vars(owner)}


def _own_data(suite: type[Suite]) -> Iterable[tuple[str, Any]]:
    """Give the public attributes of the subclass that are data; its methods and fixtures are its own affair."""
    for owner in suite.__mro__:
        if owner is not object and not _is_ours(owner):
            for name, value in vars(owner).items():
                if not name.startswith("_") and not callable(value) and not hasattr(value, "__get__"):
                    yield name, value
