"""The template ``onnx`` of ``packflow create``: a project with a model's file, and the script that writes it."""

from __future__ import annotations

from packflow.project.templates import ProjectTemplate


class OnnxTemplate(ProjectTemplate):
    """A backend derived from :class:`~packflow_onnx.OnnxBackend`, and a script that writes a small model.

    Example:
        >>> "export_model.py.tmpl" in OnnxTemplate().files()
        True
    """

    plugin_api_version = 1
    steps = ("python -m pip install onnx", "python export_model.py")
