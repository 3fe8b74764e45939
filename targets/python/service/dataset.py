"""A dataset's description, as far as training and service need it: one JSON file, written beside the rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TASKS = ("regression", "classification")
#: What whole numbers of a column may be asked for; columns of other types are asked for by their text.
RANGES = {
    "smallint": (-(2**31), 2**31 - 1),
    "integer": (-(2**31), 2**31 - 1),
    "bigint": (-(2**53) + 1, 2**53 - 1),
}


class BadDataset(ValueError):
    """Says what in the file does not fit."""


@dataclass(frozen=True)
class KeyColumn:
    """A column that a prediction is asked for by."""

    name: str
    #: The least and the highest whole number, or None where values are texts.
    range: tuple[int, int] | None

    def fits(self, value: Any) -> bool:
        if self.range is None:
            return isinstance(value, str)
        return type(value) is int and self.range[0] <= value <= self.range[1]  # a bool is no number here


@dataclass(frozen=True)
class Dataset:
    #: Lists in the feature store are named by it and a key.
    name: str
    columns: list[str]
    features: list[str]
    target: str
    key: list[KeyColumn]
    task: str
    hyperparameters: dict[str, Any]
    test_size: float

    def fits(self, key: Any) -> bool:
        """Whether a value is a key, which is what the database side takes too."""
        return isinstance(key, list) and len(key) == len(self.key) and all(map(KeyColumn.fits, self.key, key))


def read(file: Path) -> Dataset:
    """The description in a file. Raises BadDataset."""
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
        types = {column["name"]: column["type"] for column in given["columns"]}
        dataset = Dataset(
            name=str(given["name"]),
            columns=list(types),
            features=list(given["features"]),
            target=str(given["target"]),
            key=[KeyColumn(name, RANGES.get(types[name])) for name in given["key"]],
            task=str(given["task"]),
            hyperparameters=dict(given["hyperparameters"]),
            test_size=float(given["testSize"]),
        )
    except OSError as error:
        raise BadDataset(f"cannot be read ({error.strerror})") from error
    except (ValueError, LookupError, TypeError) as error:
        raise BadDataset(f"expected a dataset's description as JSON ({type(error).__name__}: {error})") from error
    for name in (*dataset.features, dataset.target):
        if name not in types:
            raise BadDataset(f"expected the names of columns, but '{name}' is none of them")
    if dataset.task not in TASKS:
        raise BadDataset(f"task '{dataset.task}': expected one of {', '.join(TASKS)}")
    rounds = dataset.hyperparameters.get("n_estimators", 1)
    if type(rounds) is not int or rounds < 1:
        raise BadDataset(f"n_estimators {rounds}: expected a whole number of at least 1")
    if not 0 <= dataset.test_size < 1:
        raise BadDataset(f"testSize {dataset.test_size}: expected a number from 0 to below 1")
    return dataset
