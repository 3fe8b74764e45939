"""Train the same model in as little memory as Python's XGBoost allows: rows stream through Arrow into a quantile matrix.

The CSV is parsed once, batch by batch, into 32-bit floats in a temporary file; XGBoost reads them from there as often as it
needs. Neither the rows nor the quantities of all of them are ever whole in memory, but for XGBoost's own matrix.
Arguments, split, model and report are those of train.py.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import xgboost

from service.dataset import Dataset
from training_files import arguments, described, leave, refuse, split

#: Of the CSV at a time, and so of every batch.
BLOCK_BYTES = 4 << 20

Batch = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


def batches_of(csv: Path, dataset: Dataset) -> Iterator[Batch]:
    """Features of shape (rows, features) as 32-bit floats, and the target of shape (rows,) in 64 bits, batch by batch."""
    used = [*dataset.features, dataset.target]
    try:
        reader = pa_csv.open_csv(
            csv,
            read_options=pa_csv.ReadOptions(block_size=BLOCK_BYTES),
            convert_options=pa_csv.ConvertOptions(
                include_columns=used, column_types={name: pa.float64() for name in used}, null_values=[""]
            ),
        )
        for batch in reader:
            columns = [column.to_numpy(zero_copy_only=False) for column in batch.columns]
            if np.isnan(columns[-1]).any():
                refuse(f"--csv {csv}: column {dataset.target} is empty in a line, expected a number")
            features = np.empty((batch.num_rows, len(dataset.features)), dtype=np.float32)
            for place, column in enumerate(columns[:-1]):
                features[:, place] = column
            yield features, columns[-1]
    except (OSError, KeyError, pa.ArrowInvalid) as error:
        refuse(f"--csv {csv}: cannot be read ({str(error).strip()})")


class Rows:
    """All rows in a temporary file of Arrow's, as often as they are asked for."""

    def __init__(self, file: Path, csv: Path, dataset: Dataset) -> None:
        self.file = file
        self.count = 0
        self.classes = 0
        schema = pa.schema([("features", pa.list_(pa.float32(), len(dataset.features))), ("target", pa.float64())])
        with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            for features, target in batches_of(csv, dataset):
                values = pa.FixedSizeListArray.from_arrays(pa.array(features.reshape(-1)), len(dataset.features))
                writer.write_batch(pa.record_batch([values, pa.array(target)], schema=schema))
                self.count += len(target)
                self.classes = max(self.classes, int(target.max(initial=0)) + 1)

    def between(self, first: int, last: int) -> Iterator[Batch]:
        """The rows from `first` to before `last`."""
        start = 0
        with pa.OSFile(str(self.file), "rb") as source, pa.ipc.open_file(source) as reader:
            for place in range(reader.num_record_batches):
                batch = reader.get_batch(place)
                low, high = max(first - start, 0), min(last - start, batch.num_rows)
                start += batch.num_rows
                if low < high:
                    part = batch.slice(low, high - low)
                    values = part.column(0).flatten().to_numpy(zero_copy_only=False)
                    yield values.reshape(part.num_rows, -1), part.column(1).to_numpy(zero_copy_only=False)


class Streamed(xgboost.DataIter):
    """What XGBoost reads the training rows from, several times."""

    def __init__(self, rows: Rows, last: int, features: list[str]) -> None:
        super().__init__()
        self.rows, self.last, self.features = rows, last, features
        self.batches = rows.between(0, last)

    def reset(self) -> None:
        self.batches = self.rows.between(0, self.last)

    def next(self, input_data: Any) -> bool:
        for features, target in self.batches:
            input_data(data=features, label=target, feature_names=self.features)
            return True
        return False


class Score:
    """Metrics of all held-out rows, of which only a batch is known at a time."""

    def __init__(self, task: str, classes: int) -> None:
        self.task, self.count, self.absolute, self.squared = task, 0, 0.0, 0.0
        self.mean, self.deviations = 0.0, 0.0
        self.counts = np.zeros((classes, classes), dtype=np.int64)

    def add(self, truth: np.ndarray[Any, Any], predictions: np.ndarray[Any, Any]) -> None:
        if self.task == "classification":
            np.add.at(self.counts, (truth.astype(int), predictions.astype(int)), 1)
            self.count += len(truth)
            return
        errors = truth - predictions.astype(np.float64)
        self.absolute += float(np.abs(errors).sum())
        self.squared += float((errors * errors).sum())
        # Chan, Golub and LeVeque: mean and squares of two parts make those of both.
        mean, count = float(truth.mean()), self.count + len(truth)
        apart = mean - self.mean
        self.deviations += float(((truth - mean) ** 2).sum()) + apart * apart * self.count * len(truth) / count
        self.mean += apart * len(truth) / count
        self.count = count

    def metrics(self) -> dict[str, float]:
        if self.task == "classification":
            right, actual, predicted = np.diag(self.counts), self.counts.sum(axis=1), self.counts.sum(axis=0)
            known = actual + predicted > 0
            f1 = 2 * right[known] / (actual + predicted)[known]
            return {"accuracy": float(right.sum() / self.count), "f1": float(f1.mean())}
        metrics = {"mean_absolute_error": self.absolute / self.count, "mean_squared_error": self.squared / self.count}
        return metrics | ({"r2": 1 - self.squared / self.deviations} if self.deviations > 0 else {})


def parameters_of(dataset: Dataset, classes: int, threads: int) -> tuple[dict[str, Any], int]:
    """XGBoost's own names and the number of rounds, as XGBRegressor and XGBClassifier make them of the hyperparameters."""
    given = dict(dataset.hyperparameters)
    rounds = int(given.pop("n_estimators", 100))
    for name, own in {"n_jobs": "nthread", "random_state": "seed"}.items():
        if name in given:
            given[own] = given.pop(name)
    several = {"objective": "multi:softprob", "num_class": classes}
    if dataset.task == "regression":
        usual: dict[str, Any] = {"objective": "reg:squarederror"}
    else:
        usual = {"objective": "binary:logistic"} if classes <= 2 else several
    return {**usual, **({"nthread": threads} if threads else {}), **given}, rounds


def answers_of(output: np.ndarray[Any, Any], dataset: Dataset) -> np.ndarray[Any, Any]:
    """What the estimators' predict() makes of a booster's output: the number itself, or the likeliest class."""
    if dataset.task == "regression" or dataset.hyperparameters.get("objective") == "multi:softmax":
        return output
    return output.argmax(axis=1) if output.ndim > 1 else (output > 0.5).astype(np.int64)


def main(argv: list[str] | None = None) -> None:
    started = time.perf_counter()
    args = arguments("train_lean.py", __doc__, argv)
    dataset = described(args.dataset)
    file: Path = args.csv
    if not file.is_file():
        refuse(f"--csv {file}: no such file")
    with tempfile.TemporaryDirectory(dir=args.model.parent) as folder:
        rows = Rows(Path(folder) / "rows.arrow", args.csv, dataset)
        read_at = time.perf_counter()
        train_rows, test_rows = split(rows.count, dataset, args.dataset)
        parameters, rounds = parameters_of(dataset, rows.classes, args.threads)
        try:
            matrix = xgboost.QuantileDMatrix(
                Streamed(rows, train_rows, dataset.features), max_bin=parameters.get("max_bin"), nthread=parameters.get("nthread")
            )
            booster = xgboost.train(parameters, matrix, num_boost_round=rounds)
        except (ValueError, TypeError) as error:  # XGBoost's own is a ValueError
            refuse(f"--dataset {args.dataset}: XGBoost refuses it: {str(error).strip().splitlines()[0]}")
        fitted_at = time.perf_counter()
        del matrix

        score, digest = Score(dataset.task, rows.classes), hashlib.sha256()
        for features, truth in rows.between(train_rows, rows.count):
            predictions = answers_of(booster.inplace_predict(features), dataset).astype("<f4")
            score.add(truth, predictions)
            digest.update(np.ascontiguousarray(predictions).tobytes())

    seen: dict[str, object] = {}
    if test_rows:
        seen = {"metrics": score.metrics(), "predictions_sha256": digest.hexdigest()}
    leave(
        args,
        bytes(booster.save_raw("ubj")),
        dataset,
        rows=(train_rows, test_rows),
        marks=(started, read_at, fitted_at),
        versions={"xgboost": xgboost.__version__, "pyarrow": pa.__version__, "numpy": np.__version__},
        held_out=seen,
    )


if __name__ == "__main__":
    main()
