"""What runs the service, as it is: Gunicorn's own processes are asked, not the settings that it was to have."""

from __future__ import annotations

import os
from pathlib import Path


def _is_worker(stat: Path, master: int) -> bool:
    """Whether a process of /proc is a living child of the master."""
    try:
        # The name of the program, in brackets, may hold anything; state and parent follow it.
        state, parent = stat.read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return False  # ended meanwhile
    return state != "Z" and int(parent) == master


def workers() -> int:
    """Workers of this Gunicorn now: signals add and end some of them. Where there is no /proc, those it started with."""
    started = int(os.environ.get("INFERENCE_GAP_WORKERS", "1"))
    if "INFERENCE_GAP_WORKERS" not in os.environ:
        return started  # run by something else
    return sum(_is_worker(stat, os.getppid()) for stat in Path("/proc").glob("[0-9]*/stat")) or started
