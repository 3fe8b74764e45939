"""Datasets that are not the flights: texts as keys, columns that are no features, classes."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import redis
import xgboost
from conftest import train

from service.app import create_app
from service.dataset import read
from service.settings import Settings


def table(classes: int) -> pd.DataFrame:
    """300 customers of shape (300, 4), half of them told apart by texts that look like two parts of a name."""
    random = np.random.default_rng(2)
    calls, age = random.integers(0, 30, 300), random.normal(40, 12, 300)
    names = [f"{each}:a%" if each % 2 else str(each) for each in range(300)]
    label = np.digitize(calls + age / 10, np.linspace(8, 26, classes - 1)) if classes else calls * 0.5 + age
    return pd.DataFrame({"age": age.round(3), "calls": calls, "label": label, "name": names, "part": range(300)})


def described(folder: Path, task: str, **hyperparameters: Any) -> Path:
    types = {"age": "double precision", "calls": "integer", "label": "double precision", "name": "text", "part": "bigint"}
    file = folder / "dataset.json"
    content = {
        "name": "customers",
        "columns": [{"name": name, "type": kind} for name, kind in types.items()],
        "features": ["age", "calls"],
        "target": "label",
        "key": ["name", "part"],
        "task": task,
        "hyperparameters": {"n_estimators": 10, **hyperparameters},
        "testSize": 0.25,
    }
    file.write_text(json.dumps(content))
    return file


@pytest.mark.parametrize(
    ("classes", "hyperparameters", "metric"),
    [(0, {}, "r2"), (2, {}, "accuracy"), (3, {}, "accuracy"), (3, {"objective": "multi:softmax"}, "f1")],
)
def test_answers_are_the_estimators_own(
    tmp_path: Path, store: str, classes: int, hyperparameters: dict[str, Any], metric: str
) -> None:
    frame = table(classes)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    task = "classification" if classes else "regression"
    dataset = described(tmp_path, task, **hyperparameters)
    done = train(
        *("--csv", tmp_path / "rows.csv", "--dataset", dataset),
        *("--model", tmp_path / "model.ubj", "--report", tmp_path / "report.json"),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "report.json").read_text())["metrics"][metric] > 0.5

    estimator = xgboost.XGBClassifier if classes else xgboost.XGBRegressor
    model = estimator(n_estimators=10, **hyperparameters).fit(frame[["age", "calls"]][:225], frame["label"][:225])
    right = model.predict(frame[["age", "calls"]]).astype(np.float32).tolist()
    assert len(set(right)) >= max(classes, 2)

    with contextlib.closing(redis.Redis.from_url(store)) as client:
        for age, calls, _, name, part in frame.itertuples(index=False):
            list_name = f"customers:{name.replace('%', '%25').replace(':', '%3A')}:{part}"
            client.delete(list_name)
            client.rpush(list_name, json.dumps([age, calls]))
    client = create_app(Settings(tmp_path / "model.ubj", read(dataset), store, "json")).test_client()
    keys = [[name, int(part)] for name, part in zip(frame["name"], frame["part"], strict=True)]
    assert client.post("/batch", json=keys).json == right
    assert [client.post("/", json=key).json for key in keys[:20]] == [[each] for each in right[:20]]
    assert client.get("/healthz").json["features"] == 2
    for wrong in (["0"], [0, 0], ["0", "0"], ["0", 2**53], "0"):
        error = client.post("/", json=wrong).json["error"]
        assert error["code"] == "malformed_key" and error["hint"] == "send [name, part]"
    assert "a text, a whole number from" in error["message"]
    assert client.post("/", json=["nobody", 0]).json["error"]["message"] == 'no row has the key ["nobody", 0]'
