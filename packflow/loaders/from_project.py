"""Get a backend as a project's ``packflow.yaml`` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import os

    from packflow.backend.base import InferenceBackend


class InferenceBackendLoader:
    """Loads a backend by what a project says, whichever loader that is.

    Example:
        >>> from packflow.loaders import InferenceBackendLoader
        >>> backend = InferenceBackendLoader.from_project("iris", verbose=False)  # doctest: +SKIP
    """

    @staticmethod
    def from_project(path: str | os.PathLike[str] = ".", /, **overrides: Any) -> InferenceBackend:
        """Load the backend of a project, as ``PackflowProject(path).load(**overrides)`` does.

        Args:
            path: the project's folder, or the ``packflow.yaml`` in it.
            **overrides: settings that go before those in ``backend_config``.

        Raises:
            ProjectError: ``packflow.yaml`` is missing or wrong, or the backend cannot be loaded.
        """
        from packflow.project.project import PackflowProject

        return PackflowProject(path).load(**overrides)
