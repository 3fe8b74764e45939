"""The model: one booster a process, one row a prediction."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import xgboost


class Model:
    """A booster that predicts on the calling thread.

    One row has nothing to share between threads; starting OpenMP's costs more than the whole prediction.
    ``inplace_predict`` spares the DMatrix that ``predict`` builds for each call, and is safe to call from many threads
    (https://xgboost.readthedocs.io/en/stable/prediction.html).
    """

    def __init__(self, file: Path) -> None:
        self._booster = xgboost.Booster({"nthread": 1}, model_file=str(file))
        self.features: int = self._booster.num_features()
        self.sha256 = hashlib.sha256(file.read_bytes()).hexdigest()

    def predict(self, features: list[float | None]) -> float:
        """The prediction for one row, exactly as the 32-bit float that XGBoost gives; ``None`` is a missing value."""
        row = np.array([features], dtype=np.float32)
        return float(self._booster.inplace_predict(row, validate_features=False)[0])
