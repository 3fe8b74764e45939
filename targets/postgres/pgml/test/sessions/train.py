"""Trains as pgml.train() does, with Python's XGBoost, and scores with scikit-learn.

A job on standard input: {"features": [[number or null]], "target": [number], "rounds", "classification"}; the last quarter
of the rows is held out. Answers {"predictions": of all rows, "metrics": {name: value}}.
"""

import json
import sys

import numpy
import xgboost
from sklearn import metrics


def main() -> None:
    job = json.load(sys.stdin)
    features = numpy.array(job["features"], dtype=numpy.float32)
    target = numpy.array(job["target"], dtype=numpy.float32)
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
        scores = {
            "r2": metrics.r2_score(truth, held_out),
            "mean_absolute_error": metrics.mean_absolute_error(truth, held_out),
            "mean_squared_error": metrics.mean_squared_error(truth, held_out),
        }
    json.dump({"predictions": predictions.tolist(), "metrics": {k: float(v) for k, v in scores.items()}}, sys.stdout)


main()
