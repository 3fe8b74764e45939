"""Makes up customers, some of whom left, and learns from them who will: the data, the model, and its weights for SQL."""

import csv

import joblib
import numpy
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

names = ["months", "monthly_fee", "support_calls", "late_payments"]
count = 2000

random = numpy.random.default_rng(1)
features = numpy.column_stack(
    [
        random.integers(1, 72, count),
        random.integers(10, 120, count),
        random.poisson(1.5, count),
        random.poisson(0.7, count),
    ]
)
chance = 1 / (1 + numpy.exp(1.5 - features @ [-0.05, 0.01, 0.5, 0.4]))
left = random.random(count) < chance

scaler, regression = model = make_pipeline(StandardScaler(), LogisticRegression()).fit(features, left)
joblib.dump(model, "model.joblib")

# The scaler is linear, too: one weight a column says the same of the columns as they are.
weights = regression.coef_[0] / scaler.scale_
intercept = regression.intercept_[0] - weights @ scaler.mean_


def write(file, head, rows):
    with open(file, "w", newline="") as opened:
        csv.writer(opened).writerows([head, *rows])


write("model.csv", ["intercept", *names], [[float(each) for each in [intercept, *weights]]])
write("customers.csv", ["id", *names], ([id, *row] for id, row in enumerate(features.tolist(), start=1)))
