"""Gunicorn's settings: threads that keep connections alive, scaled to the cores.

The published benchmark ran sync workers, which close each connection; these keep it.
"""

import multiprocessing
import os


def _count(name: str, default: int) -> int:
    given = os.environ.get(name, "")
    if not given:
        return default
    if not given.isdigit() or int(given) < 1:
        raise SystemExit(f"gunicorn_conf.py: {name} '{given}': expected a whole number of at least 1")
    return int(given)


bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = _count("WORKERS", multiprocessing.cpu_count())
threads = _count("THREADS", 4)
keepalive = 75  # seconds; the default of 2 would close connections that wait for their block
worker_connections = 2000
backlog = 2048
graceful_timeout = 5
timeout = 60
accesslog = None
loglevel = "warning"
control_socket_disable = True

# What /healthz tells.
raw_env = [
    f"INFERENCE_GAP_WORKER_CLASS={worker_class}",
    f"INFERENCE_GAP_WORKERS={workers}",
    f"INFERENCE_GAP_THREADS={threads}",
]


def when_ready(server: object) -> None:
    print(f"serving on {bind}: {workers} {worker_class} workers of {threads} threads", flush=True)
