"""Normalizers in modules that do when they are imported what they should not. Importing this imports them all."""

from __future__ import annotations

import importlib

from tests.testing.mutants import Mutants, impure
from tests.testing.mutants.suites_normalizers import CoinSuite, coin

mutants = Mutants()

for impurity, check in {**impure.CHECKS, "library": "test_import_leaves_the_library_alone"}.items():
    mutants.add(
        check,
        f"Impure{impurity.title()}",
        plugin=importlib.import_module(f"impure_{impurity}").CoinNormalizer,
        cases=[(lambda: coin(50), 50)],
        batch_cases=(),
        refused=(),
    )

mutants.into(globals(), CoinSuite)
