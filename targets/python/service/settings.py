"""Settings of the service, from environment variables, each checked once with one clear error."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SERIALIZERS = ("json", "orjson", "msgpack")


class BadSetting(ValueError):
    """Names the variable, its value and what was expected."""


@dataclass(frozen=True)
class Settings:
    model_file: Path
    redis_url: str
    key_prefix: str
    serializer: str


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    model_file = environ.get("MODEL_FILE", "")
    if not Path(model_file).is_file():
        raise BadSetting(f"MODEL_FILE '{model_file}': expected the file that train.py wrote with --model")
    redis_url = environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
    if not redis_url.startswith(("redis://", "rediss://", "unix://")):
        raise BadSetting("REDIS_URL: expected a URL that begins with redis://, rediss:// or unix://")
    serializer = environ.get("SERIALIZER", "json")
    if serializer not in SERIALIZERS:
        raise BadSetting(f"SERIALIZER '{serializer}': expected one of {', '.join(SERIALIZERS)}")
    return Settings(Path(model_file), redis_url, environ.get("KEY_PREFIX", "flights"), serializer)
