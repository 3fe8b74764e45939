"""What all ways of training share: their arguments, what they refuse, and the files that they leave."""

from __future__ import annotations

import argparse
import json
import math
import platform
import resource
import sys
import time
from pathlib import Path
from typing import NoReturn

from service.dataset import BadDataset, Dataset
from service.dataset import read as read_dataset


#: The program that runs; its messages begin with it.
program = "train.py"


def refuse(message: str) -> NoReturn:
    """End with one clear line; the exit code of bad input."""
    print(f"{program}: {message}", file=sys.stderr)
    raise SystemExit(2)


class Parser(argparse.ArgumentParser):
    """One line for a wrong argument too, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        refuse(f"{message}; --help lists the arguments")


def parser(name: str, description: str | None) -> Parser:
    global program
    program = name
    made = Parser(prog=name, description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--csv", type=Path, required=True, help="header, then numbers; empty fields are missing values")
    made.add_argument("--dataset", type=Path, required=True, help="the description of its columns and of the training, JSON")
    return made


def arguments(name: str, description: str | None, argv: list[str] | None) -> argparse.Namespace:
    made = parser(name, description)
    made.add_argument("--threads", type=int, default=0, help="threads of the training; 0: one per core")
    made.add_argument("--model", type=Path, required=True, help="file for the booster, in XGBoost's UBJSON")
    made.add_argument("--report", type=Path, required=True, help="file for the report, JSON")
    args = made.parse_args(argv)
    if args.threads < 0:
        refuse(f"--threads {args.threads}: expected 0 or more")
    return args


def described(file: Path) -> Dataset:
    try:
        return read_dataset(file)
    except BadDataset as error:
        refuse(f"--dataset {file}: {error}")


def split(rows: int, dataset: Dataset, file: Path) -> tuple[int, int]:
    """How many rows are trained on and how many are held out. The same rounding as in the database: half a row up."""
    test_rows = math.floor(rows * dataset.test_size + 0.5)
    if rows - test_rows < 1:
        refuse(f"--dataset {file}: testSize {dataset.test_size} leaves no row of {rows} to train on")
    return rows - test_rows, test_rows


def write(file: Path, option: str, content: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        refuse(f"{option} {file}: cannot be written ({error.strerror}), name another file")


def leave(
    args: argparse.Namespace,
    booster: bytes,
    dataset: Dataset,
    *,
    rows: tuple[int, int],
    marks: tuple[float, float, float],
    versions: dict[str, str],
    held_out: dict[str, object],
) -> None:
    """The model and the report of a training.

    rows: trained on and held out. marks: of time.perf_counter(), when it began, when all was read, when it was fitted.
    held_out: what was seen of the rows that were held out; empty where there were none.
    """
    write(args.model, "--model", booster)
    started, read_at, fitted_at = marks
    report = held_out | {
        "rows": sum(rows),
        "train_rows": rows[0],
        "test_rows": rows[1],
        "features": dataset.features,
        "hyperparameters": dataset.hyperparameters,
        "seconds": {
            "read": read_at - started,
            "fit": fitted_at - read_at,
            "total": time.perf_counter() - started,
        },
        "peak_rss_bytes": peak_rss_bytes(),
        "versions": {"python": platform.python_version(), **versions},
    }
    write(args.report, "--report", json.dumps(report, indent=1).encode())


def peak_rss_bytes() -> int:
    """The most memory this process ever had resident. Linux counts kibibytes, macOS bytes (getrusage(2))."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
