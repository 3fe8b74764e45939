"""The feature store: Redis holds a list of JSON feature arrays for each key, the first flight first."""

from __future__ import annotations

import json

import redis


class FeatureStore:
    """Connections are kept in a pool and used again; with hiredis installed, redis-py parses with it."""

    def __init__(self, url: str, prefix: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)
        self._prefix = prefix

    def first_row(self, key: list[int]) -> list[float | None] | None:
        """Features of the key's first row, or None for an unknown key. Raises redis.RedisError when Redis does not answer."""
        found = self._redis.lindex(f"{self._prefix}:{key[0]}:{key[1]}:{key[2]}:{key[3]}", 0)
        return None if found is None else json.loads(found)

    def ping(self) -> bool:
        return bool(self._redis.ping())
