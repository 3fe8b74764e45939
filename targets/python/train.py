"""Train the service's model as the published benchmark did: pandas reads the CSV, scikit-learn's API fits XGBoost.

Which columns are read and what is fitted with which hyperparameters is said by the dataset's description.

Rows stay in file order and the last ones are held out, as the database does it, so that both sides fit the same rows.
Writes the booster in XGBoost's own format (UBJSON) and a report as JSON. Bad input: one line on stderr, exit code 2.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
import xgboost
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, mean_squared_error, r2_score
from sklearn.model_selection import train_test_split

from service.dataset import Dataset
from training_files import arguments, described, leave, refuse, split


def refuse_text(csv: Path, column: pd.Series) -> None:
    """Refuse a column of shape (rows,) that holds text, true or false, or a number beyond 64 bits."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        bad = column[np.isinf(column)]
    else:
        # The first that is no number; where each is one, pandas still found them too large for a number column.
        bad = column[pd.to_numeric(column.astype(str), errors="coerce").isna() & column.notna()]
        bad = bad if len(bad) else column[column.notna()]
    if len(bad):
        refuse(f"--csv {csv}: column {column.name} holds '{bad.iloc[0]}' in line {bad.index[0] + 2}, expected a finite number")


def read(csv: Path, dataset: Dataset) -> tuple[pd.DataFrame, pd.Series]:
    """Features of shape (rows, features) in their order, and the target of shape (rows,)."""
    target, expected = dataset.target, dataset.columns
    used = [*dataset.features, target]
    texts = {name: str for name in expected if name not in used}
    try:
        frame = pd.read_csv(csv, dtype=texts)
    except FileNotFoundError:
        refuse(f"--csv {csv}: no such file")
    except OSError as error:
        refuse(f"--csv {csv}: cannot be read ({error.strerror})")
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        refuse(f"--csv {csv}: not a CSV file ({str(error).strip()})")
    # pandas takes a row's surplus fields for an index and so shifts every column.
    if not isinstance(frame.index, pd.RangeIndex):
        refuse(f"--csv {csv}: its rows have more fields than its header of {len(frame.columns)}")
    columns = list(map(str, frame.columns))
    for name in expected:
        if name not in columns:
            refuse(f"--csv {csv}: the column {name} is missing, expected {', '.join(expected)}")
    if columns != expected:
        refuse(f"--csv {csv}: the columns are {', '.join(columns)}, expected {', '.join(expected)}")
    if frame.empty:
        refuse(f"--csv {csv}: holds no rows")
    for name in used:
        refuse_text(csv, frame[name])
    if frame[target].isna().any():
        refuse(f"--csv {csv}: column {target} is empty in line {frame[target].isna().idxmax() + 2}, expected a number")
    return frame.drop(columns=[name for name in columns if name not in dataset.features]), frame[target]


def metrics_of(truth: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    """Regression metrics of two arrays of shape (rows,). There is no r2 where the truth is the same in all rows.

    In 64 bits: of whole numbers and 32-bit predictions scikit-learn would make 32-bit floats, in which large numbers are
    no longer apart.
    """
    truth, predictions = truth.astype(np.float64), predictions.astype(np.float64)
    metrics = {
        "mean_absolute_error": float(mean_absolute_error(truth, predictions)),
        "mean_squared_error": float(mean_squared_error(truth, predictions)),
    }
    if truth.min() < truth.max():
        metrics["r2"] = float(r2_score(truth, predictions))
    return metrics


def scores_of(truth: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    """Of classes: the share that is right, and the mean of f1 over the classes."""
    return {
        "accuracy": float(accuracy_score(truth, predictions)),
        "f1": float(f1_score(truth, predictions, average="macro")),
    }


METRICS = {"regression": metrics_of, "classification": scores_of}


def main(argv: list[str] | None = None) -> None:
    started = time.perf_counter()
    args = arguments("train.py", __doc__, argv)
    dataset = described(args.dataset)
    features, target = read(args.csv, dataset)
    read_at = time.perf_counter()

    train_rows, test_rows = split(len(features), dataset, args.dataset)
    if test_rows:
        learned, held_out, known, truth = train_test_split(features, target, test_size=test_rows, shuffle=False)
    else:
        learned, known = features, target
    estimator = xgboost.XGBClassifier if dataset.task == "classification" else xgboost.XGBRegressor
    model = estimator(**{"n_jobs": args.threads or None, **dataset.hyperparameters})
    try:
        model.fit(learned, known)
    except (ValueError, TypeError) as error:  # XGBoost's own is a ValueError
        refuse(f"--dataset {args.dataset}: XGBoost refuses it: {str(error).strip().splitlines()[0]}")
    fitted_at = time.perf_counter()

    seen: dict[str, object] = {}
    if test_rows:
        predictions = model.predict(held_out).astype("<f4")
        seen["metrics"] = METRICS[dataset.task](truth.to_numpy(), predictions)
        seen["predictions_sha256"] = hashlib.sha256(np.ascontiguousarray(predictions).tobytes()).hexdigest()

    leave(
        args,
        bytes(model.get_booster().save_raw("ubj")),
        dataset,
        rows=(train_rows, test_rows),
        marks=(started, read_at, fitted_at),
        versions={
            "xgboost": xgboost.__version__,
            "pandas": pd.__version__,
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
        },
        held_out=seen,
    )


if __name__ == "__main__":
    main()
