"""How bodies are written and read: the standard library's json, orjson, or MessagePack."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Serializer:
    name: str
    content_type: str
    #: Raises ValueError for bytes that are not of this format.
    loads: Callable[[bytes], Any]
    dumps: Callable[[Any], bytes]


def serializer(name: str) -> Serializer:
    """Only the library that is asked for is loaded."""
    if name == "json":
        return Serializer(name, "application/json", json.loads, lambda value: json.dumps(value).encode())
    if name == "orjson":
        import orjson

        return Serializer(name, "application/json", orjson.loads, orjson.dumps)
    import msgpack

    def loads(body: bytes) -> Any:
        try:
            return msgpack.unpackb(body)
        except Exception as error:  # msgpack has a family of its own that only partly derives from ValueError
            raise ValueError(str(error)) from error

    return Serializer(name, "application/msgpack", loads, msgpack.packb)
