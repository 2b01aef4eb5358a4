"""The suite for backends: its attributes, and the checks of construction and configuration."""

from __future__ import annotations

import pickle

import pytest
from pydantic import ConfigDict, ValidationError

from packflow.backend.configuration import BackendConfig
from packflow.backend.declaration import chosen_model
from packflow.exceptions import InferenceBackendInitializationError
from packflow.testing.judging.attempts import attempt
from packflow.testing.suites.backend_calls import CallChecks
from packflow.testing.suites.backend_faults import FaultChecks
from packflow.testing.suites.backend_sharing import SharingChecks
from packflow.testing.suites.base import unless
from packflow.utils.errors import short

_NO_SUCH_SETTING = "packflow_no_such_setting"


class BackendSuite(CallChecks, FaultChecks, SharingChecks):
    """The rules for a backend. Subclass it in a test module, and pytest runs them.

    Example:
        >>> from packflow import InferenceBackend
        >>> from packflow.testing import BackendSuite
        >>> class Doubler(InferenceBackend):
        ...     def execute(self, inputs):
        ...         return [{"doubled": 2 * row["n"]} for row in inputs]
        >>> class TestDoubler(BackendSuite):
        ...     plugin = Doubler  # or its name, as it is installed
        ...     records = [{"n": 1}, {"n": 2}]
        ...     expected = [{"doubled": 2}, {"doubled": 4}]

    ``plugin``, ``config``, ``records`` and ``expected`` may be fixtures of these names instead, where a setting is a
    file that has to be made first. For a backend that takes more than settings to construct, override :meth:`make`.

    Attributes:
        plugin: the backend's name, ``distribution/name``, its class, or an instance. Required.
        config: the settings to construct it with.
        records: valid records, two or more that give different outputs. Required.
        expected: what these records give, a row for each.
        tolerance: how far numbers may be apart where outputs are compared, absolutely or in proportion.
        thread_count: how many threads call at once.
        deterministic: the capability to give the same for the same records.
        batch_invariant: the capability to give for a record what it gives, whatever else is in the batch.
        field_order_free: the capability to give the same whatever the order of a record's fields.
        thread_safe: the capability to be called from many threads at once.
        picklable: the capability to be pickled and sent to another process.
        copyable: the capability to be deep-copied.
        independent: the capability of two instances to know nothing of each other.
        strict_settings: the capability to refuse settings that are not its own.
        documented_settings: the capability to say what each of its settings is.
        valid_defaults: the capability to accept the default of each setting if somebody gave it.

    Those that importing a plugin is judged by are described at :class:`~packflow.testing.suites.declared.PluginSuite`.
    """

    strict_settings: bool = True
    documented_settings: bool = True
    valid_defaults: bool = True

    def test_construction(self) -> None:
        """The backend can be constructed with `config`."""
        made = self.made()
        if made.error is not None:
            self.fail(made.text, "Set `config` in the suite to settings that are valid, or override make().")

    @unless("documented_settings")
    def test_settings_are_documented(self) -> None:
        """Every setting of the backend's own has a description."""
        fields = self._model().model_fields
        bare = [
            name for name, field in fields.items() if name not in BackendConfig.model_fields and not field.description
        ]
        if bare:
            self.fail(
                f"{', '.join(bare)} of {self._model().__name__} has no description",
                'Say in a sentence what it does: Field(default=..., description="...").',
            )

    @unless("valid_defaults")
    def test_defaults_are_valid(self) -> None:
        """The default of every setting is a value that the setting accepts."""
        problems = _default_problems(self._model())
        if problems:
            self.fail(
                f"of {self._model().__name__}, {'; '.join(problems)}",
                "Correct the default, or what the setting accepts; pydantic does not look at defaults by itself.",
            )

    @unless("strict_settings")
    def test_unknown_settings_are_refused(self) -> None:
        """A setting that does not exist is refused by an error of packflow's."""
        if self.is_instance():
            pytest.skip("`plugin` is an instance; it takes no settings")
        self.backend()
        done = attempt(lambda: self.make({**self.settings(), _NO_SUCH_SETTING: 1}))
        if not isinstance(done.error, InferenceBackendInitializationError):
            seen = f"raised {done.text}" if done.error is not None else "was accepted"
            self.fail(
                f"{_NO_SUCH_SETTING}=1 {seen}",
                "Let the configuration model refuse it: extra='forbid', which BackendConfig has, is enough.",
            )

    def test_settings_survive_pickling(self) -> None:
        """The settings are the same after pickling."""
        config = self.backend().config
        done = attempt(lambda: pickle.loads(pickle.dumps(config)))  # noqa: S301 - made here
        if done.error is not None or done.value != config:
            seen = done.text if done.error is not None else f"{done.value!r} came of {config!r}"
            self.fail(seen, "Define the model at the top of a module, and give its fields types that can be pickled.")

    def _model(self) -> type[BackendConfig]:
        found = self.target()
        return chosen_model(found if isinstance(found, type) else type(found))


def _default_problems(model: type[BackendConfig]) -> list[str]:
    """Say of each setting whose default its own rules refuse what is wrong with it."""
    looking = {"__module__": __name__, "model_config": ConfigDict(validate_default=True)}
    checked = type(model.__name__, (model,), looking)
    try:
        checked()
    except ValidationError as error:
        return [
            f"{'.'.join(map(str, found['loc']))} is {short(found['input'], 60)} by default: {found['msg']}"
            for found in error.errors(include_url=False)
            if found["loc"] and found["type"] != "missing"
        ]
    return []
