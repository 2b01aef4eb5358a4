from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.plugin.index import Copy, Index, build, scan
from packflow.plugin.refs import PluginRef

entries = st.lists(
    st.tuples(
        st.sampled_from(["backend", "preprocessor", "normalizer", "hooks"]),
        st.sampled_from(["fast", "Fast", "fa_st", "fa-st", "numpy", "a/b", ""]),
        st.sampled_from(["acme:A", "acme:B", "not a module!"]),
    ),
    max_size=4,
).map(tuple)
copies = st.lists(
    st.builds(
        Copy,
        st.sampled_from(["acme", "Acme", "other", "packflow"]),
        st.sampled_from(["1.0", "1.10", "1.9", "2.0rc1", "nonsense"]),
        st.sampled_from(["/a/x", "/a/y", "/b/x"]),
        st.integers(0, 2),
        entries,
    ),
    max_size=6,
)


@given(copies, st.randoms(use_true_random=False))
def test_the_order_of_the_copies_does_not_matter(found, random):
    shuffled = [copy._replace(entries=tuple(random.sample(copy.entries, len(copy.entries)))) for copy in found]
    random.shuffle(shuffled)
    one, other = build(found), build(shuffled)
    assert one.refs == other.refs
    assert one.problems == other.problems


@given(copies)
def test_a_distribution_counts_once_and_gives_each_name_once(found):
    index = build(found)
    names = [(ref.kind, ref.key, ref.distribution.lower()) for ref in index.refs]
    assert len(names) == len(set(names))
    assert len({(ref.distribution.lower(), ref.version, ref.location) for ref in index.refs}) == len(
        {ref.distribution.lower() for ref in index.refs}
    )


def names(index: Index, distribution: str = "acme") -> list[tuple[str, str, str]]:
    return [(ref.kind, ref.name, ref.version) for ref in index.refs if ref.distribution == distribution]


def test_the_four_groups_are_read_and_no_other(site):
    plugins = {
        "backend": {"b": "acme:B"},
        "preprocessor": {"p": "acme:P"},
        "normalizer": {"acme.Money": "acme:N"},
        "hooks": {"h": "acme.hooks"},
        "packflow.other": {"x": "acme:X"},
        "console_scripts": {"acme": "acme:main"},
    }
    site.add("acme", "1.2", plugins)
    index = scan([str(site.folder)])
    assert [(ref.kind, ref.name, ref.value) for ref in index.refs] == [
        ("backend", "b", "acme:B"),
        ("preprocessor", "p", "acme:P"),
        ("normalizer", "acme.Money", "acme:N"),
        ("hooks", "h", "acme.hooks"),
    ]
    assert {(ref.distribution, ref.version) for ref in index.refs} == {("acme", "1.2")}
    assert index.problems == ()


def test_of_two_versions_in_one_folder_the_newer_counts(site):
    for version in ("1.9", "1.10", "1.2"):
        site.add("acme", version, {"backend": {f"from-{version}": "acme:B"}})
    index = scan([str(site.folder)])
    assert names(index) == [("backend", "from-1.10", "1.10")]
    assert [(problem.version, problem.state) for problem in index.problems] == [
        ("1.2", "conflict"),
        ("1.9", "conflict"),
    ]
    assert "shadowed by acme 1.10" in index.problems[0].reason
    assert "newer" in index.problems[0].reason
    ((problem, ref),) = index.left_out("backend", "from-1.9")
    assert (problem, ref.version, ref.value) == (index.problems[1], "1.9", "acme:B")


@pytest.mark.parametrize("declares", [True, False])
def test_a_copy_that_is_earlier_on_the_path_counts_whatever_it_declares(tmp_path, site, declares):
    from tests.support.distributions import add_distribution

    earlier = tmp_path / "earlier"
    add_distribution(earlier, "Acme", "0.1", {"backend": {"old": "acme:Old"}} if declares else {})
    site.add("acme", "2.0", {"backend": {"new": "acme:New"}})
    index = scan([str(earlier), str(site.folder)])
    assert [ref.name for ref in index.refs] == (["old"] if declares else [])
    (problem,) = index.problems
    assert (problem.version, problem.state) == ("2.0", "conflict")
    assert "Acme 0.1" in problem.reason
    assert "earlier on the path" in problem.reason


def test_an_old_egg_info_shadows_too(tmp_path, site):
    egg = tmp_path / "checkout" / "acme.egg-info"
    egg.mkdir(parents=True)
    (egg / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 0.9\n")
    (egg / "entry_points.txt").write_text("[packflow.backends]\nold = acme:Old\n")
    site.add("acme", "2.0", {"backend": {"new": "acme:New"}})
    index = scan([str(egg.parent), str(site.folder)])
    assert names(index) == [("backend", "old", "0.9")]
    assert [problem.version for problem in index.problems] == ["2.0"]


def test_of_two_copies_of_one_version_none_is_called_newer(site):
    site.add("acme", "1.0", {"backend": {"fast": "acme:Fast"}})
    egg = site.folder / "acme.egg-info"
    egg.mkdir()
    (egg / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (egg / "entry_points.txt").write_text("[packflow.backends]\nfast = acme:Fast\n")
    (problem,) = scan([str(site.folder)]).problems
    assert "which stands in the same folder and goes first by its own name" in problem.reason


def test_a_folder_that_is_twice_on_the_path_is_one(site):
    site.add("acme", "1.0", {"backend": {"fast": "acme:Fast"}})
    index = scan([str(site.folder), str(site.folder)])
    assert names(index) == [("backend", "fast", "1.0")]
    assert index.problems == ()


@pytest.mark.parametrize(
    ("options", "file"),
    [
        ({"metadata": "Metadata-Version: 2.1\nVersion: 1.0\n"}, "METADATA"),
        ({"metadata": "Metadata-Version: 2.1\nName: broken\n"}, "METADATA"),
        ({"metadata": "Metadata-Version: 2.1\nName: broken/1\nVersion: 1.0\n"}, "METADATA"),
        ({"metadata": ""}, "METADATA"),
        ({"entry_points": b"[packflow.backends]\nfast = \xff\xfe\n"}, "entry_points.txt"),
        ({"entry_points": "[packflow.backends]\nno equals sign\n"}, "entry_points.txt"),
    ],
)
def test_metadata_that_cannot_be_read_harms_its_own_distribution_only(site, options, file):
    options = {"plugins": {"backend": {"fast": "broken:Fast"}}} | options
    info = site.add("broken", "1.0", **options)
    site.add("acme", "1.0", {"backend": {"good": "acme:Good"}})
    index = scan([str(site.folder)])
    assert [ref.name for ref in index.refs] == ["good"]
    (problem,) = index.problems
    assert (problem.distribution, problem.state, problem.location) == ("broken", "broken", str(info))
    assert f"its {file} cannot be read" in problem.reason
    assert "reinstall" in problem.reason
    if file == "METADATA":
        assert [(ref.name, ref.value, ref.location) for ref in problem.lost] == [("fast", "broken:Fast", str(info))]
        assert index.left_out("backend", "Fast") == ((problem, problem.lost[0]),)
        assert index.left_out("backend", "other") == ()
    else:
        assert problem.lost is None
        assert index.left_out("backend", "other") == ((problem, None),)


def test_a_distribution_without_metadata_and_without_packflow_plugins_is_nobody_s_problem(site):
    (site.folder / "stray-1.0.dist-info").mkdir()
    site.add("unrelated", "1.0", {"console_scripts": {"x": "x:y"}}, metadata="")
    index = scan([str(site.folder)])
    assert (index.refs, index.problems) == ((), ())


def test_what_an_interrupted_pip_leaves_behind_is_left_out(site):
    info = site.add("acme", "3.0", {"backend": {"fast": "acme:Fast"}})
    info.rename(info.with_name("~cme-3.0.dist-info"))
    site.add("acme", "1.0", {"backend": {"fast": "acme:Fast"}})
    index = scan([str(site.folder)])
    assert names(index) == [("backend", "fast", "1.0")]
    assert "delete that folder" in index.problems[0].reason


@pytest.mark.parametrize("name", ["with/slash", "with:colon", ""])
def test_an_impossible_name_is_broken_and_harms_no_other(site, name):
    site.add("acme", "1.0", {"backend": {name: "acme:Fast", "good": "acme:Good"}})
    refs = {ref.name: ref for ref in scan([str(site.folder)]).refs}
    assert set(refs) == {name, "good"}
    assert "name" in refs[name].problem
    assert refs["good"].problem is None


def test_a_name_that_one_distribution_gives_twice_is_broken():
    entries = (("backend", "my_net", "acme:A"), ("backend", "my-net", "acme:B"), ("backend", "good", "acme:C"))
    refs = build([Copy("acme", "1.0", "/x", 0, entries)]).refs
    assert [(ref.name, ref.problem and "more than once" in ref.problem) for ref in refs] == [
        ("good", None),
        ("my-net", True),
    ]
    assert "my_net = acme:A" in refs[1].problem


def test_names_are_found_whatever_their_spelling_but_normalizers_exactly():
    refs = [
        PluginRef("backend", "My_Net", "acme:A", "acme", "1.0"),
        PluginRef("normalizer", "torch.Tensor", "acme:B", "acme", "1.0"),
    ]
    index = Index(refs)
    assert [ref.name for ref in index.named("backend", "my-NET")] == ["My_Net"]
    assert index.named("normalizer", "torch-tensor") == ()
    assert index.named("normalizer", "torch.Tensor")[0].value == "acme:B"
