"""What happens to records before a backend's own steps see them: rename, flatten, select, or turn into an array.

``get_preprocessor(config)`` gives the preprocessor that a configuration asks for, compiled: a callable on a list of
records. A preprocessor of your own subclasses :class:`Preprocessor`.

Example:
    >>> from packflow import BackendConfig
    >>> from packflow.backend.preprocessors import get_preprocessor
    >>> preprocess = get_preprocessor(BackendConfig(rename_fields={"a": "x"}, feature_names=["x"]))
    >>> preprocess([{"a": 1, "b": 2}])
    [{'x': 1}]
"""

from __future__ import annotations

from packflow.backend.configuration import BackendConfig, InputFormats
from packflow.backend.preprocessors.base import Preprocessor, map_records
from packflow.backend.preprocessors.description import Description, Part
from packflow.backend.preprocessors.passthrough import PassthroughPreprocessor
from packflow.exceptions import (
    PackflowError,
    PluginError,
    PreprocessorInitError,
    UnknownPluginError,
    UnknownPreprocessorError,
)
from packflow.utils.errors import text_of
from packflow.utils.log import logger

__all__ = ["Description", "Part", "Preprocessor", "get_preprocessor", "map_records"]


def get_preprocessor(config: BackendConfig) -> Preprocessor:
    """Give the preprocessor that a configuration asks for, compiled once for all later calls.

    Args:
        config: the configuration; its ``input_format`` names the preprocessor.

    Raises:
        UnknownPreprocessorError: no preprocessor has that name.
        PreprocessorInitError: it cannot be loaded, or it refuses the configuration.
    """
    return resolve(config)


def resolve(config: BackendConfig) -> Preprocessor:
    """Find the preprocessor by its name and build it; one that would change nothing makes way for the passthrough."""
    name = config.input_format.value if isinstance(config.input_format, InputFormats) else config.input_format
    preprocessor = build(preprocessor_class(name), name, config)
    idle = preprocessor.idle_settings()
    if idle:
        logger.warning(f"Settings that have no effect with input_format={name!r}: {', '.join(idle)}.")
    if preprocessor.changes_nothing and not isinstance(preprocessor, PassthroughPreprocessor):
        logger.info("Current config does not require preprocessing steps. Defaulting to Passthrough mode.")
        return PassthroughPreprocessor(config)
    return preprocessor


def preprocessor_class(name: str) -> type[Preprocessor]:
    """Load the preprocessor class registered under a name; this imports that plugin alone."""
    from packflow import plugin

    try:
        found: type[Preprocessor] = plugin.load("preprocessor", name)
    except UnknownPluginError as error:
        raise UnknownPreprocessorError(f"input_format={name!r}: {error}").explained(error.explanation) from error
    except PluginError as error:
        raise PreprocessorInitError(f"input_format={name!r}: {error}").explained(error.explanation) from error
    return found


def build(kind: type[Preprocessor], name: str, config: BackendConfig) -> Preprocessor:
    """Construct a preprocessor; whatever a plugin's own constructor raises names the plugin."""
    try:
        return kind(config)
    except PackflowError:
        raise
    except Exception as error:
        raise PreprocessorInitError(
            f"The preprocessor {name!r} ({kind.__module__}.{kind.__qualname__}) could not be built from the "
            f"configuration: {type(error).__name__}: {text_of(error)}"
        ) from error
