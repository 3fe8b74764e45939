"""What a body asks for, and what is said of one that asks for nothing."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from .dataset import Dataset, KeyColumn
from .feature_store import Key
from .serializer import Serializer

MAX_BODY = 1024  # bytes; a key needs some 20
MAX_BATCH = 1000  # keys in one request
MAX_BATCH_BODY = 64 * MAX_BATCH  # bytes

Row = TypeVar("Row")


class Refused(Exception):
    """An answer other than 200, as JSON."""

    def __init__(self, status: int, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.hint = status, code, message, hint

    def body(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.message, "hint": self.hint}}


def described(column: KeyColumn) -> str:
    """What a part of a key must be."""
    return "a text" if column.range is None else f"a whole number from {column.range[0]} to {column.range[1]}"


def known(key: Key, row: Row | None) -> Row:
    """What the feature store holds for a key. Raises Refused where that is nothing."""
    if row is None:
        raise Refused(404, "unknown_key", f"no row has the key {json.dumps(key)}", "ask for a key that was loaded")
    return row


class Questions:
    """Reads bodies. Its methods raise Refused."""

    def __init__(self, dataset: Dataset, form: Serializer) -> None:
        self._dataset = dataset
        self._form = form
        self.key_form = f"[{', '.join(column.name for column in dataset.key)}]"
        self._keys_form = f"[{self.key_form}, …]"
        self._no_key = f"not an array of {', '.join(map(described, dataset.key))}"

    def key(self, body: bytes) -> Key:
        key = self._read(body, self.key_form)
        if not self._dataset.fits(key):
            raise Refused(400, "malformed_key", f"the body is {self._no_key}", f"send {self.key_form}")
        return key

    def keys(self, body: bytes) -> list[Key]:
        keys = self._read(body, self._keys_form)
        if not isinstance(keys, list) or not 1 <= len(keys) <= MAX_BATCH:
            raise Refused(
                400, "malformed_batch", f"the body is not an array of 1 to {MAX_BATCH} keys", f"send {self._keys_form}"
            )
        for position, key in enumerate(keys):
            if not self._dataset.fits(key):
                raise Refused(
                    400, "malformed_key", f"element {position} of the body is {self._no_key}", f"send {self._keys_form}"
                )
        return keys

    def _read(self, body: bytes, expected: str) -> Any:
        try:
            return self._form.loads(body)
        except (ValueError, RecursionError) as error:
            name = self._form.name
            raise Refused(400, "malformed_body", f"the body is not {name}: {error}", f"send {expected}") from error
