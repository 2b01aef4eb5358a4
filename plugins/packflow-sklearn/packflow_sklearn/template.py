"""The template ``sklearn`` of ``packflow create``: a project with a model, and the script that trains it."""

from __future__ import annotations

from packflow.project.templates import ProjectTemplate


class SklearnTemplate(ProjectTemplate):
    """A backend derived from :class:`~packflow_sklearn.SklearnBackend`, and a script that trains a small model.

    Example:
        >>> "train.py.tmpl" in SklearnTemplate().files()
        True
    """

    plugin_api_version = 1
    steps = ("python train.py",)
