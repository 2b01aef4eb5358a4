"""Every exception that packflow raises on purpose.

They share one base, so ``except PackflowError`` catches them all. Where something is known beyond the text, it is
an attribute: the step, the row, the plugin's distribution. The cause is always chained (``__cause__``).

.. code-block:: text

    PackflowError
    ├── InferenceBackendLoadError            a loader could not give a backend
    ├── InferenceBackendInitializationError  a backend could not be constructed
    │   ├── PreprocessorInitError            its preprocessor refuses the configuration
    │   └── UnknownPreprocessorError         no preprocessor has that name
    ├── InferenceBackendRuntimeError         a call failed
    │   ├── InferenceBackendValidationError  what went in or came out is not what packflow asks for
    │   ├── MetricsUnavailableError          no call has been completed yet
    │   └── PreprocessorRuntimeError         a preprocessor could not read a record
    ├── NormalizationError                   an object has no JSON form
    ├── RecordSourceError                    an input file holds something that is no record
    ├── ScaffoldError                        a new project cannot be made as it was asked for
    ├── ProjectError                         a project, or its packflow.yaml, is wrong
    │   └── ArchiveError                     a project's archive is damaged, unsafe, or cannot be made
    └── PluginError
        ├── UnknownPluginError               no plugin has that name
        ├── AmbiguousPluginError             several have it
        ├── BlockedPluginError               the allow or deny list keeps it out
        ├── PluginLoadError                  importing it failed
        ├── PluginLockError                  a lock file is unreadable, or not what is installed
        └── PluginRegistrationError          a hook plugin or a direct registration is wrong
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self


class PackflowError(Exception):
    """The base of every exception that packflow raises.

    Attributes:
        explanation: how a plugin's name was resolved, candidate by candidate, where the failure has to do with one; it
            is a note of the exception, too. Otherwise None.
    """

    explanation: str | None = None
    __notes__: list[str]

    def explained(self, explanation: str | None) -> Self:
        """Attach how a plugin's name was resolved, and give the exception itself. The first to do so is right."""
        if explanation and self.explanation is None:
            self.explanation = explanation
            # What add_note() does; it came with Python 3.11.
            self.__notes__ = [*getattr(self, "__notes__", ()), explanation]
        return self


class InferenceBackendLoadError(PackflowError):
    """A loader could not find, import or construct what it was asked for."""


class InferenceBackendInitializationError(PackflowError):
    """A backend could not be constructed: its configuration is wrong, or ``initialize()`` failed."""


class PreprocessorInitError(InferenceBackendInitializationError):
    """A preprocessor cannot work with the configuration it was given."""


class UnknownPreprocessorError(InferenceBackendInitializationError):
    """``input_format`` names no preprocessor that is installed or registered."""


class InferenceBackendRuntimeError(PackflowError):
    """A call to a backend failed.

    Attributes:
        step: the step that failed (``"execute"``), where one did.
        row: the index of the record that failed, where it is known.
    """

    def __init__(self, message: str, *, step: str | None = None, row: int | None = None) -> None:
        super().__init__(message)
        self.step = step
        self.row = row


class InferenceBackendValidationError(InferenceBackendRuntimeError):
    """Inputs are no records, or outputs are not what packflow asks of the last step."""


class MetricsUnavailableError(InferenceBackendRuntimeError):
    """Metrics were asked for before any call was completed."""


class PreprocessorRuntimeError(InferenceBackendRuntimeError):
    """A preprocessor could not handle a record."""


class NormalizationError(PackflowError):
    """An object has no JSON form.

    Attributes:
        path: where it stands in the outputs, as in ``[3].meta.ts``; empty for the outermost object.
    """

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class RecordSourceError(PackflowError):
    """An input holds something that is no record.

    Attributes:
        source: the file's name, or ``<stdin>``.
        line: the line's number, from 1; None where the whole input is meant.
    """

    def __init__(self, message: str, *, source: str, line: int | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.line = line

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), source=self.source, line=self.line), self.args, vars(self)


class ScaffoldError(PackflowError):
    """A new project cannot be made: a name cannot be used, something is in the way, or a template is wrong."""


class ProjectError(PackflowError):
    """A project, or its ``packflow.yaml``, is not what packflow expects.

    Attributes:
        file: the file that is wrong; None if it is the project as a whole.
        line: its line, the first being 1; None if the whole file is meant.
        field: the setting's name, with dots between the parts, as in ``backend_config.batch_size``; None if none is.
    """

    def __init__(
        self, message: str, *, file: str | None = None, line: int | None = None, field: str | None = None
    ) -> None:
        super().__init__(message)
        self.file = file
        self.line = line
        self.field = field

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), file=self.file, line=self.line, field=self.field), self.args, vars(self)


class ArchiveError(ProjectError):
    """An archive is damaged or unsafe, or it could not be made; ``file`` is the archive."""


class PluginError(PackflowError):
    """A plugin could not be found, loaded or registered.

    Attributes:
        kind: ``"backend"``, ``"preprocessor"``, ``"normalizer"``, ``"template"`` or ``"hooks"``.
        name: the plugin's name, as it was asked for.
        distribution: the distribution that registers it, where one is known.
        version: that distribution's version.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str | None = None,
        name: str | None = None,
        distribution: str | None = None,
        version: str | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.name = name
        self.distribution = distribution
        self.version = version


class UnknownPluginError(PluginError):
    """No installed or registered plugin has that name."""


class AmbiguousPluginError(PluginError):
    """Several distributions register that name; the text gives the qualified spelling of each."""


class BlockedPluginError(PluginError):
    """The allow list, the deny list or the autoload switch keeps the plugin out."""


class PluginLoadError(PluginError):
    """A plugin was found, but importing it failed, or what it names is of the wrong kind.

    Attributes:
        half_made: where the object is, if it was asked for while its own module was being imported; None otherwise.
    """

    half_made: str | None = None


class PluginRegistrationError(PluginError):
    """A hook plugin, or a plugin registered directly, is not what it has to be."""


class PluginLockError(PluginError):
    """A lock file or a selection of plugins cannot be read, or what is installed is not what it holds."""
