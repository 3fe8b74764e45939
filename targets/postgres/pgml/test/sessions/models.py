"""Models that Python's XGBoost trains, hard rows for each, and the answers that it gives: one JSON object a line.

A row is hard where a comparison or a sum could go another way: a value equal to a split, or next to it, is missing,
infinite, zero of either sign, or too small to be a normal number. Floats travel as text that gives the same 32 bits back.

{"name", "model": base64 of UBJSON, "rows": [[text]], "answers": [[hex of the 32 bits]], "fast": whether pgml's fast
predictor is to take it, "why": what it says if not}
"""

import base64
import json
import sys

import numpy
import xgboost

random = numpy.random.default_rng(20130101)
FEATURES = 7


def training_rows(count=3000):
    rows = random.normal(scale=100, size=(count, FEATURES)).astype(numpy.float32)
    rows[:, 1] = rows[:, 1].round()  # many equal values
    rows[:, 2] = numpy.float32(1e-41) * random.integers(-50, 50, count).astype(numpy.float32)  # denormal
    rows[:, 3] = random.integers(0, 4, count)
    rows[:, 4] *= numpy.float32(1e30)
    rows[random.random(rows.shape) < 0.1] = numpy.nan
    signal = numpy.nan_to_num(rows[:, 0]) / 100 + numpy.nan_to_num(rows[:, 3]) + (rows[:, 2] > 0)
    return rows, (signal + random.normal(size=count) / 4).astype(numpy.float32)


def splits_of(booster):
    """The thresholds of each feature, as the model's JSON has them."""
    model = json.loads(booster.save_raw("json"))
    splits = [[] for _ in range(FEATURES)]
    learner = model["learner"]["gradient_booster"]
    for tree in learner.get("gbtree", learner).get("model", {}).get("trees", []):
        for left, feature, condition in zip(tree["left_children"], tree["split_indices"], tree["split_conditions"]):
            if left != -1:
                splits[feature].append(numpy.float32(condition))
    return splits


def hard_rows(booster, count):
    special = numpy.array(
        [numpy.nan, numpy.inf, -numpy.inf, 0.0, -0.0, 1e-45, -1e-45, 1.1754944e-38, 3.4028235e38, -3.4028235e38],
        dtype=numpy.float32,
    )
    rows = random.normal(scale=150, size=(count, FEATURES)).astype(numpy.float32)
    for feature, thresholds in enumerate(splits_of(booster)):
        if thresholds:
            picked = random.choice(numpy.array(thresholds, dtype=numpy.float32), count)
            kind = random.integers(0, 5, count)
            rows[:, feature] = numpy.select(
                [kind == 0, kind == 1, kind == 2],
                [
                    picked,
                    numpy.nextafter(picked, numpy.float32(numpy.inf), dtype=numpy.float32),
                    numpy.nextafter(picked, numpy.float32(-numpy.inf), dtype=numpy.float32),
                ],
                rows[:, feature],
            )
    chosen = random.random(rows.shape) < 0.15
    rows[chosen] = random.choice(special, chosen.sum())
    for i, value in enumerate(special):
        rows[i] = value
    return rows


def emit(name, booster, count, fast=True, why=None):
    rows = hard_rows(booster, count)
    # Row by row, for that is how the server asks.
    answers = numpy.array([booster.inplace_predict(row.reshape(1, -1)).reshape(-1) for row in rows])
    answers = answers.reshape(count, -1).astype(numpy.float32)
    json.dump(
        {
            "name": name,
            "model": base64.b64encode(bytes(booster.save_raw("ubj"))).decode(),
            "rows": [[str(value) for value in row] for row in rows],
            "answers": [[f"{int(bits):08x}" for bits in row.view(numpy.uint32)] for row in answers],
            "fast": fast,
            "why": why,
        },
        sys.stdout,
    )
    print()


def train(rows, target, rounds=20, **parameters):
    matrix = xgboost.DMatrix(rows, target)
    return xgboost.train({"nthread": 1, "verbosity": 0, **parameters}, matrix, rounds)


def main(count):
    rows, real = training_rows()
    positive = numpy.exp(real / 4).astype(numpy.float32)
    whole = numpy.floor(positive).astype(numpy.float32)
    share = (1 / (1 + numpy.exp(-real))).astype(numpy.float32)
    binary = (real > 1.5).astype(numpy.float32)
    classes = numpy.clip(real.round(), 0, 4).astype(numpy.float32)

    emit("reg:squarederror", train(rows, real, objective="reg:squarederror"), count)
    emit("one round", train(rows, real, rounds=1), count)
    emit("100 rounds", train(rows, real, rounds=100, max_depth=8, eta=0.05), count)
    emit("no splits", train(rows, numpy.full(len(real), 0.1, numpy.float32), rounds=3), count)
    emit("leaf by leaf", train(rows, real, grow_policy="lossguide", max_leaves=40, max_depth=0, tree_method="hist"), count)
    emit("pruned", train(rows, real, gamma=50, tree_method="exact"), count)
    emit("forests", train(rows, real, num_parallel_tree=3, subsample=0.5, rounds=5), count)
    for base in (0.3, -1234.567, 1e-40, 3e38):
        emit(f"base_score {base}", train(rows, real, base_score=base), count)
    emit("reg:squaredlogerror", train(rows, positive, objective="reg:squaredlogerror"), count)
    emit("reg:pseudohubererror", train(rows, real, objective="reg:pseudohubererror"), count)
    emit("reg:absoluteerror", train(rows, real, objective="reg:absoluteerror"), count)
    emit("reg:quantileerror", train(rows, real, objective="reg:quantileerror", quantile_alpha=0.9), count)
    emit("reg:logistic", train(rows, share, objective="reg:logistic"), count)
    emit("reg:gamma", train(rows, positive, objective="reg:gamma"), count)
    emit("reg:tweedie", train(rows, positive, objective="reg:tweedie"), count)
    emit("count:poisson", train(rows, whole, objective="count:poisson"), count)
    emit("binary:logistic", train(rows, binary, objective="binary:logistic"), count)
    emit("binary:logistic, large", train(rows, binary, objective="binary:logistic", eta=50, rounds=10), count)
    for base in (1e-9, 0.9999999, 0.123456789):
        emit(f"binary:logistic from {base}", train(rows, binary, objective="binary:logistic", base_score=base), count)
    emit("binary:hinge", train(rows, binary, objective="binary:hinge"), count)
    emit("multi:softprob", train(rows, classes, objective="multi:softprob", num_class=5), count)
    emit("multi:softmax", train(rows, classes, objective="multi:softmax", num_class=5), count)

    emit("dart", train(rows, real, booster="dart", rate_drop=0.3), count, False, "its booster is dart")
    emit("rank:pairwise", train_ranking(rows, binary), count, False, "its objective is rank:pairwise")
    emit("binary:logitraw", train(rows, binary, objective="binary:logitraw"), count, False, "its objective is binary:logitraw")
    emit("categories", train_categories(rows, real), count, False, "it splits by categories")
    two = numpy.stack([real, positive], axis=1)
    emit("two targets", train(rows, two), count, False, "it predicts several targets")
    emit("vector leaves", train(rows, two, multi_strategy="multi_output_tree", tree_method="hist"), count, False, "it predicts several targets")
    emit(
        "two quantiles",
        train(rows, real, objective="reg:quantileerror", quantile_alpha=[0.1, 0.9]),
        count,
        False,
        "it predicts several targets",
    )


def train_ranking(rows, target):
    matrix = xgboost.DMatrix(rows, target)
    matrix.set_group([100] * (len(target) // 100))
    return xgboost.train({"objective": "rank:pairwise", "verbosity": 0}, matrix, 5)


def train_categories(rows, target):
    matrix = xgboost.DMatrix(rows, target, feature_types=["q", "q", "q", "c", "q", "q", "q"], enable_categorical=True)
    return xgboost.train({"tree_method": "hist", "max_cat_to_onehot": 1, "verbosity": 0}, matrix, 20)


main(int(sys.argv[1]))
