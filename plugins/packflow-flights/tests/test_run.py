"""The main job, as a user does it: write the flights, run the backend by name, look at the result."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from packflow_flights import data
from packflow_flights.metrics import score
from packflow_flights.summary import main as summary
from packflow_flights.train import fit, load_flights
from packflow_sklearn import limit_threads


def packflow(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from packflow.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_the_flights_are_all_there(first_flights: Any) -> None:
    assert first_flights[0]["carrier"] == "UA"
    assert first_flights[0]["dep_delay"] == 2
    assert sum(1 for _ in data.read_flights()) == 336_776


def test_write_run_and_sum_up(first_flights: Any, tmp_path: Path, capsys: Any) -> None:
    data.main([str(tmp_path / "all.csv")])
    assert capsys.readouterr().out == f"{tmp_path / 'all.csv'}: 31,053,850 bytes\n"
    lines = (tmp_path / "all.csv").read_text().splitlines(keepends=True)
    october = [number for number, line in enumerate(lines) if line.startswith("2013,10,1,")]
    (tmp_path / "some.csv").write_text("".join([lines[0], *lines[1:2001], *(lines[number] for number in october)]))

    done = packflow("run", "flights", "some.csv", "-o", "out.jsonl", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(rows) == 2000 + len(october)
    assert (rows[0]["flight"], rows[0]["date"]) == ("UA1545", "2013-01-01")
    summary([str(tmp_path / "some.csv"), str(tmp_path / "out.jsonl")])
    report = capsys.readouterr().out
    assert f"{len(rows):,} flights: " in report
    missing = sum(row["late"] is None for row in rows)
    assert f" {missing} never left" in report
    assert "held out (Oct-Dec)" in report


def test_a_bad_line_is_named(first_flights: Any, tmp_path: Path) -> None:
    header = ",".join(first_flights[0])
    rows = [",".join(map(str, record.values())) for record in first_flights[:3]]
    rows[1] = rows[1].replace("LGA", "")
    (tmp_path / "bad.csv").write_text("\n".join([header, *rows]) + "\n")
    done = packflow("run", "flights", "bad.csv", "-o", "out.jsonl", cwd=tmp_path)
    assert done.returncode == 1
    assert "line 3" in done.stderr
    assert "'origin' is missing" in done.stderr
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("truth", "predictions", "message"),
    [
        (2, ["UA1", "UA2", "UA3"], "out.jsonl has more flights than .*flights.csv, which ends after 2"),
        (2, ["UA1"], "flights.csv has more flights than .*out.jsonl, which ends after 1"),
        (2, ["UA1", "UA9"], "line 2 is about UA9; .* has UA2"),
        (0, [], "has no flights"),
        (1, None, "No such file"),
    ],
)
def test_files_that_do_not_belong_together(truth: int, predictions: Any, message: str, tmp_path: Path) -> None:
    fields = "carrier,flight,arr_delay,dep_delay,month\n"
    (tmp_path / "flights.csv").write_text(fields + "".join(f"UA,{n},1,1,1\n" for n in range(1, truth + 1)))
    if predictions is not None:
        rows = [{"flight": name, "late_probability": 0.5, "arr_delay_predicted": 1.0} for name in predictions]
        (tmp_path / "out.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(SystemExit, match=message):
        summary([str(tmp_path / "flights.csv"), str(tmp_path / "out.jsonl")])


def test_a_csv_file_in_place_of_the_predictions_is_told_what_is_expected(tmp_path: Path) -> None:
    (tmp_path / "flights.csv").write_text("carrier,flight,arr_delay,dep_delay,month\nUA,1,1,1,1\n")
    (tmp_path / "number.jsonl").write_text("5\n")
    for predictions in ("flights.csv", "number.jsonl"):
        with pytest.raises(SystemExit, match=r"line 1 is no JSON object: .*Expected is the JSON Lines file"):
            summary([str(tmp_path / "flights.csv"), str(tmp_path / predictions)])


def test_training_gives_the_same_models_again(first_flights: Any) -> None:
    flights = load_flights(first_flights, batch_size=700)
    assert len(flights.matrix) == sum(record["arr_delay"] != "NA" for record in first_flights)
    with limit_threads(1):  # so little data is fitted sooner without threads that wait for each other
        late, delay = fit(flights)
        again_late, again_delay = fit(flights)
    np.testing.assert_array_equal(late.predict_proba(flights.matrix), again_late.predict_proba(flights.matrix))
    np.testing.assert_array_equal(delay.predict(flights.matrix), again_delay.predict(flights.matrix))


def test_scores() -> None:
    arr_delay = np.array([30.0, 15.0, 14.0, -5.0])
    scores = score(arr_delay, np.array([20.0, 0.0, 16.0, 0.0]), np.array([0.9, 0.4, 0.6, 0.1]), arr_delay + 2)
    assert scores.flights == 4
    assert scores.late == 0.5
    assert scores.accuracy == 0.5
    assert scores.base_accuracy == 0.5
    assert scores.auc == 0.75  # of the four pairs, one is the wrong way round
    assert scores.mae == 2.0
    assert scores.base_mae == (10 + 15 + 2 + 5) / 4
    assert "4 flights, 50.0% late" in str(scores)
    assert np.isnan(score(*np.ones((4, 3))).auc)  # none of them is late


def test_without_the_flights_the_commands_say_what_to_install(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(data, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"pip install 'packflow-flights\[data\]'"):
        data.main([str(tmp_path / "flights.csv")])
    assert not (tmp_path / "flights.csv").exists()
