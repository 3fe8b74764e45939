"""The fast service answers as the service does, from the packed copy of the same rows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import redis
import xgboost
from conftest import FLIGHTS, Service, free_port, running

from fast.store import Store
from fast.trees import Trees
from service.dataset import read
from service.feature_store import CorruptRow
from service.model import Model
from service.settings import BadSetting

FAST = {"application": "fast.asgi:app", "WORKER_CLASS": "uvicorn"}


@pytest.fixture(scope="module")
def packed(store: str) -> Iterator[str]:
    """The first rows, packed; one that is too short, and one that is none."""
    url = store.removesuffix("/0") + "/1"
    lists, values = redis.Redis.from_url(store), redis.Redis.from_url(url)
    for name in lists.keys():
        row = lists.lindex(name, 0)
        if not name.startswith(b"flights:8:"):
            values.set(name, np.array(json.loads(row), dtype="<f4").tobytes())
    values.set("flights:8:2013:1:1", b"no floats")
    values.rpush("flights:8:2013:1:2", "a list")
    yield url
    values.flushdb()


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory, trained: tuple[Path, np.ndarray], packed: str) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("fast"), trained[0], packed, **FAST) as made:
        yield made


def test_answers_as_the_service_does_to_the_last_bit(fast: Service, service: Service, trained: tuple[Path, np.ndarray]) -> None:
    keys = [[int(row[7]), int(row[0]), int(row[2]), int(row[5])] for row in trained[1][:100]]
    for key in [*keys, [9, 2013, 1, 1]]:  # the last one has missing features
        assert fast.predict(key) == service.predict(key)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/", b"[1, 1999, 1, 1]"),
        ("POST", "/", b"{"),
        ("POST", "/", b"[1]"),
        ("POST", "/", b'["1", 2013, 1, 1]'),
        ("POST", "/", b" " * 1025),
        ("POST", "/", b"[8, 2013, 1, 1]"),
        ("GET", "/", b""),
        ("POST", "/nothing", b""),
    ],
)
def test_refuses_as_the_service_does(fast: Service, service: Service, method: str, path: str, body: bytes) -> None:
    said = []
    for each in (service, fast):
        response, answer = each.ask(body, method=method, path=path)
        assert response.headers["X-Worker"] and response.headers["Content-Type"] == "application/json"
        said.append((response.status, json.loads(answer)["error"]["code"]))
    assert said[0] == said[1]


def test_an_error_of_redis_is_told(fast: Service) -> None:
    response, answer = fast.ask(b"[8, 2013, 1, 2]")
    assert response.status == 502 and "WRONGTYPE" in json.loads(answer)["error"]["message"]


def test_many_connections_get_their_own_answers(fast: Service, trained: tuple[Path, np.ndarray], service: Service) -> None:
    """Commands of many requests follow each other on one connection to Redis."""
    keys = [[int(row[7]), int(row[0]), int(row[2]), int(row[5])] for row in trained[1][:40]]
    right = [service.predict(key) for key in keys]

    def ask(_: int) -> list[float]:
        own = Service(fast.process, fast.port)
        try:
            return [own.predict(key) for key in keys]
        finally:
            own.connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [right] * 8


def test_nobody_asks_before_the_connection_is_ready(trained: tuple[Path, np.ndarray], packed: str) -> None:
    row = trained[1][0]
    name = f"flights:{row[7]}:{row[0]}:{row[2]}:{row[5]}".encode()

    async def ask() -> list[bytes | None]:
        store, asking = Store(packed), []
        for _ in range(300):  # some come while it is connected, but in the lists' database still
            asking.append(asyncio.ensure_future(store.get(name)))
            await asyncio.sleep(0)
        return await asyncio.gather(*asking)

    assert set(asyncio.run(ask())) == {redis.Redis.from_url(packed).get(name)}


def test_a_connection_that_redis_closed_is_opened_anew(fast: Service, trained: tuple[Path, np.ndarray], packed: str) -> None:
    row = trained[1][0]
    key = [int(row[7]), int(row[0]), int(row[2]), int(row[5])]
    before = fast.predict(key)
    redis.Redis.from_url(packed).client_kill_filter(_type="normal", skipme=True)
    assert fast.predict(key) == before


def test_feature_store_down(tmp_path: Path, trained: tuple[Path, np.ndarray]) -> None:
    with running(tmp_path, trained[0], f"redis://127.0.0.1:{free_port()}/1", WORKERS="1", **FAST) as made:
        for _ in range(2):
            response, answer = made.ask(b"[1, 2013, 1, 1]")
            assert (response.status, json.loads(answer)["error"]["code"]) == (503, "feature_store_unavailable")


def test_healthz_tells_what_runs(fast: Service) -> None:
    response, answer = fast.ask(b"", method="GET", path="/healthz")
    about = json.loads(answer)
    assert response.status == 200
    assert (about["worker_class"], about["threads"], about["features"]) == ("UvicornWorker", 1, 10)
    assert {"uvicorn", "treelite"} <= set(about["versions"])


def test_wrong_settings(tmp_path: Path, trained: tuple[Path, np.ndarray]) -> None:
    with running(tmp_path, tmp_path / "none.ubj", "redis://127.0.0.1:1/1", answering=False, **FAST) as made:
        assert made.process.wait(60) != 0
    assert "MODEL_FILE" in (tmp_path / "service.log").read_text()


@pytest.mark.parametrize(
    ("task", "settings"),
    [
        ("regression", {"objective": "reg:squarederror"}),
        ("regression", {"objective": "reg:squarederror", "base_score": 0.5}),
        ("classification", {"objective": "binary:logistic"}),
        ("classification", {"objective": "multi:softprob", "num_class": 3}),
    ],
)
def test_trees_predict_as_xgboost_does(tmp_path: Path, task: str, settings: dict[str, object]) -> None:
    random = np.random.default_rng(2)
    rows = random.normal(size=(400, 10)).astype(np.float32)
    rows[random.random(rows.shape) < 0.1] = np.nan
    target = np.nan_to_num(rows[:, 0]) * 10 + np.nan_to_num(rows[:, 1])
    if task == "classification":
        target = np.digitize(target, [-3, 3]) % int(str(settings.get("num_class", 2)))
    booster = xgboost.train({**settings, "max_depth": 4}, xgboost.DMatrix(rows, target), num_boost_round=20)
    booster.save_model(tmp_path / "model.ubj")
    description = tmp_path / "dataset.json"
    description.write_text(json.dumps(FLIGHTS | {"task": task}))
    dataset = read(description)
    trees, model = Trees(tmp_path / "model.ubj", dataset), Model(tmp_path / "model.ubj", dataset)
    assert [trees.predict(row.tobytes()) for row in rows] == model.predict_batch(rows.tolist())
    with pytest.raises(CorruptRow, match="12 bytes"):
        trees.predict(b"\0" * 12)


def test_a_model_of_other_features_is_refused(tmp_path: Path, trained: tuple[Path, np.ndarray]) -> None:
    description = tmp_path / "dataset.json"
    description.write_text(json.dumps(FLIGHTS | {"features": ["year"]}))
    with pytest.raises(BadSetting, match="10 features"):
        Trees(trained[0], read(description))
    with pytest.raises(BadSetting, match="expected an XGBoost model"):
        Trees(description, read(description))
