"""A local project's files import each other as plain Python does, and no two projects meet."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import threading
import typing
from importlib.resources import files

import pytest

from packflow.loaders import LocalLoader

BACKEND = """
from packflow import InferenceBackend

class Backend(InferenceBackend):
    def execute(self, inputs):
        return [{"value": value()} for _ in inputs]

def value():
"""


def load(home, target="inference:Backend"):
    return LocalLoader(target, home).load(verbose=False)


def value(home, target="inference:Backend"):
    return load(home, target)({})["value"]


def test_two_projects_with_helpers_of_the_same_name_each_get_their_own(project):
    homes = [
        project(
            {
                "inference.py": "import helpers" + BACKEND + "    import late\n    return [helpers.NAME, late.NAME]",
                "helpers.py": f"NAME = 'helpers {number}'",
                "late.py": f"NAME = 'late {number}'",
            }
        )
        for number in (1, 2)
    ]
    backends = [load(home) for home in homes]
    found = [backend({})["value"] for backend in backends]
    assert found == [["helpers 1", "late 1"], ["helpers 2", "late 2"]]
    assert not {"helpers", "late", "inference"} & set(sys.modules)


def test_imports_in_threads_find_their_own_project(project):
    homes = [
        project({"inference.py": BACKEND + "    import late\n    return late.N", "late.py": f"N = {number}"})
        for number in range(8)
    ]
    found: dict[int, object] = {}
    gate = threading.Barrier(len(homes))

    def work(number: int, home) -> None:
        gate.wait()
        found[number] = value(home)

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(homes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: number for number in range(8)}


def test_files_named_like_the_standard_library_break_nothing_and_are_warned_of_once(project, warned):
    names = ["json", "random", "types", "logging", "queue", "enum"]
    source = "import json, random, types, logging.handlers\nfrom enum import Enum\nimport numpy, fractions, helpers\n"
    home = project(
        {
            **{f"{name}.py": "raise SystemExit('the local file ran')" for name in names},
            "inference.py": source + BACKEND + "    import json as again\n    return json.__file__ + again.__file__",
            "helpers.py": "import json\nfrom random import Random\nimport numpy.random",
        }
    )
    found = value(home)
    assert found == json.__file__ * 2
    for name in ["json", "random", "types", "logging", "enum"]:
        assert len([text for text in warned if repr(str(home / f"{name}.py")) in text and "passed over" in text]) == 1
    assert len(warned) == 5
    value(home)
    assert len(warned) == 5


def test_a_target_named_like_the_standard_library_loads(project):
    home = project(
        {
            "random.py": "import random, inspect"
            + BACKEND
            + "    from . import types\n    return [random.Random.__module__, types.N]",
            "types.py": "N = 5",
            "inspect.py": "",
        }
    )
    assert value(home, "random:Backend") == ["random", 5]
    assert value(home, "./random.py:Backend") == ["random", 5]
    assert sys.modules["random"].__file__ != str(home / "random.py")


def test_packflow_itself_cannot_be_hidden(project, warned):
    home = project({"packflow.py": "raise SystemExit", "inference.py": BACKEND + "    return 1"})
    assert value(home) == 1
    assert ["packflow.py" in text for text in warned] == [True]


def test_a_helper_named_like_an_installed_package_wins_in_its_project_only(project):
    home = project(
        {
            "inference.py": "import numpy, pydantic.local" + BACKEND + "    return [numpy.NAME, pydantic.local.NAME]",
            "numpy.py": "NAME = 'local numpy'",
            "pydantic/__init__.py": "",
            "pydantic/local.py": "NAME = 'local pydantic'",
        }
    )
    other = project({"inference.py": "import numpy" + BACKEND + "    return numpy.zeros(2).tolist()"})
    assert value(home) == ["local numpy", "local pydantic"]
    assert value(other) == [0.0, 0.0]
    import numpy as installed

    assert hasattr(installed, "ndarray")


def test_a_mere_folder_does_not_hide_an_installed_package(project):
    home = project(
        {
            "inference.py": "import numpy, data.part" + BACKEND + "    return [numpy.ones(1).tolist(), data.part.N]",
            "numpy/weights.txt": "",
            "data/part.py": "N = 1",
        }
    )
    assert value(home) == [[1.0], 1]


@pytest.mark.parametrize("target", ["pkg.sub.inference:Backend", "pkg/sub/inference.py:Backend"])
def test_packages_with_relative_imports_load(project, monkeypatch, target):
    home = project(
        {
            "outside.py": "O = 'outside'",
            "pkg/__init__.py": "P = 'pkg'",
            "pkg/common.py": "C = 'common'",
            "pkg/sub/__init__.py": "from .utils import U",
            "pkg/sub/utils.py": "from .. import P\nU = P + ' utils'",
            "pkg/sub/beside.py": "B = 'beside'",
            "pkg/sub/inference.py": "from . import U, utils\nfrom .utils import U\nfrom ..common import C\n"
            "import outside\nfrom pkg.common import C as again\nimport beside"
            + BACKEND
            + "    return [U, C, again, outside.O, beside.B]",
        }
    )
    monkeypatch.chdir(home)
    assert value(home, target) == ["pkg utils", "common", "common", "outside", "beside"]


def test_what_is_beside_a_file_in_a_package_hides_nothing_installed(project):
    home = project(
        {
            "pkg/__init__.py": "",
            "pkg/numpy.py": "raise SystemExit",
            "pkg/inference.py": "import numpy" + BACKEND + "    return numpy.ones(1).tolist()",
        }
    )
    assert value(home, "pkg/inference.py:Backend") == [1.0]


def test_the_current_directory_on_sys_path_changes_nothing(project):
    home = project(
        {
            "inference.py": "import helpers" + BACKEND + "    import spread.part\n    return spread.part.N + helpers.N",
            "helpers.py": "N = 1",
            "spread/part.py": "N = 2",
            "pkg/__init__.py": "",
            "pkg/beside.py": "N = 3",
            "pkg/inference.py": "import beside" + BACKEND + "    return beside.N",
        }
    )
    code = (
        "import sys; from packflow.loaders import LocalLoader\n"
        "def value(target): return LocalLoader(target).load(verbose=False)({})['value']\n"
        "print(value('inference:Backend'), value('pkg/inference.py:Backend'))\n"
        "sys.path.append('pkg'); print(value('pkg/inference.py:Backend'))\n"
        "print({'helpers', 'spread', 'beside', 'pkg'} & set(sys.modules), sys.path[0] == '', sys.path[-1])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=home, capture_output=True, text=True, check=True)
    assert run.stdout == "3 3\n3\nset() True pkg\n"


def test_what_looks_modules_up_by_name_works(project):
    source = (
        """
        from __future__ import annotations
        import dataclasses, helpers, typing

        @dataclasses.dataclass
        class Point:
            x: helpers.Number
            y: Point | None = None
            kind: typing.ClassVar[int] = 0
    """
        + "\n"
    )
    text = "\nVALUE = 1\nclass Number: ...\n"
    home = project({"inference.py": source, "helpers.py": text})
    project({"inference.py": (home / "inference.py").read_text() + BACKEND + "    return 1"}, home)
    module = sys.modules[LocalLoader("inference:Backend", home).resolve().__module__]
    assert [field.name for field in module.dataclasses.fields(module.Point)] == ["x", "y"]
    assert typing.get_type_hints(module.Point)["x"] is module.helpers.Number
    assert inspect.getsource(module.value).startswith("def value():")
    assert inspect.getsource(module.helpers.Number) == "class Number: ...\n"
    assert module.__file__ == str(home / "inference.py")
    assert files(module.__package__).joinpath("helpers.py").read_text() == text


def test_builtins_replaced_later_are_seen(project, monkeypatch):
    backend = load(project({"inference.py": BACKEND + "    return len([])"}))
    monkeypatch.setattr("builtins.len", lambda _: "replaced")
    found = backend.execute([{}])
    monkeypatch.undo()
    assert found == [{"value": "replaced"}]


def test_the_future_of_this_package_is_not_inherited(project):
    home = project({"inference.py": BACKEND + "    def f(x: int): ...\n    return f.__annotations__['x'].__name__"})
    assert value(home) == "int"


def test_files_in_another_encoding_and_with_a_mark_load(project, tmp_path):
    home = project({"inference.py": "import latin, marked" + BACKEND + "    return latin.N + marked.N"})
    (home / "latin.py").write_bytes("# coding: latin-1\nN = 'é'\n".encode("latin-1"))
    (home / "marked.py").write_bytes("N = 'ü'\n".encode("utf-8-sig"))
    assert value(home) == "éü"


def test_loaders_may_be_used_while_loading(project):
    inner = project({"inference.py": "import helpers" + BACKEND + "    return helpers.N", "helpers.py": "N = 'inner'"})
    source = (
        "from packflow.loaders import LocalLoader\nimport helpers\n"
        f"inner = LocalLoader('inference:Backend', {str(inner)!r})\n"
    )
    home = project(
        {
            "inference.py": source + "found = inner.load()({})" + BACKEND + "    return [helpers.N, found['value']]",
            "helpers.py": "N = 'outer'",
        }
    )
    assert value(home) == ["outer", "inner"]
