"""What a name means depends on what is installed and on the settings, and on nothing else.

Processes with different hash seeds look at one made-up environment, each with its own order of what is in a folder, of
questions and of imports. All must say the same, and say it again after a refresh. The order of the folders on the path
does mean something, so it is the same for all.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.answering import Answering
from tests.support.distributions import add_distribution

KINDS = ("backend", "preprocessor", "normalizer")
NAMES = ("fast", "Fast", "fa_st", "fa-st", "numpy")
DISTRIBUTIONS = ("acme", "Acme", "acme-fast", "Acme_Fast", "acme.fast", "zeta", "packflow")
VERSIONS = ("1.0", "1.9", "1.10", "2.0rc1", "nonsense")

WHOLE = """
import sys
from packflow import InferenceBackend
from packflow.backend.preprocessors import Preprocessor
from packflow.normalizers.base import Normalizer
class backend(InferenceBackend): pass
class preprocessor(Preprocessor): pass
class normalizer(Normalizer): pass
"""
HOOKS = """
from packflow.plugin import hookimpl
@hookimpl
def packflow_call_finished(backend): pass
"""


class Installed(NamedTuple):
    """One copy of a distribution."""

    name: str
    version: str
    egg_info: bool
    #: What is wrong with its files, if anything.
    damage: dict[str, Any]
    #: (kind, name, value); ``PREFIX`` stands for what the environment's modules begin with.
    plugins: tuple[tuple[str, str, str], ...]


class Environment(NamedTuple):
    """All that a name's meaning may depend on."""

    folders: tuple[tuple[Installed, ...], ...]
    #: The sources of modules m0, m1 …; any of them may be a plugin of any kind.
    modules: tuple[str, ...]
    #: The sources of modules h0, h1 …, which have hooks.
    hooks: tuple[str, ...]
    settings: dict[str, str]


kinds, names = st.sampled_from(KINDS), st.sampled_from(NAMES)
modules = st.sampled_from(["PREFIXm0", "PREFIXm1", "PREFIXm2"])
targets = st.builds("{}:{}".format, modules, st.sampled_from([*KINDS, "missing"]))
chosen = st.tuples(kinds, names, st.one_of(targets, modules, st.just("not a module!"))) | st.tuples(
    kinds, st.just("base"), st.builds("{}:{}".format, modules.filter(lambda name: name[-1] != "2"), kinds)
)
listening = st.tuples(st.just("hooks"), names, st.sampled_from(["PREFIXh0", "PREFIXh1", "PREFIXh2", "PREFIXm0"]))
qualified = st.builds("{}/{}".format, st.sampled_from(DISTRIBUTIONS), names)


def copies(name: Any) -> Any:
    damage = st.sampled_from([{}] * 12 + [{"metadata": ""}, {"entry_points": b"[packflow.backends]\n\xff = x"}])
    plugins = st.lists(st.one_of(chosen, chosen, listening), min_size=1, max_size=4).map(tuple)
    return st.builds(Installed, name, st.sampled_from(VERSIONS), st.booleans(), damage, plugins)


def registering(kind: str, entries: list[tuple[str, str]]) -> str:
    lines = [f"    registry.register({name!r}, {target!r})" for name, target in entries]
    return "\n".join([f"@hookimpl\ndef packflow_register_{kind}s(registry):", *lines, "    pass\n"])


sources = st.one_of(
    st.just(WHOLE),
    st.sampled_from(
        ["raise RuntimeError('driver too old')", "import never_installed", "def (:", "import sys; sys.exit()"]
    ),
)
#: m1 may import m0, and m2 may load what is called "base", which is never m2: of two modules that need each other, the
#: one that is imported first sees less of the other.
modules_of_one = st.tuples(
    sources,
    sources | st.just(WHOLE + "import PREFIXm0"),
    sources | kinds.map(lambda kind: f"{WHOLE}sys.packflow_registry.load({kind!r}, 'base')"),
)
hooks = st.one_of(
    st.builds(registering, kinds, st.lists(st.tuples(names, targets), max_size=2)).map(lambda text: HOOKS + text),
    st.sampled_from(["raise RuntimeError('no hooks')", HOOKS.replace("finished", "finnished")]),
)
listed = st.lists(st.one_of(st.sampled_from(DISTRIBUTIONS), qualified), max_size=2).map(",".join)
overrides = st.lists(st.builds("{}={}".format, names, qualified), max_size=2).map(",".join)
variables = {
    "PACKFLOW_PLUGINS": listed,
    "PACKFLOW_DISABLE_PLUGINS": listed,
    "PACKFLOW_PLUGIN_AUTOLOAD": st.sampled_from("01"),
    "PACKFLOW_STRICT_PLUGINS": st.sampled_from("01"),
    "PACKFLOW_PLUGIN_OVERRIDES": overrides,
}
environments = st.builds(
    Environment,
    st.lists(st.lists(copies(st.sampled_from(DISTRIBUTIONS)), max_size=4).map(tuple), min_size=1, max_size=2).map(
        tuple
    ),
    modules_of_one,
    st.lists(hooks, min_size=3, max_size=3).map(tuple),
    st.one_of(st.just({}), st.just({"PACKFLOW_STRICT_PLUGINS": "1"}), st.fixed_dictionaries({}, optional=variables)),
)

REGISTERING = HOOKS + registering("backend", [("fast", "PREFIXm0:backend")])
#: What one hooks plugin registers before another fails is there in strict mode too, whoever asks first.
HALF_STRICT = Environment(
    ((Installed("acme", "1.0", False, {}, (("hooks", "a", "PREFIXh0"), ("hooks", "b", "PREFIXh1"))),),),
    (WHOLE,) * 3,
    (REGISTERING, "raise RuntimeError('no hooks')", ""),
    {"PACKFLOW_STRICT_PLUGINS": "1"},
)
#: That the setting means nothing is known only when the hooks plugin has registered all that it will.
LATE_MISTAKE = Environment(
    ((Installed("acme", "1.0", False, {}, (("hooks", "a", "PREFIXh0"), ("backend", "slow", "PREFIXm1:backend"))),),),
    (WHOLE,) * 3,
    (REGISTERING, "", ""),
    {"PACKFLOW_STRICT_PLUGINS": "1", "PACKFLOW_DISABLE_PLUGINS": "acme/numpy"},
)


def install(copy: Installed, folder: Path, prefix: str) -> None:
    name = f"{copy.name.replace('-', '_')}-{copy.version}"
    if (folder / f"{name}.dist-info").exists() or (folder / f"{name}.egg-info").exists():
        return
    groups: dict[str, dict[str, str]] = {}
    for kind, plugin, value in copy.plugins:
        groups.setdefault(kind, {})[plugin] = value.replace("PREFIX", prefix)
    info = add_distribution(folder, copy.name, copy.version, groups, **copy.damage)
    if copy.egg_info:
        (info / "METADATA").rename(info / "PKG-INFO")
        info.rename(folder / f"{name}.egg-info")


def build(environment: Environment, folder: Path, prefix: str) -> list[str]:
    """Install an environment; give its path."""
    path = []
    for number, installed in enumerate(environment.folders):
        path.append(folder / f"site{number}")
        path[-1].mkdir()
        for copy in installed:
            install(copy, path[-1], prefix)
    for letter, texts in (("m", environment.modules), ("h", environment.hooks)):
        for number, text in enumerate(texts):
            (folder / f"{prefix}{letter}{number}.py").write_text(text.replace("PREFIX", prefix))
    return list(map(str, path))


def questions(environment: Environment, prefix: str) -> list[list[str]]:
    """Give everything that can be asked about an environment."""
    spelt = {(kind, "fats") for kind in (*KINDS, "hooks")} | {("preprocessor", "numpy")}
    for copy in itertools.chain.from_iterable(environment.folders):
        for kind, name, _ in copy.plugins:
            spelt |= {(kind, name), (kind, f"{copy.name}/{name}")}
    for kind, name in itertools.product(KINDS, NAMES):
        if any(repr(name) in text for text in environment.hooks):
            spelt.add((kind, name))
    asked = [[what, *about] for about in sorted(spelt) for what in ("find", "has", "load")]
    asked += [["import", f"{prefix}m{number}"] for number in range(3)]
    return [*asked, ["list"], ["listen"]]


@pytest.fixture(scope="module")
def processes() -> Iterator[list[Answering]]:
    running = [Answering(hash_seed) for hash_seed in (0, 1, 4242)]
    yield running
    for process in running:
        process.close()


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to build environments in, with packflow's own metadata beside them."""
    folder = tmp_path_factory.mktemp("environments")
    entry_points = distribution("packflow").read_text("entry_points.txt") or ""
    add_distribution(folder / "core", "packflow", "1.0.0", entry_points=entry_points)
    return folder


numbers = itertools.count()


@settings(max_examples=120, report_multiple_bugs=False)
@example(environment=HALF_STRICT)
@example(environment=LATE_MISTAKE)
@given(environment=environments)
def test_every_process_gives_every_name_the_same_meaning(environment, processes, workshop):
    prefix = f"env{next(numbers)}_"
    folder = workshop / prefix
    folder.mkdir()
    try:
        path = build(environment, folder, prefix)
        request = {
            "path": [*path, str(workshop / "core")],
            "modules": [str(folder)],
            "prefix": prefix,
            "environ": environment.settings,
            "questions": questions(environment, prefix),
            "rounds": 4,
        }
        for seed, process in enumerate(processes):
            process.ask(request | {"seed": seed})
        answers = [process.answer() for process in processes]
    finally:
        shutil.rmtree(folder)
    first, *others = answers
    assert {question: said for question, said in first.items() if len(said) != 1} == {}
    for other in others:
        assert {question: (said, other[question]) for question, said in first.items() if said != other[question]} == {}
