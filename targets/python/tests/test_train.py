"""train.py: the split, what it reports, and what it refuses."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from conftest import FEATURES, FLIGHTS, rows, train, write_csv, write_dataset

from train import main, metrics_of


HEAD = ",".join([*FEATURES, "depdelayminutes"]) + "\n"
ROW = "1,1,1,1,7,1,1,1,1,1,2\n"


def run(folder: Path, csv: Path | None = None, **changes: Any) -> dict[str, object]:
    file = csv or write_csv(folder / "flights.csv", rows())
    outputs = ["--model", folder / "model.ubj", "--report", folder / "report.json"]
    done = train("--csv", file, "--dataset", write_dataset(folder, **changes), *outputs)
    assert done.returncode == 0, done.stderr
    report: dict[str, object] = json.loads((folder / "report.json").read_text())
    return report


def test_report(tmp_path: Path) -> None:
    report = run(tmp_path)
    assert report["rows"] == 2000 and report["train_rows"] == 1500 and report["test_rows"] == 500
    assert report["features"] == FEATURES and report["hyperparameters"] == {"n_estimators": 25}
    assert report["metrics"]["r2"] > 0.9  # type: ignore[index]
    assert report["peak_rss_bytes"] > 50e6  # type: ignore[operator]
    seconds: dict[str, float] = report["seconds"]  # type: ignore[assignment]
    assert 0 < seconds["fit"] < seconds["total"] and 0 < seconds["read"] < seconds["total"]


@pytest.mark.parametrize("shift", [0, 10**6, 10**9])
@pytest.mark.parametrize("dtype", [np.int64, np.float64])
def test_metrics_keep_their_digits(shift: int, dtype: type) -> None:
    """What differs by 0 and 1 has a variance of 1/4, and a prediction that is always the lower one misses half of the rows."""
    truth = shift + (np.arange(1000) % 2).astype(dtype)
    always_lower = np.full(1000, shift, dtype=np.float32)
    assert metrics_of(truth, always_lower) == {"mean_absolute_error": 0.5, "mean_squared_error": 0.5, "r2": -1.0}


@pytest.mark.parametrize("value", [0.1, 5, 1e9 + 0.1])
def test_a_target_that_does_not_vary_has_no_r2(value: float) -> None:
    metrics = metrics_of(np.full(1000, value), np.zeros(1000, dtype=np.float32))
    assert set(metrics) == {"mean_absolute_error", "mean_squared_error"}
    assert "r2" not in metrics_of(np.array([value]), np.zeros(1, dtype=np.float32))


def test_the_last_rows_are_held_out(tmp_path: Path) -> None:
    report = run(tmp_path)
    table = rows()
    model = xgboost.XGBRegressor(n_estimators=25).fit(table[:1500, :10], table[:1500, 10])
    expected = model.predict(table[1500:, :10]).astype("<f4").tobytes()
    assert report["predictions_sha256"] == hashlib.sha256(expected).hexdigest()


@pytest.mark.parametrize(("size", "held_out"), [(0, 0), (0.00025, 1), (0.0002, 0), (0.5, 1000)])
def test_half_a_row_is_rounded_up(tmp_path: Path, size: float, held_out: int) -> None:
    assert run(tmp_path, testSize=size)["test_rows"] == held_out


def test_training_twice_gives_the_same_model(tmp_path: Path) -> None:
    first = run(tmp_path)["predictions_sha256"]
    assert run(tmp_path)["predictions_sha256"] == first


def test_missing_values(tmp_path: Path) -> None:
    csv = write_csv(tmp_path / "flights.csv", rows())
    csv.write_text(csv.read_text().replace("2013,", ",", 5))
    assert run(tmp_path, csv=csv)["rows"] == 2000


@pytest.mark.parametrize(
    ("content", "arguments", "expected"),
    [
        (None, [], "no such file"),
        ("", [], "not a CSV file"),
        (HEAD, [], "holds no rows"),
        ("a,b\n1,2\n", [], "the column year is missing"),
        (HEAD.replace("distance,", "") + "1,1,1,1,1,1,1,1,1,2\n", [], "the column distance is missing"),
        (HEAD.replace("year,quarter", "quarter,year") + ROW, [], "the columns are quarter, year"),
        (HEAD.strip() + ",more\n" + "1," * 11 + "2\n", [], "tail_number, depdelayminutes, more, expected"),
        (HEAD + "9," + ROW, [], "more fields than its header of 11"),
        (HEAD + ROW + ROW.replace("7", "x"), [], "column dayofweek holds 'x' in line 3, expected a finite number"),
        (HEAD + ROW.replace("7", "True"), [], "column dayofweek holds 'True' in line 2"),
        (HEAD + ROW.replace("7", "inf"), [], "column dayofweek holds 'inf' in line 2"),
        (HEAD + ROW.replace("7", "9" * 30), [], "column dayofweek holds '999"),
        (HEAD + ROW + "1,1,1,1,7,1,1,1,1,1,\n", [], "column depdelayminutes is empty in line 3"),
        (HEAD + ROW, ["--threads", "-1"], "--threads -1: expected"),
    ],
)
def test_refusals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, arguments: list[str], expected: str
) -> None:
    csv = tmp_path / "flights.csv"
    if content is not None:
        csv.write_text(content)
    line = refusal(capsys, "--csv", csv, "--dataset", write_dataset(tmp_path), "--model", tmp_path / "m.ubj", "--report", tmp_path / "r.json", *arguments)
    assert expected in line
    assert not (tmp_path / "m.ubj").exists()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "cannot be read"),
        ("{", "expected a dataset's description"),
        ("[]", "expected a dataset's description"),
        (json.dumps({**FLIGHTS, "columns": 1}), "expected a dataset's description"),
        (json.dumps({**FLIGHTS, "key": ["nowhere"]}), "expected a dataset's description"),
        (json.dumps({**FLIGHTS, "target": "delay"}), "'delay' is none of them"),
        (json.dumps({**FLIGHTS, "task": "ranking"}), "task 'ranking': expected one of"),
        (json.dumps({**FLIGHTS, "hyperparameters": {"n_estimators": 0}}), "n_estimators 0: expected"),
        (json.dumps({**FLIGHTS, "hyperparameters": {"n_estimators": "x"}}), "n_estimators x: expected"),
        (json.dumps({**FLIGHTS, "hyperparameters": {"max_depth": "deep"}}), "XGBoost refuses it: "),
        (json.dumps({**FLIGHTS, "testSize": 1}), "testSize 1.0: expected"),
        (json.dumps({**FLIGHTS, "testSize": 0.99}), "testSize 0.99 leaves no row of 20"),
        (json.dumps({**FLIGHTS, "testSize": float("nan")}), "testSize nan: expected"),
    ],
)
def test_refusals_of_descriptions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, expected: str
) -> None:
    file = tmp_path / "described.json"
    if content is not None:
        file.write_text(content)
    csv = write_csv(tmp_path / "flights.csv", rows(20))
    outputs = ["--model", tmp_path / "m.ubj", "--report", tmp_path / "r.json"]
    line = refusal(capsys, "--csv", csv, "--dataset", file, *outputs)
    assert expected in line and f"--dataset {file}: " in line


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """The one line that train.py ends with, within this process: starting pandas anew takes most of a test's time."""
    with pytest.raises(SystemExit) as end:
        main(list(map(str, arguments)))
    line = capsys.readouterr().err
    assert end.value.code == 2 and line.startswith("train.py: ") and line.count("\n") == 1
    return line


def test_a_refusal_as_a_process(tmp_path: Path) -> None:
    done = train(
        *("--csv", tmp_path / "none.csv", "--dataset", write_dataset(tmp_path)),
        *("--model", tmp_path / "m.ubj", "--report", tmp_path / "r.json"),
    )
    assert done.returncode == 2
    assert done.stderr == f"train.py: --csv {tmp_path / 'none.csv'}: no such file\n"


def test_predictions_survive_the_file(tmp_path: Path) -> None:
    run(tmp_path)
    table = rows()
    booster = xgboost.Booster(model_file=str(tmp_path / "model.ubj"))
    expected = xgboost.XGBRegressor(n_estimators=25).fit(table[:1500, :10], table[:1500, 10]).predict(table[:50, :10])
    assert np.array_equal(booster.inplace_predict(table[:50, :10].astype(np.float32)), expected)


def test_files_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    csv = write_csv(tmp_path / "flights.csv", rows(20))
    others = ["--dataset", write_dataset(tmp_path), "--report", tmp_path / "r.json", "--model"]
    assert f"--model {tmp_path}: cannot be written" in refusal(capsys, "--csv", csv, *others, tmp_path)
    assert f"--csv {tmp_path}: cannot be read" in refusal(capsys, "--csv", tmp_path, *others, tmp_path / "m.ubj")


def test_the_model_is_named_by_its_features(tmp_path: Path) -> None:
    report = run(tmp_path)
    assert xgboost.Booster(model_file=str(tmp_path / "model.ubj")).feature_names == report["features"]
