"""The application: a key's packed features from Redis, their way through the trees, and the answer."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from typing import Any

import orjson

from service.feature_store import CorruptRow, name_of
from service.live import Live
from service.questions import MAX_BODY, Questions, Refused, known
from service.serializer import serializer
from service.server import workers
from service.settings import Settings

from .store import Store, StoreError, StoreGone
from .trees import Trees

#: Packages by the names under which the service tells of them.
PACKAGES = {"Gunicorn": "gunicorn"} | {name: name for name in ("uvicorn", "uvloop", "httptools", "treelite", "hiredis", "orjson")}


class Application:
    """What is answered, however it was asked. One for each worker."""

    def __init__(self, settings: Settings) -> None:
        form = serializer("orjson")
        self._questions = Questions(settings.dataset, form)
        self._name = settings.dataset.name
        self._live = Live(settings.model_file, lambda file: Trees(file, settings.dataset))
        self._store = Store(settings.redis_url)

    async def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body; errors as the service has them."""
        try:
            if path == "/":
                if method != "POST":
                    raise Refused(405, "method_not_allowed", f"{method} is not answered", f"POST {self._questions.key_form} to /")
                return 200, await self._predict(body)
            if path == "/healthz" and method == "GET":
                return 200, await self._about()
            raise Refused(404, "not_found", "there is no such path", f"POST {self._questions.key_form} to /")
        except Refused as error:
            return error.status, orjson.dumps(error.body())
        except StoreError as error:
            return _failure(502, "feature_store_error", f"Redis answered with an error: {error}", "check Redis's log and its data")
        except StoreGone as error:
            return _failure(503, "feature_store_unavailable", f"Redis did not answer: {error}", "check that Redis runs")
        except CorruptRow as error:
            return _failure(500, "corrupt_features", str(error), "load the rows into Redis anew")

    async def _predict(self, body: bytes) -> bytes:
        if len(body) > MAX_BODY:
            raise Refused(413, "request_entity_too_large", f"the body has more than {MAX_BODY} bytes", "send one key")
        key = self._questions.key(body)
        row = known(key, await self._store.get(name_of(self._name, key).encode()))
        return orjson.dumps([self._live.model.predict(row)])

    async def _about(self) -> bytes:
        await self._store.ping()
        trees = self._live.model
        return orjson.dumps(
            {
                "status": "ok",
                "model_sha256": trees.sha256,
                "features": trees.features,
                "worker": os.getpid(),
                "worker_class": os.environ.get("INFERENCE_GAP_WORKER_CLASS", "unknown"),
                "workers": workers(),
                "threads": int(os.environ.get("INFERENCE_GAP_THREADS", "1")),
                "versions": {"Python": platform.python_version()} | {told: version(name) for told, name in PACKAGES.items()},
            }
        )


def _failure(status: int, code: str, message: str, hint: str) -> tuple[int, bytes]:
    return status, orjson.dumps(Refused(status, code, message, hint).body())


class Asgi:
    """The application as a server of ASGI calls it: no framework between them."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._headers = [(b"content-type", b"application/json"), (b"x-worker", str(os.getpid()).encode())]

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(f"the service does not speak {scope['type']}")  # what a server expects to hear
        status, answer = await self._application.answer(scope["method"], scope["path"], await _body(receive))
        headers = [*self._headers, (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


async def _body(receive: Any) -> bytes:
    """All of it, but of one that is too long no more than shows that it is."""
    body = b""
    while len(body) <= MAX_BODY:
        part = await receive()
        body += part.get("body", b"")
        if not part.get("more_body", False):
            break
    return body
