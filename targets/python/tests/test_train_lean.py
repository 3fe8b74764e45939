"""train_lean.py: the same model as train.py's, with less memory; and agreement.py, which compares models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from conftest import FEATURES, rows, write_csv, write_dataset

import agreement
import train as published
import train_lean as lean


def trained(program: Any, folder: Path, csv: Path, **changes: Any) -> dict[str, Any]:
    """The report of a program, run within this process; its model lies beside it."""
    name = program.__name__
    files = ["--model", folder / f"{name}.ubj", "--report", folder / f"{name}.json"]
    program.main(list(map(str, ["--csv", csv, "--dataset", write_dataset(folder, **changes), *files])))
    report: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return report


def with_classes(table: np.ndarray, classes: int) -> np.ndarray:
    return np.column_stack([table[:, :-1], table[:, -1] % classes])


@pytest.mark.parametrize("block", [lean.BLOCK_BYTES, 5000])
@pytest.mark.parametrize(
    ("classes", "changes"),
    [
        (0, {}),
        (0, {"hyperparameters": {"n_estimators": 7, "max_depth": 3, "n_jobs": 1, "random_state": 3}}),
        (2, {"task": "classification"}),
        (4, {"task": "classification", "hyperparameters": {"n_estimators": 5}}),
    ],
)
def test_it_is_the_published_way_s_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, classes: int, changes: dict[str, Any]
) -> None:
    monkeypatch.setattr(lean, "BLOCK_BYTES", block)
    table = with_classes(rows(), classes) if classes else rows()
    csv = write_csv(tmp_path / "flights.csv", table)
    ours, theirs = (trained(each, tmp_path, csv, **changes) for each in (lean, published))
    assert ours["predictions_sha256"] == theirs["predictions_sha256"]
    assert ours["metrics"] == pytest.approx(theirs["metrics"], rel=1e-9)
    for name in ("rows", "train_rows", "test_rows", "features", "hyperparameters"):
        assert ours[name] == theirs[name]
    assert xgboost.Booster(model_file=str(tmp_path / "train_lean.ubj")).feature_names == FEATURES


def test_missing_values_and_nothing_held_out(tmp_path: Path) -> None:
    csv = write_csv(tmp_path / "flights.csv", rows())
    csv.write_text(csv.read_text().replace("2013,", ",", 5))
    ours, theirs = (trained(each, tmp_path, csv) for each in (lean, published))
    assert ours["predictions_sha256"] == theirs["predictions_sha256"]
    assert trained(lean, tmp_path, csv, testSize=0)["test_rows"] == 0


@pytest.mark.parametrize("shift", [0, 10**9])
def test_the_score_is_the_same_in_parts(shift: int) -> None:
    random = np.random.default_rng(2)
    truth = shift + random.integers(0, 50, 1000).astype(np.float64)
    predictions = (truth + random.normal(0, 9, 1000)).astype(np.float32)
    score = lean.Score("regression", 0)
    for part in np.array_split(np.arange(1000), 7):
        score.add(truth[part], predictions[part])
    assert score.metrics() == pytest.approx(published.metrics_of(truth, predictions), rel=1e-9)


def test_a_target_that_does_not_vary_has_no_r2() -> None:
    score = lean.Score("regression", 0)
    score.add(np.full(5, 7.0), np.zeros(5, dtype=np.float32))
    assert set(score.metrics()) == {"mean_absolute_error", "mean_squared_error"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (None, "no such file"),
        (("2013,", "x,"), "cannot be read"),
        (("depdelayminutes", "delay"), "cannot be read"),
    ],
)
def test_refusals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str] | None, expected: str
) -> None:
    csv = tmp_path / "flights.csv"
    if change:
        csv.write_text(write_csv(csv, rows(20)).read_text().replace(*change, 1))
    with pytest.raises(SystemExit) as end:
        trained(lean, tmp_path, csv)
    line = capsys.readouterr().err
    assert end.value.code == 2 and line.startswith("train_lean.py: ") and expected in line


def test_an_empty_target_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    csv = write_csv(tmp_path / "flights.csv", rows(20))
    lines = csv.read_text().splitlines()
    lines[3] = lines[3].rpartition(",")[0] + ","
    csv.write_text("\n".join(lines) + "\n")
    with pytest.raises(SystemExit):
        trained(lean, tmp_path, csv)
    assert "column depdelayminutes is empty" in capsys.readouterr().err


def test_agreement(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    csv = write_csv(tmp_path / "flights.csv", rows())
    trained(lean, tmp_path, csv)
    trained(published, tmp_path, csv, hyperparameters={"n_estimators": 3})
    models = [tmp_path / "train_lean.ubj", tmp_path / "train_lean.ubj", tmp_path / "train.ubj"]
    named = [each for model in models for each in ("--model", str(model))]
    agreement.main(["--csv", str(csv), "--dataset", str(write_dataset(tmp_path)), "--rows", "2000", *named])
    same, other = json.loads(capsys.readouterr().out)
    assert same == {"rows": 500, "identical": 500, "largest_difference": 0.0}
    assert other["rows"] == 500 and other["identical"] < 500 and 0 < other["largest_difference"] <= 1
