"""What a lock allows, against a model: a name means what it meant when it was locked, or it is an error."""

from __future__ import annotations

from hypothesis import event, given
from hypothesis import strategies as st

from packflow.exceptions import PluginError
from packflow.plugin.frozen import as_locked
from packflow.plugin.index import Index
from packflow.plugin.kinds import fold
from packflow.plugin.locks import LockedPlugin, PluginLock
from packflow.plugin.policy import Policy, blocked, read
from packflow.plugin.recorded import Recorded, Row
from packflow.plugin.refs import PluginRef
from packflow.plugin.registration import Registration
from packflow.plugin.resolve import Surroundings, choose, unlocked
from packflow.plugin.settled import Settled, settle

NAMES = ["fast", "numpy", "slow"]
RECORDS = {"": Recorded(problem="has no RECORD of its files")} | {
    letter: Recorded((Row(f"{letter}.py", "", ""),)) for letter in "ab"
}

contents = st.tuples(st.sampled_from(["m:A", "m:B"]), st.sampled_from(["1.0", "1.1"]), st.sampled_from(["", "a", "b"]))
places = st.tuples(
    st.sampled_from(["backend", "preprocessor"]),
    st.sampled_from(NAMES),
    st.sampled_from(["acme", "Acme", "packflow", "zenith"]),
)


def place_of(ref: PluginRef) -> tuple[str, str, str]:
    return ref.kind, ref.name, fold(ref.distribution)


def ref_of(place: tuple[str, str, str], content: tuple[str, str, str]) -> PluginRef:
    kind, name, distribution = place
    value, version, record = content
    return PluginRef(kind, name, value, distribution, version, record)


refs = st.lists(st.builds(ref_of, places, contents), max_size=5, unique_by=place_of)


@st.composite
def worlds(draw):
    """Draw what was locked, and what is installed now: some of it as it was, some otherwise, some gone, some new."""
    then = draw(refs)
    now = [ref for ref in then if draw(st.booleans())] + draw(refs)
    return then, list({place_of(ref): ref for ref in reversed(now)}.values())


def lock_of(found: list[PluginRef]) -> PluginLock:
    return PluginLock(tuple(as_locked(ref, RECORDS[ref.location].digest) for ref in found))


def freeze(now: list[PluginRef], lock: PluginLock, **settings: object) -> Settled:
    return settle(Index(now), read({}, {"lock": lock, **settings}), read_record=RECORDS.__getitem__)


deny = st.lists(st.sampled_from(["acme", "zenith/fast", "packflow"]), max_size=1)
allow = st.none() | st.lists(st.sampled_from(["acme", "zenith/fast", "zenith"]), max_size=2)


@given(worlds(), deny, allow)
def test_what_is_installed_may_be_used_if_it_is_exactly_what_is_locked(world, denied, allowed):
    then, now = world
    settings = {"deny": denied, "allow": allowed}
    policy = freeze(now, lock_of(then), **settings).policy
    was = {place_of(ref): ref for ref in then}
    for ref in now:
        before = was.get(place_of(ref))
        same = before is not None and (before.value, before.version, before.location) == (
            ref.value,
            ref.version,
            ref.location,
        )
        expected = same and blocked(read({}, settings), ref) is None
        assert (blocked(policy, ref) is None) == expected


contributed = st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(
    lambda names: [
        Registration("backend", name, "h:X", distribution="hooked", version="1", plugin="hooked/h") for name in names
    ]
)


def meaning(around: Surroundings, kind: str, name: str) -> object:
    """Say what a name means: a plugin, the class of an error, or nothing."""
    try:
        found = choose(around, kind, name)
    except PluginError as error:
        return type(error)
    return (place_of(found), found.value, found.version) if isinstance(found, PluginRef) else found


@given(worlds(), contributed)
def test_a_name_means_what_it_meant_when_it_was_locked_or_is_an_error(world, hooked):
    then, now = world
    settled = freeze(now, lock_of(then))
    before = Surroundings(Index(then), Policy(), {}, hooked)
    after = Surroundings(settled.installed, settled.policy, {}, hooked)
    intact = set(then) <= set(now)
    event("intact" if intact else "changed")
    for kind in ("backend", "preprocessor"):
        for name in [*NAMES, *(f"{owner}/{name}" for owner in ("acme", "zenith", "packflow") for name in NAMES)]:
            was, found = meaning(before, kind, name), meaning(after, kind, name)
            # A built-in that the lock lacks is blocked; before, it was missing.
            built_in = kind == "preprocessor" and name.endswith("numpy")
            if (intact and not built_in) or not isinstance(found, type):
                assert found == was


@given(worlds())
def test_what_the_lock_lacks_is_refused_with_a_reason_and_what_is_missing_with_a_remedy(world):
    then, now = world
    settled = freeze(now, lock_of(then))
    around = Surroundings(settled.installed, settled.policy, {})
    was, here = {place_of(ref) for ref in then}, {place_of(ref) for ref in now}
    for ref in now:
        qualified = f"{ref.distribution}/{ref.name}"
        if place_of(ref) not in was and not ref.built_in:
            assert choose(around, ref.kind, qualified) is None
            assert "does not hold it" in str(unlocked(around, ref.kind, qualified))
    for ref in then:
        if place_of(ref) not in here:
            assert f"pip install '{ref.distribution}=={ref.version}'" in (blocked(settled.policy, ref) or "")


def test_a_file_that_cannot_be_read_refuses_everything(tmp_path):
    ref = ref_of(("backend", "fast", "packflow"), ("m:A", "1.0", "a"))
    settled = settle(Index([ref]), read({"PACKFLOW_PLUGIN_LOCK": str(tmp_path / "gone")}))
    assert blocked(settled.policy, ref) == "PACKFLOW_PLUGIN_LOCK is set, but its lock cannot be read"
    assert "gone" in str(settled.unreadable)
    assert settled.policy.frozen.refuses_text(Registration("backend", "x", "m:A")) is not None


def test_records_are_read_once_for_each_distribution_that_is_locked():
    seen: list[str] = []

    def record(place: str) -> Recorded:
        seen.append(place)
        return RECORDS["a"]

    now = [
        PluginRef(kind, name, "m:A", distribution, "1.0", f"/{distribution}")
        for kind in ("backend", "preprocessor")
        for name in ("one", "two")
        for distribution in ("acme", "other", "zenith")
    ]
    lock = PluginLock(
        (LockedPlugin("backend", "one", "m:A", "acme", "1.0"), LockedPlugin("hooks", "h", "m", "other", "1"))
    )
    settle(Index(now), read({}, {"lock": lock}), read_record=record)
    assert seen == ["/acme", "/other"]
    settle(Index(now), read({}), read_record=record)
    assert len(seen) == 2


def test_texts_are_compared_as_what_they_import():
    ref = ref_of(("backend", "fast", "acme"), ("m : A [extra]", "1.0", "a"))
    frozen = freeze([ref], lock_of([ref])).policy.frozen
    assert frozen.refuses_text(Registration("backend", "other", "m:A")) is None
    assert "holds no backend plugin that is m:B" in frozen.refuses_text(Registration("backend", "other", "m:B"))
    assert frozen.refuses_text(Registration("preprocessor", "other", "m:A")) is not None
    assert frozen.refuses_text(Registration("backend", "other", object())) is None


def test_the_text_of_what_is_not_installed_as_it_is_locked_is_refused():
    ref = ref_of(("backend", "fast", "acme"), ("m:A", "1.0", "a"))
    frozen = freeze([ref._replace(version="1.1")], lock_of([ref])).policy.frozen
    assert frozen.refuses_text(Registration("backend", "other", "m:A")) is not None
