"""The service over real HTTP: answers, errors, keep-alive, serializers, and that it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import socketserver
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgpack
import numpy as np
import pytest
import redis
import xgboost
from conftest import PATIENCE, Service, free_port, running, wait_until

from service.app import create_app
from service.dataset import read
from service.settings import Settings


def settings_of(model: Path, url: str) -> Settings:
    return Settings(model, read(model.parent / "dataset.json"), url, "json")


def expected(trained: tuple[Path, np.ndarray], key: list[int]) -> float:
    """What the booster itself says for the first row of a key."""
    file, table = trained
    first = next(row for row in table if [row[7], row[0], row[2], row[5]] == key)
    return float(xgboost.Booster(model_file=str(file)).inplace_predict(first[None, :10].astype(np.float32))[0])


def some_keys(table: np.ndarray, count: int) -> list[list[int]]:
    return [[int(row[7]), int(row[0]), int(row[2]), int(row[5])] for row in table[:count]]


def test_predicts_the_first_row_to_the_last_bit(service: Service, trained: tuple[Path, np.ndarray]) -> None:
    for key in some_keys(trained[1], 50):
        assert service.predict(key) == expected(trained, key)


@pytest.mark.parametrize("size", [1, 2, 20, 1000])
def test_predicts_a_batch_as_one_by_one(service: Service, trained: tuple[Path, np.ndarray], size: int) -> None:
    keys = [*some_keys(trained[1], size - 1), [9, 2013, 1, 1]][::-1]  # one of them with missing features
    response, body = service.ask(json.dumps(keys).encode(), path="/batch")
    assert response.status == 200 and response.headers["X-Worker"]
    distinct = {tuple(key): service.predict(key) for key in keys}
    assert json.loads(body) == [distinct[tuple(key)] for key in keys]


def test_a_batch_is_one_round_trip_and_one_prediction(
    trained: tuple[Path, np.ndarray], store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes, sent = [], []
    predict, send = xgboost.Booster.inplace_predict, redis.connection.AbstractConnection.send_packed_command

    def noted(self: xgboost.Booster, data: np.ndarray, **settings: bool) -> np.ndarray:
        shapes.append(data.shape)
        return predict(self, data, **settings)

    def noted_send(self: redis.Connection, command: list[bytes], check_health: bool = True) -> None:
        sent.append(b"".join(command).count(b"LINDEX"))
        send(self, command, check_health)

    client = create_app(settings_of(trained[0], store)).test_client()
    keys = some_keys(trained[1], 7)
    right = [expected(trained, key) for key in keys]
    assert client.post("/batch", json=keys).json == right  # and the connection is made
    monkeypatch.setattr(xgboost.Booster, "inplace_predict", noted)
    monkeypatch.setattr(redis.connection.AbstractConnection, "send_packed_command", noted_send)
    assert client.post("/batch", json=keys).json == right
    assert sent == [7] and shapes == [(7, 10)]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"[[1, 2013, 1, 1], [1, 1999, 1, 1]]", 404, "unknown_key"),
        (b"[[8, 2013, 1, 1]]", 500, "corrupt_features"),
        (b"[[8, 2013, 1, 2]]", 500, "corrupt_features"),
        (b"[[8, 2013, 1, 3]]", 500, "corrupt_features"),
        (b"{", 400, "malformed_body"),
        (b"[]", 400, "malformed_batch"),
        (b"{}", 400, "malformed_batch"),
        (b"[1, 2013, 1, 1]", 400, "malformed_key"),
        (b"[[1, 2013, 1, 1], [1]]", 400, "malformed_key"),
        (json.dumps([[1, 2013, 1, 1]] * 1001).encode(), 400, "malformed_batch"),
        (b" " * 64_001, 413, "request_entity_too_large"),
    ],
)
def test_refusals_of_batches(service: Service, body: bytes, status: int, code: str) -> None:
    response, answer = service.ask(body, path="/batch")
    error = json.loads(answer)["error"]
    assert (response.status, error["code"]) == (status, code) and error["message"] and error["hint"]


@pytest.mark.parametrize(("path", "looks_up"), [("/framework", False), ("/store", True)])
def test_parts_of_the_way(service: Service, trained: tuple[Path, np.ndarray], path: str, looks_up: bool) -> None:
    key = json.dumps(some_keys(trained[1], 1)[0]).encode()
    response, body = service.ask(key, path=path)
    assert response.status == 200 and json.loads(body) == [0.5] and response.headers["X-Worker"]
    response, body = service.ask(b"[1, 1999, 1, 1]", path=path)
    assert response.status == (404 if looks_up else 200)
    response, body = service.ask(b"[1]", path=path)
    assert response.status == 400 and json.loads(body)["error"]["code"] == "malformed_key"


def test_missing_features(service: Service, trained: tuple[Path, np.ndarray]) -> None:
    row = np.array([[2013, 1, np.nan, 500, 1, 1, np.nan, 2, 3, 4]], dtype=np.float32)
    assert service.predict([9, 2013, 1, 1]) == float(xgboost.Booster(model_file=str(trained[0])).inplace_predict(row)[0])


def test_connections_are_kept(service: Service, trained: tuple[Path, np.ndarray]) -> None:
    body = json.dumps(some_keys(trained[1], 1)[0]).encode()
    request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    workers = set()
    with socket.create_connection(("127.0.0.1", service.port), PATIENCE) as connection:
        for _ in range(50):
            connection.sendall(request)
            answer = b""
            while b"]" not in answer:
                part = connection.recv(4096)
                assert part, "the service closed the connection"
                answer += part
            head = answer.split(b"\r\n\r\n")[0].lower()
            assert b"connection: close" not in head
            workers.add(next(line for line in head.split(b"\r\n") if line.startswith(b"x-worker: ")))
    assert len(workers) == 1  # the one that accepted the connection


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"[1, 1999, 1, 1]", 404, "unknown_key"),
        (b"", 400, "malformed_body"),
        (b"{", 400, "malformed_body"),
        (b"\xff\xfe", 400, "malformed_body"),
        (b"[" * 1000, 400, "malformed_body"),
        (b"null", 400, "malformed_key"),
        (b"{}", 400, "malformed_key"),
        (b"[]", 400, "malformed_key"),
        (b"[1, 2, 3]", 400, "malformed_key"),
        (b"[1, 2, 3, 4, 5]", 400, "malformed_key"),
        (b'[1, 2, 3, "4"]', 400, "malformed_key"),
        (b"[1, 2, 3, 4.5]", 400, "malformed_key"),
        (b"[1, 2, 3, true]", 400, "malformed_key"),
        (b"[1, 2, 3, null]", 400, "malformed_key"),
        (b"[1, 2, 3, 2147483648]", 400, "malformed_key"),
        (b"[8, 2013, 1, 1]", 500, "corrupt_features"),
        (b"[8, 2013, 1, 2]", 500, "corrupt_features"),
        (b"[8, 2013, 1, 3]", 500, "corrupt_features"),
        (b"[" + b"1," * 2000 + b"1]", 413, "request_entity_too_large"),
    ],
)
def test_refusals(service: Service, body: bytes, status: int, code: str) -> None:
    response, answer = service.ask(body)
    assert response.status == status, answer
    assert response.headers["Content-Type"] == "application/json"
    error = json.loads(answer)["error"]
    assert error["code"] == code and error["message"] and error["hint"]
    assert int(response.headers["X-Worker"]) > 0


@pytest.mark.parametrize("chunk", [1, 7, 5000])
@pytest.mark.parametrize(
    ("length", "status", "code"),
    [(1023, 404, "unknown_key"), (1024, 404, "unknown_key"), (1025, 413, "request_entity_too_large"),
     (1026, 413, "request_entity_too_large"), (5000, 413, "request_entity_too_large")],
)
def test_a_body_has_the_same_bound_in_chunks(service: Service, length: int, status: int, code: str, chunk: int) -> None:
    """A key, and spaces up to the length: a body that is cut off would be another one."""
    body = b"[1, 1999, 1, 1]".ljust(length)
    other = Service(service.process, service.port)
    with contextlib.closing(other.connection):
        other.connection.request(
            "POST", "/", (body[at : at + chunk] for at in range(0, length, chunk)),
            {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}, encode_chunked=True,
        )  # fmt: skip
        response = other.connection.getresponse()
        assert (response.status, json.loads(response.read())["error"]["code"]) == (status, code)
    whole, answer = service.ask(body)
    assert (whole.status, json.loads(answer)["error"]["code"]) == (status, code)


def test_other_methods_and_paths(service: Service) -> None:
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        response, body = service.ask(b"", method=method)
        assert response.status == 405 and json.loads(body)["error"]["code"] == "method_not_allowed"
        assert response.headers["Allow"] == "POST" and response.headers["X-Worker"]
    response, body = service.ask(b"[]", path="/elsewhere")
    assert response.status == 404 and json.loads(body)["error"]["code"] == "not_found"


def test_healthz(service: Service) -> None:
    response, body = service.ask(b"", method="GET", path="/healthz")
    health = json.loads(body)
    assert response.status == 200 and health["status"] == "ok" and health["features"] == 10
    assert len(health["model_sha256"]) == 64 and health["versions"]["XGBoost"] == xgboost.__version__
    assert health["worker_class"] == "gthread" and health["workers"] >= 1 and health["threads"] >= 1


def test_many_threads_get_their_own_answers(service: Service, trained: tuple[Path, np.ndarray]) -> None:
    keys = some_keys(trained[1], 200)
    right = [expected(trained, key) for key in keys]

    def ask_all(_: int) -> list[float]:
        own = Service(service.process, service.port)
        try:
            return [own.predict(key) for key in keys]
        finally:
            own.connection.close()

    with ThreadPoolExecutor(16) as pool:
        assert all(answers == right for answers in pool.map(ask_all, range(16)))


@pytest.mark.parametrize("serializer", ["orjson", "msgpack"])
def test_serializers(tmp_path: Path, trained: tuple[Path, np.ndarray], store: str, serializer: str) -> None:
    key = some_keys(trained[1], 1)[0]
    with running(tmp_path, trained[0], store, SERIALIZER=serializer, WORKERS="1") as service:
        if serializer == "orjson":
            assert service.predict(key) == expected(trained, key)
            return
        response, body = service.ask(msgpack.packb(key), "application/msgpack")
        assert response.status == 200 and response.headers["Content-Type"] == "application/msgpack"
        assert msgpack.unpackb(body) == [expected(trained, key)]
        response, body = service.ask(msgpack.packb([key] * 20), "application/msgpack", path="/batch")
        # The 64-bit floats in which workload/messagepack.ts reads them.
        assert body[:4] == b"\xdc\x00\x14\xcb" and msgpack.unpackb(body) == [expected(trained, key)] * 20
        assert service.ask(json.dumps(key).encode())[0].status == 415
        assert service.ask(b"\xc1", "application/msgpack")[0].status == 400
        # What it tells of itself is for whoever looks.
        response, health = service.ask(b"", method="GET", path="/healthz")
        assert response.headers["Content-Type"] == "application/json" and json.loads(health)["serializer"] == "msgpack"


def test_a_connection_that_redis_closed_is_opened_anew(service: Service, trained: tuple[Path, np.ndarray], store: str) -> None:
    key = some_keys(trained[1], 1)[0]
    with contextlib.closing(redis.Redis.from_url(store)) as client:
        for _ in range(5):
            client.client_kill_filter(_type="normal", skipme=True)
            assert service.predict(key) == expected(trained, key)
            client.client_kill_filter(_type="normal", skipme=True)
            assert json.loads(service.ask(json.dumps([key]).encode(), path="/batch")[1]) == [expected(trained, key)]


def test_nothing_but_the_log_is_written(tmp_path: Path, trained: tuple[Path, np.ndarray], store: str) -> None:
    home = tmp_path / "a home"
    home.mkdir()
    with running(tmp_path, trained[0], store, WORKERS="1", HOME=str(home), TMPDIR=str(home), XDG_RUNTIME_DIR=str(home)) as service:
        assert service.ask(b"", method="GET", path="/healthz")[0].status == 200
        assert list(home.iterdir()) == []
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a home", "service.log"]
    assert (tmp_path / "service.log").read_text().startswith("serving on 127.0.0.1:")


def test_feature_store_down(tmp_path: Path, trained: tuple[Path, np.ndarray]) -> None:
    with running(tmp_path, trained[0], f"redis://127.0.0.1:{free_port()}/0", WORKERS="1") as service:
        for path, key in (("/", b"[1, 2013, 1, 1]"), ("/batch", b"[[1, 2013, 1, 1]]")):
            response, body = service.ask(key, path=path)
            assert response.status == 503 and json.loads(body)["error"]["code"] == "feature_store_unavailable"
        assert service.ask(b"", method="GET", path="/healthz")[0].status == 503


def test_redis_answers_with_an_error(service: Service, store: str) -> None:
    with contextlib.closing(redis.Redis.from_url(store)) as client:
        client.set("flights:7:2013:1:1", "no list")
        asked = [service.ask(b"[7, 2013, 1, 1]"), service.ask(b"[[1, 2013, 1, 1], [7, 2013, 1, 1]]", path="/batch")]
        client.delete("flights:7:2013:1:1")
    for response, body in asked:
        error = json.loads(body)["error"]
        assert (response.status, error["code"]) == (502, "feature_store_error")
        assert "WRONGTYPE" in error["message"] and "did not answer" not in error["message"]


@contextlib.contextmanager
def saying(reply: bytes | None) -> Iterator[str]:
    """URL of a server that answers each request of Redis's protocol so; None: it listens and stays silent."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while self.request.recv(65536):
                if reply is not None:
                    self.request.sendall(reply)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"redis://127.0.0.1:{server.server_address[1]}/0"
        finally:
            server.shutdown()


@pytest.mark.parametrize(
    "reply",
    [b"-LOADING Redis is loading the dataset in memory\r\n", b"-NOAUTH Authentication required.\r\n",
     b"-WRONGPASS invalid username-password pair or user is disabled.\r\n", b"-NOPERM User has no permissions\r\n",
     b"-ERR max number of clients reached\r\n", b"-ERR unknown command\r\n", b"-MASTERDOWN Link with MASTER is down\r\n",
     b"-MOVED 3999 127.0.0.1:6381\r\n", b"-CLUSTERDOWN The cluster is down\r\n", b"-BUSY Redis is busy\r\n",
     b"-OOM command not allowed when used memory > 'maxmemory'\r\n"],
)
def test_each_error_that_redis_answers_is_told_as_its_answer(trained: tuple[Path, np.ndarray], reply: bytes) -> None:
    said = reply.decode().strip().lstrip("-").removeprefix("ERR ")
    with saying(reply) as url:
        client = create_app(settings_of(trained[0], url)).test_client()
        single, batch = client.post("/", data=b"[1, 2013, 1, 1]"), client.post("/batch", data=b"[[1, 2013, 1, 1]]")
        for answer in (single, batch, client.get("/healthz")):
            assert (answer.status_code, answer.json["error"]["code"]) == (502, "feature_store_error")
            assert said.split(" ", 1)[1] in answer.json["error"]["message"]


def test_a_redis_that_stays_silent_did_not_answer(trained: tuple[Path, np.ndarray]) -> None:
    with saying(None) as url:
        answer = create_app(settings_of(trained[0], url)).test_client().post("/", data=b"[1, 2013, 1, 1]")
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "feature_store_unavailable")
    assert "Redis did not answer" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("MODEL_FILE", "/no/such/model"), ("REDIS_URL", "localhost"), ("DATASET_FILE", ""), ("SERIALIZER", "xml"),
     ("BIND", "here"), ("WORKERS", "0"), ("THREADS", "x"), ("REUSE_PORT", "yes"), ("MODEL_FILE", __file__)],
)
def test_wrong_settings(tmp_path: Path, trained: tuple[Path, np.ndarray], name: str, value: str) -> None:
    settings = {"WORKERS": "1", name: value}
    with running(tmp_path, trained[0], "redis://127.0.0.1:1/0", answering=False, **settings) as service:
        assert service.process.wait(PATIENCE) > 0  # by itself, and by no signal
    log = (tmp_path / "service.log").read_text()
    assert f"{name}" in log and "expected" in log and "Traceback" not in log


def test_a_taken_port_is_refused(tmp_path: Path, trained: tuple[Path, np.ndarray], service: Service) -> None:
    taken = f"127.0.0.1:{service.port}"
    with running(tmp_path, trained[0], "redis://127.0.0.1:1/0", answering=False, BIND=taken) as second:
        assert second.process.wait(PATIENCE) != 0
    log = (tmp_path / "service.log").read_text()
    assert taken in log and "Traceback" not in log


def test_sigterm_leaves_no_process(tmp_path: Path, trained: tuple[Path, np.ndarray], store: str) -> None:
    with running(tmp_path, trained[0], store, WORKERS="2") as service:
        workers = {int(Service(service.process, service.port).ask(b"[]")[0].headers["X-Worker"]) for _ in range(20)}
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(PATIENCE) == 0

        def gone() -> bool:
            for pid in workers:
                try:
                    os.kill(pid, 0)
                except ProcessLookupError:
                    continue
                return False
            return True

        wait_until(gone, "ending the workers")


def test_sync_workers_close_each_connection(tmp_path: Path, trained: tuple[Path, np.ndarray], store: str) -> None:
    """What the published benchmark ran, and what `inference-gap reproduce` shows beside kept connections."""
    with running(tmp_path, trained[0], store, WORKER_CLASS="sync", WORKERS="1") as service:
        response, _ = service.ask(b"[]")
        assert response.headers["Connection"] == "close"


def test_healthz_tells_what_runs(tmp_path: Path, trained: tuple[Path, np.ndarray], store: str) -> None:
    """Gunicorn's own variable has the last word over the file of settings, and a signal over both."""
    told = {"GUNICORN_CMD_ARGS": "--workers 2 --threads 3", "WORKERS": "1", "THREADS": "7"}
    with running(tmp_path, trained[0], store, **told) as service:

        def health() -> dict[str, int | str]:
            service.connection.close()
            return json.loads(service.ask(b"", method="GET", path="/healthz")[1])

        wait_until(lambda: health()["workers"] == 2, "starting the workers")
        assert health()["threads"] == 3 and health()["worker_class"] == "gthread"
        service.process.send_signal(signal.SIGTTIN)
        wait_until(lambda: health()["workers"] == 3, "starting one more worker")


def test_healthz_tells_of_sync_workers(tmp_path: Path, trained: tuple[Path, np.ndarray], store: str) -> None:
    with running(tmp_path, trained[0], store, GUNICORN_CMD_ARGS="--worker-class sync --threads 1") as service:
        health = json.loads(service.ask(b"", method="GET", path="/healthz")[1])
        assert health["worker_class"] == "sync" and health["threads"] == 1
