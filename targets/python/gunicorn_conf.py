"""Gunicorn's settings: threads that keep connections alive, one worker for each core.

The published benchmark ran sync workers, which close each connection; these keep it. README.md has the figures behind
workers and threads. The model is loaded by each worker after the fork (`preload_app` stays off): it is small, and
OpenMP's threads, which XGBoost may have started in the parent, would not exist in the child.
"""

import os
import socket
import sys


def _cores() -> int:
    """The cores this process may use, which can be fewer than the machine has (taskset, cpusets of containers)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _refuse(message: str) -> None:
    raise SystemExit(f"gunicorn_conf.py: {message}")


def _count(name: str, default: int, highest: int) -> int:
    given = os.environ.get(name, "")
    if not given:
        return default
    if not (given.isascii() and given.isdecimal() and 1 <= int(given) <= highest):
        _refuse(f"{name} '{given}': expected a whole number of at least 1 and at most {highest}")
    return int(given)


def _address() -> str:
    given = os.environ.get("BIND", "127.0.0.1:8000")
    host, _, port = given.rpartition(":")
    if not given.startswith("unix:") and not (host and port.isascii() and port.isdecimal() and int(port) < 65536):
        _refuse(f"BIND '{given}': expected host:port, as 127.0.0.1:8000, or unix: and a path")
    return given


def _switch(name: str) -> bool:
    given = os.environ.get(name) or "1"
    if given not in ("0", "1"):
        _refuse(f"{name} '{given}': expected 0 or 1")
    return given == "1"


#: By their names here: `sync` is there to show the published way (such workers close each connection after its answer), `uvicorn` and
#: Gunicorn's own `asgi` for `fast`, an application of ASGI.
WORKER_CLASSES = {"gthread": "gthread", "sync": "sync", "asgi": "asgi", "uvicorn": "uvicorn_worker.UvicornWorker"}


def _worker_class() -> str:
    given = os.environ.get("WORKER_CLASS", "gthread")
    if given not in WORKER_CLASSES:
        _refuse(f"WORKER_CLASS '{given}': expected one of {', '.join(WORKER_CLASSES)}")
    return given


bind = _address()
_kind = _worker_class()
worker_class = WORKER_CLASSES[_kind]
workers = _count("WORKERS", _cores(), 256)
threads = _count("THREADS", 4, 256) if _kind == "gthread" else 1  # Gunicorn turns sync with more into gthread
keepalive = 75  # seconds; the default of 2 would close connections that wait for their block
worker_connections = 2000  # of one worker: all of 1,000 clients may land on the same
backlog = 2048
# A socket for each worker, among which the kernel spreads connections. With one shared socket a worker that is awake
# takes what comes, and a kept-alive connection then stays with it. Only Linux spreads so; port 0 would differ by worker.
# REUSE_PORT=0 turns it off, to be compared.
reuse_port = (
    _switch("REUSE_PORT") and sys.platform == "linux" and not bind.startswith("unix:") and not bind.endswith(":0")
)
graceful_timeout = 5
timeout = 60
accesslog = None
loglevel = "warning"
control_socket_disable = True  # it would be made in the user's home directory
# Gunicorn's advice: the heartbeat is written to a file, which is not to wait for a disk. The file has no name left.
worker_tmp_dir = "/dev/shm" if sys.platform == "linux" and os.access("/dev/shm", os.W_OK) else None


def on_starting(server: object) -> None:
    """Refuse wrong settings once, before there are workers: several that fail together end in Gunicorn's traceback.

    Refuse a port that is taken, too: with reuse_port a second service would quietly share the first one's requests.
    """
    from service.settings import BadSetting, from_environment  # found once Gunicorn has changed to --chdir

    try:
        from_environment()
    except BadSetting as error:
        raise SystemExit(f"service: {error}") from error
    if not reuse_port:
        return
    host, _, port = bind.rpartition(":")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        _refuse(f"BIND '{bind}': cannot be listened on ({error.strerror}), expected a free address")


def post_fork(server: object, worker: object) -> None:
    """What /healthz tells is what runs: GUNICORN_CMD_ARGS and the command line have the last word, after this file."""
    module = type(worker).__module__
    kind = module.rpartition(".")[2] if module.startswith("gunicorn.") else type(worker).__name__
    os.environ["INFERENCE_GAP_WORKER_CLASS"] = kind
    os.environ["INFERENCE_GAP_WORKERS"] = str(worker.cfg.workers)
    os.environ["INFERENCE_GAP_THREADS"] = str(worker.cfg.threads if kind == "gthread" else 1)


def when_ready(server: object) -> None:
    cfg = server.cfg
    print(f"serving on {bind}: {cfg.workers} {cfg.worker_class_str} workers of {cfg.threads} threads", flush=True)
