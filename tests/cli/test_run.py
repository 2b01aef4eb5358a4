"""``packflow run``: where records come from, where results go, which backend, and its settings."""

from __future__ import annotations

import pytest

from packflow.cli.backends import parse_settings
from tests.cli.processes import GOOD, left_in, lines


def test_from_standard_input_to_standard_output(packflow):
    done = packflow("run", "inference.py:Inverse", stdin=lines({"x": 2}, {"x": 4}))
    assert done.stdout == b'{"inverse":0.5}\n{"inverse":0.25}\n'
    assert done.returncode == 0


def test_from_a_file_to_a_file(packflow, folder):
    (folder / "in.jsonl").write_bytes(lines({"x": 2}, {"x": 4}))
    done = packflow("run", "inference.py:Inverse", "in.jsonl", "-o", "out.jsonl")
    assert done.returncode == 0
    assert done.stdout == b""
    assert (folder / "out.jsonl").read_bytes() == b'{"inverse":0.5}\n{"inverse":0.25}\n'
    assert left_in(folder) == {"in.jsonl", "out.jsonl"}


def test_a_dash_is_standard_input_and_standard_output(packflow):
    assert packflow.run("Echo", "-", "-o", "-", stdin=lines({"x": 1})) == [{"x": 1}]


def test_a_csv_is_known_by_its_name(packflow, folder):
    (folder / "in.csv").write_bytes(b'x,zip,note\n1,01234,"a\nb"\n2.5,,\n')
    assert packflow.run("Echo", "in.csv") == [
        {"x": 1, "zip": "01234", "note": "a\nb"},
        {"x": 2.5, "zip": None, "note": None},
    ]


def test_a_csv_can_come_from_standard_input(packflow):
    assert packflow.run("Echo", "--format", "csv", stdin=b"x\n1\n") == [{"x": 1}]


def test_csv_cells_can_be_read_as_text(packflow):
    read = packflow.run("Echo", "--format", "csv", "--csv-types", "text", stdin=b"x,y\n1,\n")
    assert read == [{"x": "1", "y": ""}]


def test_the_format_that_is_given_wins_over_the_name(packflow, folder):
    (folder / "in.csv").write_bytes(lines({"x": 1}))
    (folder / "in.data").write_bytes(b"x\n1\n")
    assert packflow.run("Echo", "in.csv", "--format", "jsonl") == [{"x": 1}]
    assert packflow.run("Echo", "in.data", "--format", "csv") == [{"x": 1}]


@pytest.mark.parametrize("stdin", [b"", b"\n\n"])
def test_no_records_give_no_results(packflow, folder, stdin):
    assert packflow.run("Echo", "-o", "out.jsonl", stdin=stdin) == []
    assert (folder / "out.jsonl").read_bytes() == b""


def test_results_are_utf8_whatever_the_locale(packflow):
    done = packflow("run", "inference.py:Echo", stdin='{"é":"日本"}\n'.encode(), env={"LC_ALL": "C", "PYTHONUTF8": "0"})
    assert done.stdout == '{"é":"日本"}\n'.encode()


def test_large_integers_go_through_unchanged(packflow):
    rows = lines({"a": 2**64 + 1, "b": -(10**30), "c": 0.1})
    assert packflow("run", "inference.py:Echo", stdin=rows).stdout == rows.replace(b" ", b"")


@pytest.mark.parametrize(("size", "sizes"), [("1", [1, 1, 1, 1, 1]), ("2", [2, 2, 2, 2, 1]), ("100", [5] * 5)])
def test_the_batch_size_is_the_most_records_of_one_call(packflow, size, sizes):
    rows = lines(*({"x": number} for number in range(5)))
    assert [row["size"] for row in packflow.run("Sizes", "--batch-size", size, stdin=rows)] == sizes


@pytest.mark.parametrize(("limit", "left"), [("1", 1), ("3", 3), ("9", 5)])
def test_a_limit_is_the_most_records_of_a_run(packflow, limit, left):
    rows = lines(*({"x": number} for number in range(5)))
    read = packflow.run("Echo", "--limit", limit, "--batch-size", "2", stdin=rows)
    assert read == [{"x": number} for number in range(left)]


def test_what_is_past_the_limit_is_not_read(packflow):
    assert packflow.run("Echo", "--limit", "1", stdin=GOOD + b"bad\n") == [{"x": 1}]


def test_a_long_cell_is_no_accident(packflow):
    assert packflow.run("Echo", "--format", "csv", stdin=b"x\n" + b"y" * 200_000 + b"\n") == [{"x": "y" * 200_000}]


def test_an_old_output_is_replaced(packflow, folder):
    (folder / "out.jsonl").write_text("old, and much longer than what is new")
    packflow.run("Echo", "-o", "out.jsonl", stdin=lines({"x": 1}))
    assert (folder / "out.jsonl").read_bytes() == b'{"x":1}\n'


def test_the_input_can_be_its_own_output(packflow, folder):
    (folder / "data.jsonl").write_bytes(lines({"x": 2}, {"x": 4}))
    packflow.run("Inverse", "data.jsonl", "-o", "data.jsonl", "--batch-size", "1")
    assert (folder / "data.jsonl").read_bytes() == b'{"inverse":0.5}\n{"inverse":0.25}\n'


def test_a_backend_by_module_and_object(packflow, folder):
    done = packflow("run", "inference:Echo", stdin=lines({"x": 1}), env={"PYTHONPATH": str(folder)})
    assert done.stdout == b'{"x":1}\n'


def test_a_backend_by_the_name_that_a_distribution_gives_it(packflow, folder):
    metadata = folder / "acme-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[packflow.backends]\nacme-echo = inference:Echo\n")
    for name in ("acme-echo", "acme/acme-echo"):
        done = packflow("run", name, stdin=lines({"x": 1}), env={"PYTHONPATH": str(folder)})
        assert done.stdout == b'{"x":1}\n', done.stderr.decode()


def test_an_instance_can_be_run_but_takes_no_settings(packflow, folder):
    (folder / "ready.py").write_text("from inference import Echo\nINSTANCE = Echo(verbose=False)\n")
    assert packflow("run", "ready.py:INSTANCE", stdin=lines({"x": 1})).stdout == b'{"x":1}\n'
    assert "INSTANCE" in packflow.refusal("ready.py:INSTANCE", "--set", "verbose=true")


def test_settings_are_json_or_else_text(packflow):
    settings = ["--set", 'feature_names=["a.b", "x"]', "--set", "nested_field_delimiter=."]
    rows = lines({"a": {"b": 1, "c": 2}, "x": 3, "y": 4})
    assert packflow.run("Echo", *settings, stdin=rows) == [{"a": {"b": 1}, "x": 3}]
    assert packflow.run("Echo", "--set", "flatten_nested_inputs=true", stdin=rows)[0]["a.b"] == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("1.5", 1.5), ("null", None), ('"true"', "true"), ("True", "True"), ("", ""), ("a=b", "a=b"),
     ("NaN", "NaN"), ("-Infinity", "-Infinity"), ("[NaN", "[NaN"), ('{"a": [1]}', {"a": [1]}), ("{a}", "{a}")],
    ids=range(12),
)  # fmt: skip
def test_a_setting_that_is_not_json_is_text(text, value):
    assert parse_settings((f"key={text}",)) == {"key": value}


def test_set_lies_over_config_and_objects_merge(packflow, folder):
    (folder / "config.json").write_text('{"configs": {"greeting": "from the file", "limits": {"low": 1}}}')
    rows = lines({})
    assert packflow.run("Told", stdin=rows) == [{"greeting": "hello", "limits": {"low": 0, "high": 10}}]
    assert packflow.run("Told", "--config", "config.json", stdin=rows) == [
        {"greeting": "from the file", "limits": {"low": 1, "high": 10}}
    ]
    settings = ["--config", "config.json", "--set", "greeting=set", "--set", 'limits={"high": 2}']
    assert packflow.run("Told", *settings, stdin=rows) == [{"greeting": "set", "limits": {"low": 1, "high": 2}}]


def test_the_environments_file_lies_over_them_all(packflow, folder):
    (folder / "config.json").write_text('{"configs": {"greeting": "from --config", "limits": {"low": 1}}}')
    (folder / "env.json").write_text('{"configs": {"greeting": "from the environment"}}')
    told = packflow.run(
        "Told", "--config", "config.json", "--set", "greeting=set", stdin=lines({}), BACKEND_CONFIG_FILE_PATH="env.json"
    )
    assert told == [{"greeting": "from the environment", "limits": {"low": 1, "high": 10}}]


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "does not exist"), ("{", "not valid JSON"), ("[]", "JSON object"), ('{"greeting": "x"}', "'configs'"),
     ('{"configs": 5}', "'configs'"), ('{"configs": {"greetign": "x"}}', "'greeting'")],
)  # fmt: skip
def test_a_configuration_that_cannot_be_used_is_told(packflow, folder, content, said):
    if content is not None:
        (folder / "config.json").write_text(content)
    told = packflow.refusal("inference.py:Told", "--config", "config.json", stdin=lines({}))
    assert said in told
    assert "config.json" in told or "greetign" in told


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("no-such-backend", "no-such-backend"),
        ("inference.py:Missing", "Missing"),
        ("nowhere.py:Backend", "nowhere.py"),
        ("no_such_module:Backend", "no_such_module"),
        ("inference.py:BACKENDS_TEXT", "BACKENDS_TEXT"),
        ("inference.py:Broken", "weights.bin"),
    ],
)
def test_a_backend_that_cannot_be_loaded_is_told_and_leaves_nothing(packflow, folder, backend, said):
    assert said in packflow.refusal(backend, "-o", "out.jsonl", stdin=lines({"x": 1}))
    assert left_in(folder) == set()


def test_a_missing_setting_is_told_as_it_is_given_here(packflow, folder):
    (folder / "needing.py").write_text(
        "from packflow import BackendConfig, InferenceBackend\n\n\n"
        "class Config(BackendConfig):\n    model_path: str\n\n\n"
        "class Needing(InferenceBackend):\n    base_config_model = Config\n\n"
        "    def execute(self, inputs):\n        return inputs\n"
    )
    told = packflow.refusal("needing.py:Needing", stdin=lines({}))
    given = "with --set model_path=VALUE, or under 'configs' in a file that --config names."
    assert f"model_path: Field required. Give it {given}" in told
    (folder / "packflow.yaml").write_text("name: needing\nversion: 1.0\ninference_backend: needing:Needing\n")
    assert f"model_path: Field required. Give it {given}" in packflow.refusal(".", stdin=lines({}))


def test_an_unknown_setting_is_told_with_the_nearest(packflow):
    told = packflow.refusal("inference.py:Echo", "--set", "feature_name=[]", stdin=lines({}))
    assert "'feature_name'" in told
    assert "feature_names" in told
