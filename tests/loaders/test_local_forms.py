"""Every form of import in a local project does what it does in a plain script."""

from __future__ import annotations

import json
import subprocess
import sys

from packflow.loaders import LocalLoader

BACKEND = """
from packflow import InferenceBackend

class Backend(InferenceBackend):
    def execute(self, inputs):
        return [{"value": value()} for _ in inputs]

def value():
"""


# Every form of import, with what it binds; run once as a plain script and once by the loader.
FORMS = """
import helpers
import helpers as h
import helpers.text
import helpers.deep.er
import helpers.text as t, json, single as s
from helpers import text, VALUE as v
from helpers import *
from helpers.deep import er as e
from spread import part
import spread.part as p
import first
from stars import *
import replaced
import shadowed.text

class Inside:
    import single
    import helpers.deep.er

def late():
    import only_late
    import helpers.deep.later
    from only_late import NAME as name
    return [only_late.NAME, name, helpers.deep.later.NAME, sorted(locals())]

def with_global():
    global single
    import single
    return single.NAME

try:
    import not_there
except ModuleNotFoundError as error:
    missing = error.name
try:
    from helpers import not_there
except ImportError as error:
    no_attribute = type(error).__name__
if True:
    import single as conditional

RESULT = {
    "same": [h is helpers, t is text is helpers.text, p is part, e is helpers.deep.er],
    "values": [helpers.VALUE, v, exported, text.NAME, helpers.deep.er.NAME, s.NAME, part.NAME, late(), with_global()],
    "classes": [Inside.single.NAME, Inside.helpers is helpers, hasattr(Inside, "_packflow_import")],
    "circular": [first.A, first.second.B, first.second.first is first],
    "stars": [sorted(n for n in globals() if n.startswith("star_"))],
    "replaced": replaced.answer,
    "shadowed": [type(shadowed.text).__name__, shadowed.found.NAME],
    "missing": [missing, no_attribute, conditional.NAME],
    "names": sorted(name for name in globals() if not name.startswith("__")),
}
"""

FILES = {
    "inference.py": FORMS,
    "helpers/__init__.py": "__all__ = ['exported', 'text']\nVALUE = 1\nexported = 2\nfrom helpers import text\n",
    "helpers/text.py": "NAME = 'text'\nfrom . import __name__ as parent\nimport helpers\n",
    "helpers/deep/__init__.py": "from ..text import NAME\nimport helpers.text\n",
    "helpers/deep/er.py": "from .. import text\nfrom helpers.deep import NAME as n\nNAME = 'er' + n\nimport single\n",
    "helpers/deep/later.py": "NAME = 'later'\n",
    "spread/part.py": "NAME = 'part'\n",
    "single.py": "NAME = 'single'\n",
    "only_late.py": "NAME = 'late'\n",
    "first.py": "A = 1\nimport second\nfrom second import B\n",
    "second.py": "import first\nB = first.A + 1\ndef f():\n    from first import A\n    return A\n",
    "stars.py": "star_a = 1\nstar_b = 2\n_star_c = 3\n",
    "replaced.py": "import sys, types\nnew = types.SimpleNamespace(answer=42)\nsys.modules[__name__] = new\n",
    "shadowed/__init__.py": "def text(): ...\n",
    "shadowed/text.py": "import shadowed\nfrom shadowed import text\nshadowed.text = text\nimport shadowed.found\n",
    "shadowed/found.py": "NAME = 'found'\n",
}


def test_every_form_of_import_does_what_it_does_in_a_plain_script(project):
    home = project(FILES)
    plain = subprocess.run(
        [sys.executable, "-c", "import json, inference; print(json.dumps(inference.RESULT))"],
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    project({"inference.py": FORMS + BACKEND + "    return RESULT"}, home)
    found = LocalLoader("inference:Backend", home).load(verbose=False)({})
    assert json.loads(json.dumps(found["value"])) == json.loads(plain.stdout)
