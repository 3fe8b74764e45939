"""The HTTP side: POST / with a key as an array answers an array with one number."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import version
from typing import Any

import numpy
import redis
import xgboost
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from .dataset import KeyColumn
from .feature_store import CorruptRow, FeatureStore, Key, answered
from .model import Model
from .serializer import Serializer, serializer
from .server import workers
from .settings import Settings

MAX_BODY = 1024  # bytes; a key needs some 20
MAX_BATCH = 1000  # keys in one request
MAX_BATCH_BODY = 64 * MAX_BATCH  # bytes


class Refused(Exception):
    """An answer other than 200, as JSON."""

    def __init__(self, status: int, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.hint = status, code, message, hint


def described(column: KeyColumn) -> str:
    """What a part of a key must be."""
    return "a text" if column.range is None else f"a whole number from {column.range[0]} to {column.range[1]}"


def create_app(settings: Settings) -> Flask:
    """The WSGI application, with its model loaded. Raises BadSetting for a model that does not fit."""
    app = Flask(__name__, static_folder=None)
    # One byte more than a body may have: of one that comes in chunks Werkzeug reads so much and silently leaves the rest.
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY + 1
    # Flask's own answer to OPTIONS bypasses the handlers below, and with them JSON and X-Worker.
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    form = serializer(settings.serializer)
    plain = serializer("json")  # what the service tells of itself is for anyone, however it was told to write predictions
    dataset = settings.dataset
    model = Model(settings.model_file, dataset)
    store = FeatureStore(settings.redis_url, dataset.name)
    key_form = f"[{', '.join(column.name for column in dataset.key)}]"
    keys_form = f"[{key_form}, …]"
    no_key = f"not an array of {', '.join(map(described, dataset.key))}"

    def answer(
        value: Any, status: int = 200, headers: dict[str, str] | None = None, written: Serializer = form
    ) -> Response:
        response = Response(written.dumps(value), status, headers, content_type=written.content_type)
        response.headers["X-Worker"] = str(os.getpid())
        return response

    def body_of_request(most: int) -> bytes:
        request.max_content_length = most + 1
        body = request.get_data(cache=False)
        if len(body) > most:
            raise RequestEntityTooLarge
        return body

    def question_of_request(most: int, expected: str) -> Any:
        if settings.serializer == "msgpack" and request.mimetype != form.content_type:
            raise Refused(
                415, "wrong_content_type", f"the body is {request.mimetype or 'of no type'}", f"send {form.content_type}"
            )
        body = body_of_request(most)
        try:
            return form.loads(body)
        except (ValueError, RecursionError) as error:
            raise Refused(400, "malformed_body", f"the body is not {form.name}: {error}", f"send {expected}") from error

    def key_of_request() -> Key:
        key = question_of_request(MAX_BODY, key_form)
        if not dataset.fits(key):
            raise Refused(400, "malformed_key", f"the body is {no_key}", f"send {key_form}")
        return key

    def keys_of_request() -> list[Key]:
        keys = question_of_request(MAX_BATCH_BODY, keys_form)
        if not isinstance(keys, list) or not 1 <= len(keys) <= MAX_BATCH:
            raise Refused(400, "malformed_batch", f"the body is not an array of 1 to {MAX_BATCH} keys", f"send {keys_form}")
        for position, key in enumerate(keys):
            if not dataset.fits(key):
                raise Refused(
                    400, "malformed_key", f"element {position} of the body is {no_key}", f"send {keys_form}"
                )
        return keys

    def known(key: Key, features: list[float | None] | None) -> list[float | None]:
        if features is None:
            raise Refused(404, "unknown_key", f"no row has the key {json.dumps(key)}", "ask for a key that was loaded")
        return features

    def features_of(key: Key) -> list[float | None]:
        return known(key, store.first_row(key))

    @app.post("/")
    def predict() -> Response:
        return answer([model.predict(features_of(key_of_request()))])

    # Several keys at once: one round trip to the feature store, and one prediction of a matrix.
    @app.post("/batch")
    def predict_batch() -> Response:
        keys = keys_of_request()
        return answer(model.predict_batch(list(map(known, keys, store.first_rows(keys)))))

    # Parts of the way to a prediction, for what each of them costs: the answer is a number of the same form.
    @app.post("/framework")
    def framework() -> Response:
        key_of_request()
        return answer([0.5])

    @app.post("/store")
    def features_only() -> Response:
        features_of(key_of_request())
        return answer([0.5])

    @app.get("/healthz")
    def healthz() -> Response:
        store.ping()
        return answer(
            {
                "status": "ok",
                "model_sha256": model.sha256,
                "features": model.features,
                "serializer": form.name,
                "worker": os.getpid(),
                "worker_class": os.environ.get("INFERENCE_GAP_WORKER_CLASS", "unknown"),
                "workers": workers(),
                "threads": int(os.environ.get("INFERENCE_GAP_THREADS", "1")),
                "prediction_threads": 1,
                "versions": {
                    "Python": platform.python_version(),
                    "Flask": version("flask"),
                    "Gunicorn": version("gunicorn"),
                    "XGBoost": xgboost.__version__,
                    "numpy": numpy.__version__,
                    "redis-py": redis.__version__,
                },
            },
            written=plain,
        )

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return failure(error.status, error.code, error.message, error.hint)

    @app.errorhandler(redis.RedisError)
    def no_store(error: redis.RedisError) -> Response:
        if answered(error):
            said = " ".join(filter(None, [error.status_code, str(error)]))
            return failure(
                502, "feature_store_error", f"Redis answered with an error: {said}", "check Redis's log, its password and its data"
            )
        return failure(503, "feature_store_unavailable", f"Redis did not answer: {error}", "check that Redis runs")

    @app.errorhandler(CorruptRow)
    def corrupt(error: CorruptRow) -> Response:
        return failure(500, "corrupt_features", str(error), "load the rows into Redis anew")

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        code = (error.name or "error").lower().replace(" ", "_")
        response = failure(error.code or 500, code, error.description or error.name, f"POST {key_form} to /")
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response

    @app.errorhandler(Exception)
    def defect(error: Exception) -> Response:
        app.logger.exception("a defect of the service")
        return failure(500, "internal_error", type(error).__name__, "see the service's log")

    def failure(status: int, code: str, message: str, hint: str) -> Response:
        return answer({"error": {"code": code, "message": message, "hint": hint}}, status)

    return app
