"""train.py: the split, what it reports, and what it refuses."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import xgboost
from conftest import FEATURES, rows, train, write_csv


def run(folder: Path, *more: str, csv: Path | None = None) -> dict[str, object]:
    file = csv or write_csv(folder / "flights.csv", rows())
    done = train("--csv", file, "--model", folder / "model.ubj", "--report", folder / "report.json", *more)
    assert done.returncode == 0, done.stderr
    report: dict[str, object] = json.loads((folder / "report.json").read_text())
    return report


def test_report(tmp_path: Path) -> None:
    report = run(tmp_path)
    assert report["rows"] == 2000 and report["train_rows"] == 1500 and report["test_rows"] == 500
    assert report["features"] == FEATURES and report["rounds"] == 25
    assert report["metrics"]["r2"] > 0.9  # type: ignore[index]
    assert report["peak_rss_bytes"] > 50e6  # type: ignore[operator]
    seconds: dict[str, float] = report["seconds"]  # type: ignore[assignment]
    assert 0 < seconds["fit"] < seconds["total"] and 0 < seconds["read"] < seconds["total"]


def test_the_last_rows_are_held_out(tmp_path: Path) -> None:
    report = run(tmp_path)
    table = rows()
    model = xgboost.XGBRegressor(n_estimators=25).fit(table[:1500, :10], table[:1500, 10])
    expected = model.predict(table[1500:, :10]).astype("<f4").tobytes()
    assert report["predictions_sha256"] == hashlib.sha256(expected).hexdigest()


@pytest.mark.parametrize(("size", "held_out"), [("0", 0), ("0.00025", 1), ("0.0002", 0), ("0.5", 1000)])
def test_half_a_row_is_rounded_up(tmp_path: Path, size: str, held_out: int) -> None:
    assert run(tmp_path, "--test-size", size)["test_rows"] == held_out


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
        ("a,depdelayminutes\n", [], "holds no rows"),
        ("a,b\n1,2\n", [], "--target depdelayminutes: "),
        ("a,depdelayminutes\n1,2\nx,3\n", [], "column a holds 'x' in line 3, expected a number"),
        ("a,depdelayminutes\n1,2\n2,\n", [], "column depdelayminutes is empty in line 3"),
        ("a,depdelayminutes\n1,2\n", ["--rounds", "0"], "--rounds 0: expected"),
        ("a,depdelayminutes\n1,2\n", ["--test-size", "1"], "--test-size 1.0: expected"),
        ("a,depdelayminutes\n1,2\n", ["--test-size", "nan"], "--test-size nan: expected"),
        ("a,depdelayminutes\n1,2\n", ["--test-size", "0.6"], "leaves no row of 1"),
        ("a,depdelayminutes\n1,2\n", ["--threads", "-1"], "--threads -1: expected"),
    ],
)
def test_refusals(tmp_path: Path, content: str | None, arguments: list[str], expected: str) -> None:
    csv = tmp_path / "flights.csv"
    if content is not None:
        csv.write_text(content)
    done = train("--csv", csv, "--model", tmp_path / "m.ubj", "--report", tmp_path / "r.json", *arguments)
    assert done.returncode == 2
    assert expected in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "m.ubj").exists()


def test_predictions_survive_the_file(tmp_path: Path) -> None:
    run(tmp_path)
    table = rows()
    booster = xgboost.Booster(model_file=str(tmp_path / "model.ubj"))
    expected = xgboost.XGBRegressor(n_estimators=25).fit(table[:1500, :10], table[:1500, 10]).predict(table[:50, :10])
    assert np.array_equal(booster.inplace_predict(table[:50, :10].astype(np.float32)), expected)
