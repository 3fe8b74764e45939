"""Compare models: what each predicts for the rows that are held out.

The first is what the others are compared with. Prints a list as JSON, one object for each of the others: rows, how many of
the predictions are the same to the last bit, and the largest difference, as a share of the larger prediction (of 1 where
that is smaller).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import xgboost

from train_lean import answers_of, batches_of
from training_files import described, parser, refuse, split


def loaded(file: Path) -> xgboost.Booster:
    try:
        return xgboost.Booster(model_file=bytearray(file.read_bytes()))
    except (OSError, ValueError) as error:
        refuse(f"--model {file}: cannot be read ({str(error).strip().splitlines()[0]})")


def main(argv: list[str] | None = None) -> None:
    made = parser("agreement.py", __doc__)
    made.add_argument("--rows", type=int, required=True, help="of the CSV")
    made.add_argument("--model", type=Path, action="append", required=True, help="in XGBoost's UBJSON; the first one first")
    args = made.parse_args(argv)
    dataset = described(args.dataset)
    train_rows, _ = split(args.rows, dataset, args.dataset)
    first, *others = map(loaded, args.model)
    found = [{"rows": 0, "identical": 0, "largest_difference": 0.0} for _ in others]
    start = 0
    for features, _ in batches_of(args.csv, dataset):
        part = features[max(train_rows - start, 0) :]
        start += len(features)
        if not len(part):
            continue
        expected = answers_of(first.inplace_predict(part), dataset).astype(np.float64)
        for each, booster in zip(found, others, strict=True):
            got = answers_of(booster.inplace_predict(part), dataset).astype(np.float64)
            differences = np.abs(got - expected) / np.maximum(1, np.maximum(np.abs(got), np.abs(expected)))
            each["rows"] += len(part)
            each["identical"] += int((got == expected).sum())
            each["largest_difference"] = max(each["largest_difference"], float(differences.max()))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
