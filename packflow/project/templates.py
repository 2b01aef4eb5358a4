"""Templates of projects: what one has to give, and the one that packflow brings.

A template is a plugin of the kind ``template``: a class under the entry-point group ``packflow.templates``, imported
when ``packflow create --template NAME`` asks for its name.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from typing import ClassVar

from packflow.exceptions import ScaffoldError
from packflow.scaffold.trees import read_files


class ProjectTemplate:
    """What projects of one sort begin with. Subclass it beside a folder of files, and declare the class.

    Example:
        >>> class Prices(ProjectTemplate):
        ...     steps = ("python train.py",)
        ...     def files(self):
        ...         return {"inference.py.tmpl": "# The backend of %name."}
        >>> Prices().files()["inference.py.tmpl"]
        '# The backend of %name.'

    The files are put over those that all projects have, path by path, and placeholders in them are filled in. A
    template has to have ``inference.py.tmpl`` and ``samples.jsonl.tmpl``; the parts ``settings``, ``requirements``,
    ``tests``, ``layout``, ``method`` and ``data`` go into the files that all projects have.

    Attributes:
        folder: where the files are, beside the module that the class is defined in.
        steps: commands that a new project needs before its tests can pass, such as one that trains its model.
    """

    folder: ClassVar[str] = "project"
    steps: ClassVar[tuple[str, ...]] = ()

    def files(self) -> dict[str, str]:
        """Read the files: relative paths, with ``/`` between the parts, and what stands in each.

        Raises:
            ScaffoldError: there is no such folder.
        """
        module = sys.modules[type(self).__module__]
        package = module.__package__
        where = files(package).joinpath(self.folder) if package else None
        if where is None or not where.is_dir():
            raise ScaffoldError(
                f"The template {type(self).__qualname__} of {module.__name__} has no folder {self.folder!r} beside its "
                "module. Put its files there, and see that the package's wheel has them; or define files()."
            )
        return read_files(where)


class MinimalTemplate(ProjectTemplate):
    """A backend in one file, that needs nothing but packflow.

    Example:
        >>> sorted(MinimalTemplate().files())[:2]
        ['data.md.part', 'inference.py.tmpl']
    """

    plugin_api_version = 1

    def files(self) -> dict[str, str]:
        """Read the files, which are beside those of all projects."""
        from packflow.scaffold.trees import read_tree

        return read_tree("project/minimal")
