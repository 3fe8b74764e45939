"""Settings of the service, from environment variables, each checked once with one clear error."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .dataset import BadDataset, Dataset, read

SERIALIZERS = ("json", "orjson", "msgpack")


class BadSetting(ValueError):
    """Names the variable, its value and what was expected."""


@dataclass(frozen=True)
class Settings:
    model_file: Path
    dataset: Dataset
    redis_url: str
    serializer: str


def _is_redis_url(url: str) -> bool:
    if not url.startswith(("redis://", "rediss://", "unix://")):
        return False
    try:
        _ = urlsplit(url).port  # raises for anything but 0 to 65535
    except ValueError:
        return False
    return True


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of MODEL_FILE, DATASET_FILE, REDIS_URL and SERIALIZER. Raises BadSetting for the first wrong one."""
    model_file = environ.get("MODEL_FILE", "")
    if not Path(model_file).is_file():
        raise BadSetting(f"MODEL_FILE '{model_file}': expected the file that train.py wrote with --model")
    dataset_file = environ.get("DATASET_FILE", "")
    try:
        dataset = read(Path(dataset_file))
    except BadDataset as error:
        raise BadSetting(f"DATASET_FILE '{dataset_file}': {error}; expected the file that train.py read with --dataset") from error
    redis_url = environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
    if not _is_redis_url(redis_url):
        # Not repeated in the message: it may hold a password.
        raise BadSetting("REDIS_URL: expected redis://, rediss:// or unix:// and an address, as redis://127.0.0.1:6379/0")
    serializer = environ.get("SERIALIZER", "json")
    if serializer not in SERIALIZERS:
        raise BadSetting(f"SERIALIZER '{serializer}': expected one of {', '.join(SERIALIZERS)}")
    return Settings(Path(model_file), dataset, redis_url, serializer)
