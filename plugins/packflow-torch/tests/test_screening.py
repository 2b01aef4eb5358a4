"""What in an export archive PyTorch would run: each is refused, and does run where the archive is trusted."""

from __future__ import annotations

import gc
import io
import json
import pickle
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from packflow_torch import TorchBackend
from packflow_torch.expressions import is_plain_expression, is_plain_guard
from packflow_torch.program_screening import is_operator, program_problems
from packflow_torch.screening import archive_problem
from torch import nn
from torch._export.serde.schema import SCHEMA_VERSION

from packflow.exceptions import InferenceBackendInitializationError, PackflowError

from .conftest import Net, Save


class Evil:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return (Path.touch, (self.trace,))


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """The file that a malicious model would make."""
    return tmp_path / "it-ran"


@pytest.fixture
def archive(export: Save, net: Net) -> Path:
    return export(net, torch.zeros(2, 4))


def members_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def write(path: Path, members: list[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(path, "w") as opened:
        for name, content in members:
            opened.writestr(name, content)


def touching(trace: Path) -> str:
    return f"__import__('pathlib').Path({str(trace)!r}).touch()"


def program_of(path: Path) -> tuple[str, Any]:
    name = next(name for name in members_of(path) if "/models/" in name)
    return name, json.loads(members_of(path)[name])


def save_program(path: Path, name: str, program: Any) -> None:
    write(path, list({**members_of(path), name: json.dumps(program).encode()}.items()))


def runs_code(path: Path, trace: Path, feed: Any) -> None:
    """Make sure that an archive is refused as it is, and runs its code when trusted."""
    with pytest.raises(InferenceBackendInitializationError, match="could run code"):
        TorchBackend(verbose=False, model_path=path)
    assert not trace.exists()
    with suppress(PackflowError):
        TorchBackend(verbose=False, model_path=path, trusted=True)(feed)
    assert trace.exists(), "the test shows nothing"


FEED = {"x": [1.0, 2.0, 3.0, 4.0]}


def test_guards_are_python(archive: Path, trace: Path):
    name, program = program_of(archive)
    program["guards_code"] = [touching(trace) + " is None"]
    save_program(archive, name, program)
    runs_code(archive, trace, FEED)


def test_names_are_python(archive: Path, trace: Path):
    name, program = program_of(archive)
    text = json.dumps(program).replace('"x"', json.dumps(f"x={touching(trace)}"))
    save_program(archive, name, json.loads(text))
    runs_code(archive, trace, FEED)


def test_functions_reached_through_others(archive: Path):
    _, program = program_of(archive)
    node = program["graph_module"]["graph"]["nodes"][-1]
    node["target"] = "torch.ops.higher_order.wrap"
    node["inputs"] = [
        {"name": "", "arg": {"as_operator": "torch.os.mkdir"}, "kind": 1},
        {"name": "", "arg": {"as_string": "folder"}, "kind": 1},
    ]
    assert "it calls 'torch.ops.higher_order.wrap'" in next(program_problems(program))
    node["target"] = "torch.ops.higher_order.invoke_subgraph"
    assert "it calls 'torch.os.mkdir'" in next(program_problems(program))


def test_modules_are_not_imported_for_the_class_of_a_container(
    archive: Path, trace: Path, monkeypatch: pytest.MonkeyPatch
):
    (trace.parent / "evil_module.py").write_text(f"import pathlib\npathlib.Path({str(trace)!r}).touch()\n")
    monkeypatch.syspath_prepend(trace.parent)
    name, program = program_of(archive)
    context = json.dumps([{"__enum__": True, "fqn": "evil_module:X", "name": "x"}])
    spec = json.dumps([1, {"type": "builtins.dict", "context": context, "children_spec": []}])
    program["graph_module"]["module_call_graph"][0]["signature"]["out_spec"] = spec
    save_program(archive, name, program)
    runs_code(archive, trace, FEED)


def test_a_second_folder_hides_nothing(archive: Path):
    name, program = program_of(archive)
    harmless = [("zzz/" + each.partition("/")[2], content) for each, content in members_of(archive).items()]
    program["guards_code"] = ["exit()"]
    save_program(archive, name, program)
    write(archive, [*members_of(archive).items(), *harmless])
    assert archive_problem(archive.read_bytes())


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_second_member_of_one_name_hides_nothing(archive: Path):
    name, program = program_of(archive)
    whole = members_of(archive)
    program["guards_code"] = ["exit()"]
    for members in (
        [(name, json.dumps(program).encode()), *whole.items()],
        [*whole.items(), (name, json.dumps(program).encode())],
    ):
        write(archive, members)
        assert archive_problem(archive.read_bytes())


def test_an_older_archive_inside_a_newer_one(archive: Path, trace: Path):
    """PyTorch reads the older one, with pickle, when the newer one fails."""
    _, program = program_of(archive)
    version = ".".join(map(str, SCHEMA_VERSION))
    buffer = io.BytesIO()
    torch.save(Evil(trace), buffer)
    members = [(each, content) for each, content in members_of(archive).items() if "sample_inputs" not in each]
    outside = [
        ("version", version.encode()),
        ("serialized_exported_program.json", json.dumps(program).encode()),
        *((f"serialized_{part}.pt", buffer.getvalue()) for part in ("state_dict", "constants", "example_inputs")),
    ]
    write(archive, [*members, *outside])
    runs_code(archive, trace, FEED)


def test_custom_pickles_among_constants(archive: Path, trace: Path):
    members = members_of(archive)
    top = next(iter(members)).partition("/")[0]
    payload = {"path_name": "opaque_obj_0", "is_param": False, "use_pickle": True, "tensor_meta": None}
    members[f"{top}/data/constants/model_constants_config.json"] = json.dumps({"config": {"e": payload}}).encode()
    members[f"{top}/data/constants/opaque_obj_0"] = pickle.dumps(Evil(trace))
    write(archive, list(members.items()))
    runs_code(archive, trace, FEED)


def test_each_text_of_a_program_is_looked_at(archive: Path):
    """No key or text can be replaced by code, but for an operator's text, and notes that only people read."""
    _, program = program_of(archive)
    code = "x=__import__('os')"
    passed = []

    def walk(found: Any, *place: Any) -> None:
        for key, value in list(found.items()) if isinstance(found, dict) else list(enumerate(found)):
            if isinstance(value, str):
                found[key] = code
                if next(program_problems(program), None) is None:
                    passed.append((*place, key))
                found[key] = value
            elif isinstance(value, (dict, list)):
                walk(value, *place, key)

    assert next(program_problems(program), None) is None
    walk(program)
    notes = {"stack_trace", "nn_module_stack", "source_fn_stack", "torch_fn", "from_node", "custom"}
    assert all(place[-2] == "metadata" and place[-1] in notes for place in passed)


class Related(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> dict[str, torch.Tensor]:
        both = torch.cat([x, y], 1)
        if both.shape[1] > 3:
            both = both * 2
        parts = torch.einsum("bi,bi->b", both, both)
        return {"sum": both.sum(1), "product": torch.div(parts, 2, rounding_mode="floor")}


class Branch(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cond(x.sum() > 0, lambda x: x * 2, lambda x: x - 1, (x,))


class Odd(nn.Module):
    """Parts with names that are none in Python, and a batch that is twice something."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleDict({"a-b": nn.Linear(2, 2), "c d/e": nn.Linear(2, 2)})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pairs = x.reshape(x.shape[0] // 2, 2, 2)
        return self.parts["c d/e"](self.parts["a-b"](pairs)).reshape(x.shape)


def test_odd_names_and_sizes_pass(tmp_path: Path):
    path = tmp_path / "odd.pt2"
    half = torch.export.Dim("half", min=1, max=64)
    torch.export.save(torch.export.export(Odd(), (torch.ones(4, 2),), dynamic_shapes=({0: 2 * half},)), path)
    assert archive_problem(path.read_bytes()) is None


def test_models_with_conditions_of_sizes_and_branches_pass(export: Save):
    path = export(Related(), torch.zeros(2, 2), torch.zeros(2, 2))
    assert program_of(path)[1]["guards_code"]
    row = TorchBackend(verbose=False, model_path=path)({"x": [1, 2], "y": [3, 4]})
    assert row == {"sum": 20.0, "product": 60.0}
    backend = TorchBackend(verbose=False, model_path=export(Branch(), torch.ones(2, 2)))
    assert backend([{"x": [1, 2]}]) == [{"output": [2.0, 4.0]}]


@pytest.mark.parametrize(
    "text",
    [
        "lambdify(Symbol('x'), Symbol('y'))",
        "Function(Symbol('exit'))()",
        "Add(1, 2)()",
        "preview(1)",
        "s0 # then",
        "s0\n+ 1",
        "\uff45val(1)",
        "Symbol('s0', key='text')",
        "Symbol('s0', 'text')",
        "Float('exit()')",
        "__name__",
    ],
)
def test_what_is_no_expression_of_sizes(text: str):
    assert not is_plain_expression(text)


def test_what_is_a_condition_of_sizes():
    assert is_plain_guard("L['y'].size()[0] == L['x'].size()[0]")
    assert is_plain_guard("2 <= L['x'].size()[0] and L['x'].size()[0] <= math.floor(4.5)")
    for text in ("exit()", "L['x'].numpy()", "L['x'].__class__", "(1)\n or exit()", "1 # 2", "'text'", 'L["x"]'):
        assert not is_plain_guard(text)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("torch.ops.aten.add.Tensor", True),
        ("torch.ops.aten.sym_size.int", True),
        ("torch.ops.aten.__and__.Scalar", True),
        ("torch.ops.higher_order.cond", True),
        ("_operator.getitem", True),
        ("math.ceil", True),
        ("torch.sym_max", True),
        ("torch.ops.aten.from_file.default", False),
        ("torch.ops.aten.save.default", False),
        ("torch.ops.aten.__init__.__globals__", False),
        ("torch.ops.import_module.__call__", False),
        ("torch.ops.load_library.__call__", False),
        ("torch.ops.higher_order.wrap", False),
        ("torch.ops.debugprims.load_tensor.default", False),
        ("_operator.call", False),
        ("_operator.attrgetter", False),
        ("torch.os.system", False),
        ("torch.ops.aten.add", False),
    ],
)
def test_operators(name: str, known: bool):
    assert is_operator(name) is known


def test_expressions_are_looked_at_in_many_threads_whatever_runs_when_garbage_is_collected():
    text = f"Add({', '.join(f'Mul(Integer({number}), Integer(2))' for number in range(30))})"
    thresholds = gc.get_threshold()

    def let_others_run(phase: str, info: dict[str, int]) -> None:
        time.sleep(0)

    gc.callbacks.append(let_others_run)
    gc.set_threshold(5)
    try:
        with ThreadPoolExecutor(8) as threads:
            assert all(threads.map(is_plain_expression, [text] * 80))
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(let_others_run)
