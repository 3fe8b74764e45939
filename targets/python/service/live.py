"""The model that is live: a new file in the place of the model's is loaded beside the old one, and takes over between two requests.

Whoever deploys writes the new file beside the old one and renames it, so that nobody reads half a model. No request waits for the
loading, and none sees two models: it takes the one that is live when it predicts.
"""

from __future__ import annotations

import sys
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from .settings import BadSetting

#: Seconds between two looks at the file. A look is a system call, in a thread of its own.
LOOK_EVERY = 0.1

M = TypeVar("M")


def _mark(file: Path) -> tuple[int, int, int] | None:
    """What differs between two files that a name stands for one after the other; None where there is none."""
    try:
        seen = file.stat()
    except OSError:
        return None
    return seen.st_ino, seen.st_mtime_ns, seen.st_size


class Live(Generic[M]):
    """Raises what `load` raises for the first file. One that does not fit later is told of, and the model before it stays."""

    def __init__(self, file: Path, load: Callable[[Path], M]) -> None:
        self._file = file
        self._load = load
        # Seen before it is read: one that is renamed meanwhile is read again.
        self._seen = _mark(file)
        self.model = load(file)
        threading.Thread(target=_follow, args=(weakref.ref(self),), name="model", daemon=True).start()

    def look(self) -> None:
        mark = _mark(self._file)
        if mark is None or mark == self._seen:
            return
        self._seen = mark
        try:
            self.model = self._load(self._file)
        except (BadSetting, OSError) as error:
            print(f"service: {error}; the model before it stays", file=sys.stderr, flush=True)


def _follow(live: weakref.ref[Live[M]]) -> None:
    """For as long as anybody has it."""
    while True:
        time.sleep(LOOK_EVERY)
        known = live()
        if known is None:
            return
        known.look()
        del known
