"""What one call costs, here and in the public package of the same name, each in an environment of its own.

Run it with ``python benchmarks/calls.py``. The two packages run the same cases in turn, each round in fresh processes;
the table has the medians of the rounds, in microseconds a call, and their ratio. The batch has 100 records.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from startup import HERE, PEER, environment

ROUNDS = 5

CASES = """
import json, os, timeit
from loguru import logger
from packflow import InferenceBackend

def loguru_level(level):
    logger.remove()
    logger.add(open(os.devnull, "w"), level=level)

class Echo(InferenceBackend):
    def execute(self, inputs):
        return inputs

flat = [{"a": i, "b": 2, "c": 3.5, "d": "x", "e": None} for i in range(100)]
nested = [{"a": {"x": i, "y": 2, "z": {"q": 1, "r": 2}}, "b": 2, "c": 3, "d": {"k": 4}} for i in range(100)]
def bare(inputs):
    return inputs

cases = {
    "the bare function": (None, flat[0]),
    "one record, nothing configured": (dict(verbose=False), flat[0]),
    "one record, metrics nobody hears": (dict(verbose=True), flat[0]),
    "one record, metrics logged": (dict(verbose=True), flat[0]),
    "select 3 of 5": (dict(verbose=False, feature_names=["a", "b", "c"]), flat),
    "rename 2 of 5": (dict(verbose=False, rename_fields={"a": "x", "b": "y"}), flat),
    "3 nested paths": (dict(verbose=False, feature_names=["a.x", "a.z.q", "d.k"]), nested),
    "flatten 7 leaves": (dict(verbose=False, flatten_nested_inputs=True), nested),
}
times = {}
for name, (settings, inputs) in cases.items():
    loguru_level("WARNING" if "nobody" in name else "INFO")
    backend = Echo(**settings) if settings else bare
    timer = timeit.Timer(lambda: backend(inputs))
    number, _ = timer.autorange()
    times[name] = min(timer.repeat(3, number)) / number * 1e6
print(json.dumps(times))
"""


def times(python: str) -> dict[str, float]:
    elsewhere = Path(python).parent  # here, `python -c` would import this repository in place of what is installed
    done = subprocess.run([python, "-c", CASES], check=True, cwd=elsewhere, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        ours = environment(Path(folder, "ours"), str(HERE))
        peer = environment(Path(folder, "peer"), PEER)
        rounds = [(times(ours), times(peer)) for _ in range(ROUNDS)]
    print(f"Python {platform.python_version()}, medians of {ROUNDS} rounds", file=sys.stderr)
    print(f"{'case':34} {'ours us':>9} {'peer us':>9} {'ratio':>6}")
    for case in rounds[0][0]:
        own, other = (median(pair[side][case] for pair in rounds) for side in (0, 1))
        print(f"{case:34} {own:9.2f} {other:9.2f} {own / other:6.2f}")


if __name__ == "__main__":
    main()
