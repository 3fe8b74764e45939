"""The HTTP side: POST / with a key as an array answers an array with one number."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from typing import Any

import numpy
import redis
import xgboost
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from .feature_store import CorruptRow, FeatureStore, Key, answered
from .live import Live
from .model import Model
from .questions import MAX_BATCH_BODY, MAX_BODY, Questions, Refused, known
from .serializer import Serializer, serializer
from .server import workers
from .settings import Settings

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
    live = Live(settings.model_file, lambda file: Model(file, dataset))
    store = FeatureStore(settings.redis_url, dataset.name)
    questions = Questions(dataset, form)

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

    def question_of_request(most: int) -> bytes:
        if settings.serializer == "msgpack" and request.mimetype != form.content_type:
            raise Refused(
                415, "wrong_content_type", f"the body is {request.mimetype or 'of no type'}", f"send {form.content_type}"
            )
        return body_of_request(most)

    def key_of_request() -> Key:
        return questions.key(question_of_request(MAX_BODY))

    def features_of(key: Key) -> list[float | None]:
        return known(key, store.first_row(key))

    @app.post("/")
    def predict() -> Response:
        return answer([live.model.predict(features_of(key_of_request()))])

    # Several keys at once: one round trip to the feature store, and one prediction of a matrix.
    @app.post("/batch")
    def predict_batch() -> Response:
        keys = questions.keys(question_of_request(MAX_BATCH_BODY))
        return answer(live.model.predict_batch(list(map(known, keys, store.first_rows(keys)))))

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
        model = live.model
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
        return answer(error.body(), error.status)

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
        response = failure(error.code or 500, code, error.description or error.name, f"POST {questions.key_form} to /")
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response

    @app.errorhandler(Exception)
    def defect(error: Exception) -> Response:
        app.logger.exception("a defect of the service")
        return failure(500, "internal_error", type(error).__name__, "see the service's log")

    def failure(status: int, code: str, message: str, hint: str) -> Response:
        return refused(Refused(status, code, message, hint))

    return app
