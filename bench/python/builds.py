"""Other ways to build the service, for `npm run bench:python`: each takes one more step away from the published stack.

All answer POST / as the service does, with the same key checks; errors are not what is measured, so that they are left to the server.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import redis
from fast.trees import Trees
from service.feature_store import name_of
from service.model import Model
from service.questions import Questions, known
from service.serializer import serializer
from service.settings import from_environment

SETTINGS = from_environment()
QUESTIONS = Questions(SETTINGS.dataset, serializer("orjson"))
WORKER = str(os.getpid())


def _by_xgboost() -> Callable[[bytes], float]:
    model = Model(SETTINGS.model_file, SETTINGS.dataset)
    return lambda row: model.predict(np.frombuffer(row, dtype=np.float32))


def _by_treelite() -> Callable[[bytes], float]:
    """Trees keep their output in a place of their own: each thread has some."""
    kept = threading.local()

    def predict(row: bytes) -> float:
        if not hasattr(kept, "trees"):
            kept.trees = Trees(SETTINGS.model_file, SETTINGS.dataset)
        return kept.trees.predict(row)

    return predict


PREDICTORS = {"xgboost": _by_xgboost, "treelite": _by_treelite}


def _name(body: bytes) -> tuple[Any, str]:
    key = QUESTIONS.key(body)
    return key, name_of(SETTINGS.dataset.name, key)


def _store() -> Callable[[str], bytes | None]:
    """redis-py with hiredis, a connection for each thread, as the service has it."""
    kept = threading.local()

    def get(name: str) -> bytes | None:
        if not hasattr(kept, "redis"):
            kept.redis = redis.Redis.from_url(SETTINGS.redis_url, single_connection_client=True)
        return kept.redis.get(name)

    return get


def flask() -> Any:
    from flask import Flask, Response, request

    app = Flask(__name__, static_folder=None)
    predict, get = PREDICTORS[os.environ["PREDICTOR"]](), _store()

    @app.post("/")
    def answer() -> Response:
        key, name = _name(request.get_data(cache=False))
        body = orjson.dumps([predict(known(key, get(name)))])
        return Response(body, 200, {"X-Worker": WORKER}, content_type="application/json")

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    return app


def wsgi() -> Any:
    predict, get = PREDICTORS[os.environ["PREDICTOR"]](), _store()

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] == "/healthz":
            body = b"ok"
        else:
            key, name = _name(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            body = orjson.dumps([predict(known(key, get(name)))])
        start(
            "200 OK",
            [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("X-Worker", WORKER)],
        )
        return [body]

    return app


def starlette() -> Any:
    import redis.asyncio
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    predict = PREDICTORS[os.environ["PREDICTOR"]]()
    store = redis.asyncio.Redis.from_url(SETTINGS.redis_url)

    async def answer(request: Request) -> Response:
        key, name = _name(await request.body())
        body = orjson.dumps([predict(known(key, await store.get(name)))])
        return Response(body, 200, {"X-Worker": WORKER}, "application/json")

    async def healthz(_: Request) -> Response:
        return Response("ok")

    return Starlette(routes=[Route("/", answer, methods=["POST"]), Route("/healthz", healthz)])


def rsgi() -> Any:
    from fast.app import Application

    application = Application(SETTINGS)
    headers = [("content-type", "application/json"), ("x-worker", WORKER)]

    async def answer(scope: Any, protocol: Any) -> None:
        status, body = await application.answer(scope.method, scope.path, await protocol())
        protocol.response_bytes(status, headers, body)

    return answer
