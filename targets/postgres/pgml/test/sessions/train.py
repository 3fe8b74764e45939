"""Trains as pgml.train() does, with Python's XGBoost, and scores with scikit-learn.

A job on standard input: {"features": [[number or null]], "target": [number], "rounds", "classification"}; the last quarter
of the rows is held out. Answers {"predictions": of all rows, "metrics": {name: value}}, without the metrics that
scikit-learn calls undefined.
"""

import json
import math
import sys

import numpy
import xgboost
from sklearn import metrics


def main() -> None:
    job = json.load(sys.stdin)
    features = numpy.array(job["features"], dtype=numpy.float32)
    # XGBoost rounds it to 32 bits for itself; it is scored as it is, in 64, by scikit-learn too.
    target = numpy.array(job["target"], dtype=numpy.float64)
    split = len(target) - int(len(target) * 0.25 + 0.5)
    if job["classification"]:
        model = xgboost.XGBClassifier(n_estimators=job["rounds"])
    else:
        model = xgboost.XGBRegressor(n_estimators=job["rounds"])
    model.fit(features[:split], target[:split])
    predictions = model.predict(features)
    truth, held_out = target[split:], predictions[split:]
    if job["classification"]:
        scores = {
            "accuracy": metrics.accuracy_score(truth, held_out),
            "f1": metrics.f1_score(truth, held_out, average="macro"),
            "precision": metrics.precision_score(truth, held_out, average="macro", zero_division=0),
            "recall": metrics.recall_score(truth, held_out, average="macro"),
            "log_loss": metrics.log_loss(truth, model.predict_proba(features[split:])),
        }
    else:
        held_out = held_out.astype(numpy.float64)
        scores = {
            # Not 1 or 0, which scikit-learn else gives where the target does not vary.
            "r2": metrics.r2_score(truth, held_out, force_finite=False),
            "mean_absolute_error": metrics.mean_absolute_error(truth, held_out),
            "mean_squared_error": metrics.mean_squared_error(truth, held_out),
        }
    defined = {name: float(value) for name, value in scores.items() if math.isfinite(value)}
    json.dump({"predictions": predictions.tolist(), "metrics": defined}, sys.stdout)


main()
