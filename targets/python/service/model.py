"""The model: one booster a process, one row a prediction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xgboost

from .dataset import Dataset
from .feature_store import CorruptRow
from .settings import BadSetting

def _reader(task: str, objective: str) -> Callable[[np.ndarray], np.ndarray]:
    """What is made of the booster's output: a class where classes are predicted, as the database side does it."""
    if task == "classification" and objective == "binary:logistic":
        return lambda output: (output > 0.5).astype(np.float32)
    if task == "classification" and objective == "multi:softprob":
        return lambda output: output.argmax(axis=1).astype(np.float32)
    return lambda output: output


class Model:
    """A booster that predicts on the calling thread.

    One row has nothing to share between threads; starting OpenMP's costs more than the whole prediction.
    ``inplace_predict`` spares the DMatrix that ``predict`` builds for each call, and is safe to call from many threads
    (https://xgboost.readthedocs.io/en/stable/prediction.html). XGBoost cannot compare names with a bare array, so
    they are compared here, once. Raises BadSetting for a file that is no such model.
    """

    def __init__(self, file: Path, dataset: Dataset) -> None:
        try:
            self._booster = xgboost.Booster({"nthread": 1}, model_file=str(file))
        except xgboost.core.XGBoostError as error:
            raise BadSetting(f"MODEL_FILE '{file}': expected an XGBoost model that train.py wrote with --model") from error
        names, expected = self._booster.feature_names, dataset.features
        if self._booster.num_features() != len(expected) or (names and names != expected):
            given = ", ".join(names) if names else f"{self._booster.num_features()} without names"
            raise BadSetting(f"MODEL_FILE '{file}': expected the features {', '.join(expected)}, but it has {given}")
        self._read = _reader(dataset.task, json.loads(self._booster.save_config())["learner"]["objective"]["name"])
        self.features = len(expected)
        self.sha256 = hashlib.sha256(file.read_bytes()).hexdigest()

    def predict(self, features: list[float | None]) -> float:
        """The prediction for one row, exactly as the 32-bit float that XGBoost gives; ``None`` is a missing value.

        The 64-bit float it becomes holds the same number, and each serializer writes all of its digits.
        Raises CorruptRow for anything but as many numbers as the model has features.
        """
        return float(self._predict([features])[0])

    def predict_batch(self, rows: list[list[float | None]]) -> list[float]:
        """As predict, for each of the rows, which become one matrix."""
        return self._predict(rows).tolist()

    def _predict(self, rows: list[list[float | None]]) -> np.ndarray:
        for row in rows:
            if len(row) != self.features:
                raise CorruptRow(f"a row has {len(row)} features, the model {self.features}")
        try:
            matrix = np.array(rows, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise CorruptRow(f"a row holds something else than numbers: {error}") from error
        return self._read(self._booster.inplace_predict(matrix, validate_features=False))
