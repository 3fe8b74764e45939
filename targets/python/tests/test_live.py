"""A new model goes live: seen without a restart, by every worker, and never half of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import redis
import xgboost
from conftest import FLIGHTS, PATIENCE, Service, running, wait_until

from service.dataset import read
from service.live import LOOK_EVERY, Live
from service.model import Model
from service.settings import BadSetting

BUILDS = [
    pytest.param({"application": "service.wsgi:app"}, id="published"),
    pytest.param({"application": "fast.asgi:app", "WORKER_CLASS": "uvicorn"}, id="fast"),
]


def put(content: bytes, file: Path) -> None:
    """As whoever deploys does it."""
    beside = file.with_name("beside")
    beside.write_bytes(content)
    beside.rename(file)


@pytest.mark.parametrize("build", BUILDS)
def test_all_workers_take_a_new_model_and_stay_with_it_where_the_next_is_none(
    tmp_path: Path, trained: tuple[Path, np.ndarray], store: str, build: dict[str, str]
) -> None:
    row = trained[1][0]
    key = [int(row[7]), int(row[0]), int(row[2]), int(row[5])]
    name = f"flights:{key[0]}:{key[1]}:{key[2]}:{key[3]}"
    # The packed row lies where the fast service reads: in a database of this test's own.
    lists, url = redis.Redis.from_url(store), store.removesuffix("/0") + "/2"
    first = json.loads(lists.lindex(name, 0))
    packed = redis.Redis.from_url(url)
    if build["application"].startswith("fast"):
        packed.set(name, np.array(first, dtype="<f4").tobytes())
    else:
        packed.rpush(name, json.dumps(first))
    file = tmp_path / "model.ubj"
    shutil.copy(trained[0], file)
    shutil.copy(trained[0].parent / "dataset.json", tmp_path)
    booster = xgboost.Booster(model_file=str(file))
    old = float(booster.inplace_predict(np.array([first], dtype=np.float32), validate_features=False)[0])
    shorter = booster[:10]
    new = float(shorter.inplace_predict(np.array([first], dtype=np.float32), validate_features=False)[0])
    assert old != new
    try:
        with running(tmp_path, file, url, WORKERS="2", **build) as service:

            def answers() -> dict[str, float]:
                """By worker: a new connection is any one's."""
                said = {}
                for _ in range(16):
                    own = Service(service.process, service.port)
                    response, body = own.ask(json.dumps(key).encode())
                    own.connection.close()
                    assert response.status == 200, body
                    said[response.headers["X-Worker"]] = json.loads(body)[0]
                return said

            wait_until(lambda: len(answers()) == 2, "starting both workers")
            assert set(answers().values()) == {old}
            put(bytes(shorter.save_raw("ubj")), file)
            seen: set[float] = set()

            def all_new() -> bool:
                said = answers()
                seen.update(said.values())
                return len(said) == 2 and set(said.values()) == {new}

            wait_until(all_new, "taking the new model")
            assert seen <= {old, new}
            put(b"no model", file)
            log = tmp_path / "service.log"
            wait_until(lambda: log.read_text().count("the model before it stays") == 2, "telling of it")
            assert set(answers().values()) == {new}
    finally:
        packed.flushdb()


def test_a_file_is_loaded_once_and_the_first_must_fit(tmp_path: Path, trained: tuple[Path, np.ndarray]) -> None:
    description = tmp_path / "dataset.json"
    description.write_text(json.dumps(FLIGHTS))
    file = tmp_path / "model.ubj"
    shutil.copy(trained[0], file)
    loaded: list[Path] = []

    def load(of: Path) -> Model:
        loaded.append(of)
        return Model(of, read(description))

    live = Live(file, load)
    first = live.model
    live.look()
    assert live.model is first and loaded == [file]
    file.rename(tmp_path / "elsewhere")
    live.look()
    assert live.model is first and loaded == [file]  # one that is not there takes nothing away
    shutil.copy(trained[0], file)
    wait_until(lambda: live.model is not first, f"a look, which comes every {LOOK_EVERY} s of at most {PATIENCE}")
    assert live.model.sha256 == first.sha256
    with pytest.raises(BadSetting):
        Live(description, load)
