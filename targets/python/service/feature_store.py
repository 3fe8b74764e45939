"""The feature store: Redis holds a list of JSON feature arrays for each key, the first row first."""

from __future__ import annotations

import json
import threading

import redis
from redis.backoff import NoBackoff
from redis.exceptions import ExceptionType
from redis.retry import Retry

#: Values of the key's columns.
Key = list[int | str]

PATIENCE = 2  # seconds for connecting, and for an answer


def answered(error: redis.RedisError) -> bool:
    """Whether Redis answered, with an error, or did not answer.

    redis-py makes connection errors of some answers too, for its retries (LOADING, "max number of clients reached", a wrong
    password); an answer's code tells them apart.
    """
    return error.error_type is not ExceptionType.NETWORK or error.status_code is not None


class CorruptRow(ValueError):
    """What Redis holds for a key is not an array of features."""


def _part(value: int | str) -> str:
    """A part of a name; texts with the sign between two parts are told apart from two parts."""
    return value.replace("%", "%25").replace(":", "%3A") if isinstance(value, str) else str(value)


def name_of(prefix: str, key: Key) -> str:
    """Where the store keeps the rows of a key."""
    return ":".join([prefix, *map(_part, key)])


def _row(name: str, found: bytes | None) -> list[float | None] | None:
    if found is None:
        return None
    try:
        row = json.loads(found)
    except ValueError as error:
        raise CorruptRow(f"the first row of {name} is not JSON: {error}") from error
    if not isinstance(row, list):
        raise CorruptRow(f"the first row of {name} is not an array")
    return row


class FeatureStore:
    """One connection for each thread of the worker, opened at its first request and kept.

    A shared pool asks the socket at each checkout whether it still lives, which costs a system call a request
    (README.md has the figures). A connection that Redis closed is opened anew, once: redis-py's own ten attempts
    with growing pauses would let a client wait seconds for its 503. With hiredis installed, redis-py parses with it.
    """

    def __init__(self, url: str, prefix: str) -> None:
        self._url = url
        self._prefix = prefix
        self._thread = threading.local()

    def _redis(self) -> redis.Redis:
        try:
            return self._thread.redis
        except AttributeError:
            self._thread.redis = redis.Redis.from_url(
                self._url,
                single_connection_client=True,
                socket_connect_timeout=PATIENCE,
                socket_timeout=PATIENCE,
                retry=Retry(NoBackoff(), 1),
            )
            return self._thread.redis

    def first_row(self, key: Key) -> list[float | None] | None:
        """Features of the key's first row, or None for an unknown key.

        Raises redis.RedisError when Redis does not answer or answers with an error, CorruptRow when its row is not a JSON array.
        """
        name = self._name(key)
        return _row(name, self._redis().lindex(name, 0))

    def first_rows(self, keys: list[Key]) -> list[list[float | None] | None]:
        """As first_row, of each key, in one round trip."""
        names = [self._name(key) for key in keys]
        pipeline = self._redis().pipeline(transaction=False)
        for name in names:
            pipeline.lindex(name, 0)
        return list(map(_row, names, pipeline.execute()))

    def _name(self, key: Key) -> str:
        return name_of(self._prefix, key)

    def ping(self) -> bool:
        return bool(self._redis().ping())
