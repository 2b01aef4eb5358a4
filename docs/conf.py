"""How the documentation is built: Sphinx with MyST-NB. Notebooks are run, and nothing needs the network."""

from __future__ import annotations

import builtins
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from packflow import __version__

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import report  # how the figures of benchmarks are shown

# The notebooks run shell cells; the command `packflow` is to be the one of the Python that builds.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
# What the pages show must not depend on who builds them.
for variable in [name for name in os.environ if name.startswith("PACKFLOW_") or name == "BACKEND_CONFIG_FILE_PATH"]:
    del os.environ[variable]
os.environ["NO_COLOR"] = "1"
os.environ["PYTHONWARNINGS"] = "default"
os.environ["COLUMNS"] = "100"
# The kernels' own folder is a copy, for they write into it.
_kernels = tempfile.TemporaryDirectory(prefix="packflow-docs-")
shutil.copytree(Path(__file__).parent / "_ipython", _kernels.name, dirs_exist_ok=True)
os.environ["IPYTHONDIR"] = _kernels.name

project = "packflow"
author = "The packflow developers"
copyright = author
version = release = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "_ipython", "jupyter_execute"]
nitpicky = True
default_role = "code"  # what docstrings put between single backticks

# Notebooks: run each time, in a folder of their own; an exception that no tag announces fails the build.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_execution_timeout = 120
nb_merge_streams = True
myst_enable_extensions = ["colon_fence", "deflist", "substitution"]
# The last run of the benchmarks, as it was written down; nothing is measured here.
_figures = json.loads((Path(report.__file__).parent / "results" / "last.json").read_text(encoding="utf-8"))
myst_substitutions = {
    "benchmarks_machine": report.describe(_figures),
    "benchmarks_tables": "\n\n".join(f"### {title}\n\n{table}" for title, table in report.tables(_figures)),
    "benchmarks_verdict": report.verdict(_figures),
}
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_class_signature = "mixed"
autodoc_default_options = {"show-inheritance": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False

# Only references to packflow itself can be checked: the inventories of other projects are on the network.
nitpick_ignore = [(f"py:{role}", name) for role in ("class", "obj", "exc", "data") for name in dir(builtins)]
nitpick_ignore += [("py:class", "Logger"), ("py:class", "dict[str")]  # loguru's; half of an alias of Record
nitpick_ignore_regex = [
    (r"py:.*", r"(packflow\..*\.)?(_[A-Za-z]+|T|Named|Frozen)"),  # private names and type variables in signatures
    (r"py:.*", r"(typing|typing_extensions|collections|types|pathlib|os|enum|datetime|abc|ast|warnings)\..*"),
    (r"py:.*", r"(numpy|np|pydantic|pydantic_core|loguru|pluggy|click|msgspec|pytest|hypothesis)\..*"),
]


def add_field_description(_app, what, name, _obj, _options, lines):
    """Give a pydantic model's field, which has no docstring, its description."""
    owner, _, field = name.rpartition(".")
    module, _, cls = owner.rpartition(".")
    fields = getattr(getattr(sys.modules.get(module), cls, None), "model_fields", {}) if what == "attribute" else {}
    if field in fields and fields[field].description and not any(lines):
        lines[:] = [fields[field].description]


def setup(app):
    app.connect("autodoc-process-docstring", add_field_description)


html_theme = "furo"
html_title = f"packflow {version}"
html_copy_source = False
