from __future__ import annotations

import math
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow import InferenceBackend
from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendLoadError
from packflow.loaders import LocalLoader, ModuleLoader
from packflow.loaders.target import Target, as_backend, check_backend, object_in, split_target


class Echo(InferenceBackend):
    def execute(self, inputs):
        return inputs


@pytest.mark.parametrize("loader", [LocalLoader, ModuleLoader])
@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("", ["empty", "''"]),
        ("   ", ["empty"]),
        (None, ["None", "NoneType"]),
        (Echo, ["of type"]),
        ("a:b:c", ["'a:b:c'", "2 colons"]),
        ("::", ["2 colons"]),
        (":Backend", ["nothing before its colon"]),
        ("inference:", ["nothing after its colon"]),
        ("inference:1st", ["'1st'", "no Python name"]),
        ("inference:a..b", ["'a..b'", "no Python name"]),
        ("inference: Backend", ["' Backend'", "no Python name"]),
        ("my-module:Backend", ["'my-module'", "no Python name"]),
        (".inference:Backend", ["'.inference'", "no Python name"]),
        ("pkg..inference:Backend", ["'pkg..inference'", "no Python name"]),
    ],
)
def test_a_target_that_is_no_target_is_refused_at_once(loader, target, words):
    with pytest.raises(InferenceBackendLoadError) as caught:
        loader(target)
    for word in [loader.__name__, "expected", *words]:
        assert word in str(caught.value)


def test_a_local_target_needs_a_colon():
    with pytest.raises(
        InferenceBackendLoadError, match=r"'inference' of LocalLoader has no colon.*'inference:Backend'"
    ):
        LocalLoader("inference")


@given(st.text(max_size=30) | st.from_regex(r"[a-c. ]{0,3}:[a-c.:]{0,4}", fullmatch=True))
def test_any_text_is_either_split_at_its_one_colon_or_refused(text):
    parts = text.split(":")
    if len(parts) == 2 and parts[0].strip() and all(part.isidentifier() for part in parts[1].split(".")):
        assert split_target(text, "LocalLoader", "a:b") == Target(*parts)
    else:
        with pytest.raises(InferenceBackendLoadError) as caught:
            split_target(text, "LocalLoader", "a:b")
        assert repr(text) in str(caught.value)


def test_a_drive_is_part_of_the_place(monkeypatch):
    import ntpath

    monkeypatch.setattr("os.path.splitdrive", ntpath.splitdrive)
    assert split_target(r"C:\models\inference.py:Backend", "LocalLoader", "a:b") == Target(
        r"C:\models\inference.py", "Backend"
    )


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (math.sqrt, "the function sqrt()"),
        (math, "the module 'math'"),
        (dict, "the class dict, which does not inherit from InferenceBackend"),
        (InferenceBackend, "InferenceBackend itself"),
        ({"a": 1}, "{'a': 1}, of type dict"),
        (None, "None, of type NoneType"),
        ("x" * 500, "xx...xx"),
    ],
)
def test_what_is_no_backend_is_refused_by_what_it_is(found, words):
    with pytest.raises(InferenceBackendLoadError) as caught:
        check_backend(found, "the target")
    assert words in str(caught.value)
    assert "expected a subclass of packflow.InferenceBackend, or an instance of one" in str(caught.value)
    assert len(str(caught.value)) < 250


def test_a_class_and_an_instance_pass():
    instance = Echo(verbose=False)
    assert check_backend(Echo, "") is Echo
    assert check_backend(instance, "") is instance


def test_configuration_constructs_a_class_and_is_refused_for_an_instance():
    assert as_backend(Echo, {"verbose": False}, "it").config.verbose is False
    instance = Echo(verbose=False)
    assert as_backend(instance, {}, "it") is instance
    with pytest.raises(InferenceBackendLoadError, match=r"it is an instance of Echo.*verbose, feature_names"):
        as_backend(instance, {"verbose": True, "feature_names": []}, "it")


def test_what_the_backend_says_of_its_configuration_passes_unchanged():
    with pytest.raises(InferenceBackendInitializationError) as caught:
        as_backend(Echo, {"verbos": True}, "it")
    assert caught.value.__class__ is InferenceBackendInitializationError
    assert "verbose" in str(caught.value)


def test_any_other_failure_of_a_constructor_is_a_load_error():
    class Picky(Echo):
        def __init__(self, **settings):
            raise OSError("disk full")

    with pytest.raises(InferenceBackendLoadError, match="it could not be constructed: OSError: disk full") as caught:
        as_backend(Picky, {}, "it")
    assert isinstance(caught.value.__cause__, OSError)


def test_objects_are_found_by_dotted_names_and_the_nearest_backend_is_named():
    module = types.ModuleType("sample")
    module.Echo, module.Outer, module.Other = Echo, type("Outer", (), {"Inner": Echo}), int
    assert object_in(module, "Outer.Inner", "it") is Echo
    with pytest.raises(InferenceBackendLoadError, match=r"it: it has no 'Ecko'\. Did you mean 'Echo'\?"):
        object_in(module, "Ecko", "it")
    with pytest.raises(InferenceBackendLoadError, match=r"has no 'Zzzz'\. The backends in that module: 'Echo'\."):
        object_in(module, "Zzzz", "it")
    with pytest.raises(InferenceBackendLoadError, match="'Outer' in it has no 'Innner'"):
        object_in(module, "Outer.Innner", "it")
    with pytest.raises(InferenceBackendLoadError, match="There is no InferenceBackend in that module"):
        object_in(types.ModuleType("empty"), "Echo", "it")


def test_an_attribute_that_fails_when_it_is_looked_up_is_a_load_error():
    module = types.ModuleType("sample")

    def compute(name):
        raise ValueError("no weights")

    module.__getattr__ = compute
    with pytest.raises(InferenceBackendLoadError, match="looking up 'Echo' failed: ValueError: no weights"):
        object_in(module, "Echo", "it")
