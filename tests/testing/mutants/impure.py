"""Modules that do when they are imported what they should not, each with a plugin of every kind; and a pure one."""

from __future__ import annotations

from pathlib import Path

from tests.support.distributions import add_distribution

#: Each impurity with its code.
CODE = {
    "alone": "import sys\nif 'pytest' not in sys.modules: raise ImportError('not without pytest')",
    "print": "print('loading the model')",
    "complain": "import sys; sys.stderr.write('loading the model')",
    "heavy": "import torch",
    "loguru": "import loguru; loguru.logger.add(lambda line: None)",
    "logging": "import logging; logging.basicConfig()",
    "path": "import sys; sys.path.append('/acme')",
    "environment": "import os; os.environ['ACME'] = '1'",
    "warnings": "import warnings; warnings.simplefilter('ignore', ImportWarning)",
    "folder": "import os; os.chdir(os.path.dirname(__file__))",
    "thread": "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
}

#: Each impurity with the check that must fail for it.
CHECKS = {
    **dict.fromkeys(CODE, "test_import_changes_nothing"),
    "alone": "test_import_works_by_itself",
    "print": "test_import_prints_nothing",
    "complain": "test_import_prints_nothing",
    "heavy": "test_import_brings_no_heavy_library",
}

PLUGINS = """
from packflow import InferenceBackend
from packflow.backend.preprocessors import Preprocessor, map_records
from packflow.normalizers import Normalizer
from packflow.plugin import hookimpl

class Backend(InferenceBackend):
    def execute(self, inputs):
        return [{"n": row.get("n")} for row in inputs]

class Prepared(Preprocessor):
    def __call__(self, records):
        return map_records(lambda record: {"n": record.get("n")}, records)

class Hooks:
    @hookimpl
    def packflow_call_finished(self, backend, metrics):
        pass

hooks = Hooks()

class CoinNormalizer(Normalizer):
    def to_native(self, obj):
        return obj.cents
"""

LIBRARY = """
class Coin:
    def __init__(self, cents):
        self.cents = cents

class Purse(list):
    pass
"""


def install(folder: Path) -> None:
    """Install into a folder the distributions that the mutants need."""
    for name, code in {**CODE, "library": "import coins", "pure": ""}.items():
        label = "pure" if name == "pure" else f"impure-{name}"
        module = label.replace("-", "_")
        plugins = {
            "backend": {f"{label}-backend": f"{module}:Backend"},
            "preprocessor": {f"{label}-preprocessor": f"{module}:Prepared"},
            "hooks": {f"{label}-hooks": f"{module}:hooks"},
        }
        if name == "pure":
            plugins["normalizer"] = {"coins.Coin": f"{module}:CoinNormalizer"}
        add_distribution(folder, label, "1.0", plugins, {f"{module}.py": f"{code}\n{PLUGINS}"})
    add_distribution(folder, "coins", "1.0", {}, {"coins.py": LIBRARY, "torch.py": ""})
