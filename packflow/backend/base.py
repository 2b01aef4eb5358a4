"""The class that users subclass, and the one way in which a call runs through its steps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

from packflow import plugin
from packflow.backend import declaration, metrics
from packflow.backend.closing import close_at_end, closing_alone, run_shutdown, unusable
from packflow.backend.configuration import BackendConfig, load_backend_configuration
from packflow.backend.metrics import ExecutionMetrics
from packflow.backend.preprocessors import Preprocessor, get_preprocessor
from packflow.backend.steps import optional, refuse_coroutine, step_failure, step_message
from packflow.backend.validation import as_records, check_inputs, check_outputs, check_result
from packflow.exceptions import (
    InferenceBackendInitializationError,
    InferenceBackendRuntimeError,
    InferenceBackendValidationError,
)
from packflow.utils.log import INFO, hears, logger

if TYPE_CHECKING:
    from loguru import Logger

    from packflow.backend.explain import CallPlan

Record = dict[str, Any]
B = TypeVar("B", bound="InferenceBackend")


class InferenceBackend(ABC):
    """A model's inference, written once: subclass it and write ``execute``.

    Example:
        >>> from packflow import InferenceBackend
        >>> class Doubler(InferenceBackend):
        ...     def transform_inputs(self, inputs):
        ...         return [row["number"] for row in inputs]
        ...     def execute(self, inputs):
        ...         return [2 * number for number in inputs]
        ...     def transform_outputs(self, inputs):
        ...         return [{"doubled": number} for number in inputs]
        >>> backend = Doubler(verbose=False)
        >>> backend([{"number": 1}, {"number": 2}])
        [{'doubled': 2}, {'doubled': 4}]
        >>> backend({"number": 3})
        {'doubled': 6}

    A call runs *preprocess* (as the configuration says), ``transform_inputs`` (if defined), ``execute``, and
    ``transform_outputs`` (if defined). Between steps any type may flow; the last one gives a list of records.
    Steps may be methods, or any callable: decorated, a lambda, a partial, a callable object.

    A backend may be called from many threads at once, and pickles and deep-copies whenever the state that you add does.

    Args:
        **settings: the fields of the configuration model, see :class:`BackendConfig`.

    Raises:
        InferenceBackendInitializationError: the configuration is not valid, or ``initialize`` failed.
    """

    #: The configuration model; ``backend_config_model`` is the same thing under its other name.
    base_config_model: ClassVar[type[BackendConfig]] = BackendConfig
    backend_config_model: ClassVar[type[BackendConfig]] = BackendConfig
    #: Loguru's logger, behind the level of ``PACKFLOW_LOG_LEVEL``.
    logger: ClassVar[Logger] = logger

    __signature__: ClassVar[Any] = declaration.SettingsSignature()

    config: Any
    #: How long ``initialize()`` took, in milliseconds.
    initialization_time: float = 0.0
    _preprocessor: Preprocessor | None = None
    _recent_calls = metrics.RecentCalls()
    #: Always the process's one list of listeners, wherever the backend is unpickled.
    _listeners: plugin.Listeners

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        declaration.set_model(cls)

    def __new__(cls: type[B], /, *args: Any, **kwargs: Any) -> B:  # noqa: ARG004  # they are __init__'s
        """Refuse a class that lacks a required step with an error of our own."""
        declaration.refuse_missing_steps(cls)
        return super().__new__(cls)

    def __init__(self, /, **settings: Any) -> None:
        self._initialize(settings)

    def _initialize(self, settings: dict[str, Any]) -> None:
        owner = type(self).__name__
        for found, meant in declaration.misspelt_steps(type(self), InferenceBackend):
            logger.warning(f"{owner} defines {found!r}, which packflow does not use. Did you mean {meant!r}?")
        self.config = load_backend_configuration(declaration.chosen_model(type(self)), settings, owner)
        self._preprocessor = get_preprocessor(self.config)
        self._recent_calls = metrics.RecentCalls()
        self._listeners = plugin.listeners()  # before initialize(), which may call the backend to warm it up
        declaration.refuse_steps_that_wait(self)
        started = perf_counter_ns()
        try:
            refuse_coroutine(self.initialize())  # type: ignore[func-returns-value]  # it may be async
        except Exception as error:
            raise InferenceBackendInitializationError(step_message(error, "initialize", owner)) from error
        self.initialization_time = (perf_counter_ns() - started) / metrics.NANOSECONDS_PER_MILLISECOND
        declaration.refuse_steps_that_are_data(self)
        if self.config.verbose:
            logger.info(f"Initialized {owner} in {self.initialization_time:.4f} ms")
        if self._listeners.backend_initialized:
            self._listeners.notify_backend_initialized(self)

    # The steps that a user writes ---------------------------------------------------------------------------------

    def initialize(self) -> None:  # noqa: B027  # optional, so not abstract
        """Load what the backend needs, once: weights, tables, connections. Timed and logged. Optional."""

    def ready(self) -> bool:
        """Tell an orchestrator whether the backend can be called; packflow itself does not ask. Optional."""
        return True

    @optional
    def transform_inputs(self, inputs: Any) -> Any:
        """Turn preprocessed data into what ``execute`` takes. Optional: not defined, it does not run."""
        return inputs

    @abstractmethod
    def execute(self, inputs: Any) -> Any:
        """Run the model. Required. Where ``transform_outputs`` is not defined, give a list of records."""

    @optional
    def transform_outputs(self, inputs: Any) -> Any:
        """Turn what ``execute`` gave into a list of records. Optional: not defined, it does not run."""
        return inputs

    def shutdown(self) -> None:  # noqa: B027  # optional, so not abstract
        """Free what ``initialize`` has acquired; :meth:`close` runs it, once. Optional."""

    # Calling ------------------------------------------------------------------------------------------------------

    @overload
    def __call__(self, inputs: Record) -> Record: ...

    @overload
    def __call__(self, inputs: list[Record]) -> list[Record]: ...

    def __call__(self, inputs: Record | list[Record]) -> Record | list[Record]:
        """Run records through the steps: a dict in gives a dict out, a list in gives a list out.

        Raises:
            InferenceBackendRuntimeError: a step failed; the text names it, and the original exception is chained.
            InferenceBackendValidationError: ``inputs`` are no records, or the last step's result is no list (or not
                exactly one row for one event).
        """
        preprocess = self._preprocessor
        if preprocess is None:
            raise unusable(self)
        data: Any
        if type(inputs) is dict:
            records, single, batch_size = [inputs], True, 1
        else:
            records, single = (inputs, False) if type(inputs) is list else self._checked(None, as_records, inputs)
            batch_size = len(records)  # now: a step may take records out of the caller's own list
        transformed = finished = None
        step = "preprocess"
        try:
            started = perf_counter_ns()
            data = preprocess.__call__(records)  # named, it is found in a third of the time
            preprocessed = perf_counter_ns()
            step = "transform_inputs"
            if (transform := self.transform_inputs) is not _NO_TRANSFORM_INPUTS:
                data = transform(data)
                transformed = perf_counter_ns()
            step = "execute"
            data = self.execute(data)
            executed = perf_counter_ns()
            step = "transform_outputs"
            if (transform := self.transform_outputs) is not _NO_TRANSFORM_OUTPUTS:
                data = transform(data)
                finished = perf_counter_ns()
        except Exception as error:
            raise self._failed(step, error) from error
        if type(data) is not list or (single and len(data) != 1):
            last = "execute" if finished is None else "transform_outputs"
            self._checked(last, check_result, data, last, type(self).__name__, single)
        call = (batch_size, started, preprocessed, transformed, executed, finished)
        self._recent_calls.append(call)
        if self.config.verbose and hears(INFO):
            logger.info(metrics.text_of_call(call))
        if self._listeners.call_finished:
            self._listeners.notify_call_finished(self, metrics.timings_of(call).metrics(self.initialization_time))
        rows: list[Record] = data
        return rows[0] if single else rows

    def _checked(self, step: str | None, check: Callable[..., Any], *arguments: Any) -> Any:
        """Check what came in or what came out; who listens hears of what is refused."""
        try:
            return check(*arguments)
        except InferenceBackendValidationError as error:
            self._tell_failed(step, error)
            raise

    def _failed(self, step: str, error: Exception) -> InferenceBackendRuntimeError:
        self._tell_failed(step, error)
        return step_failure(error, step, type(self).__name__)

    def _tell_failed(self, step: str | None, error: Exception) -> None:
        if self._listeners.call_failed:
            self._listeners.notify_call_failed(self, step, error)

    def get_metrics(self) -> ExecutionMetrics:
        """Give the metrics of the last completed call, in milliseconds; a failed call leaves them as they are.

        Raises:
            MetricsUnavailableError: no call has been completed yet.
        """
        return metrics.metrics_of(self._recent_calls.last, type(self).__name__, self.initialization_time)

    def validate(self, samples: Record | list[Record]) -> Record | list[Record]:
        """Run the backend on samples and check what goes in and what comes out; give the outputs.

        Example:
            >>> from packflow import InferenceBackend
            >>> class Broken(InferenceBackend):
            ...     def execute(self, inputs):
            ...         return [{"when": object()} for _ in inputs]
            >>> Broken(verbose=False).validate([{"n": 1}])  # doctest: +ELLIPSIS
            Traceback (most recent call last):
            packflow.exceptions.InferenceBackendValidationError: Outputs must be JSON-serializable: row 0: ['when']: ...

        Raises:
            InferenceBackendValidationError: the samples are no records; the outputs are not as many rows, not dicts, or
                not JSON-serializable (NaN and infinities are not JSON, nor are keys of which two become one).
            InferenceBackendRuntimeError: a step failed.
        """
        records = check_inputs(samples)
        expected = len(records)
        outputs = self(samples)
        check_outputs([outputs] if isinstance(samples, dict) else outputs, expected)
        return outputs

    def explain(self, records: dict[str, Any] | list[dict[str, Any]] | None = None, *, calls: int = 1) -> CallPlan:
        """Say what a call does, and how long its steps take; :func:`packflow.backend.explain.explain` says more."""
        from packflow.backend import explain  # few ask

        return explain.explain(self, records, calls=calls)

    # Closing ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Tell the listeners, then run ``shutdown()``. Afterwards the backend cannot be called any more.

        Example:
            >>> from packflow import InferenceBackend
            >>> class Remote(InferenceBackend):
            ...     def initialize(self):
            ...         self.connection = ["open"]
            ...     def execute(self, inputs):
            ...         return inputs
            ...     def shutdown(self):
            ...         self.connection.clear()
            >>> with Remote(verbose=False) as backend:  # closes it at the end
            ...     backend({"n": 1})
            {'n': 1}
            >>> backend.connection
            []

        Doing it twice, or from several threads, does it once; a call that finds another at work does not wait for it.
        Calls that are under way in other threads are not waited for either.

        Raises:
            InferenceBackendRuntimeError: ``shutdown`` failed. The backend counts as closed all the same.
        """
        with closing_alone(self) as alone:
            if not alone or self._preprocessor is None:
                return
            try:
                if self._listeners.backend_closing:
                    self._listeners.notify_backend_closing(self)
            finally:
                self._preprocessor = None  # what a call looks at anyway
                run_shutdown(self)

    def __enter__(self: B) -> B:
        if self._preprocessor is None:
            raise unusable(self)
        return self

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        close_at_end(self, failing=error is not None)

    def __repr__(self) -> str:
        return f"{type(self).__name__}[\n  {getattr(self, 'config', 'not set up')!r}\n]"


_NO_TRANSFORM_INPUTS: Any = InferenceBackend.transform_inputs
_NO_TRANSFORM_OUTPUTS: Any = InferenceBackend.transform_outputs
