"""Python's side of bench:predict: one row a call, timed in this process.

Arguments: a model file (UBJSON), a file of rows (32-bit floats, little-endian, row after row), features a row.
Each line on standard input names a way, and gets a line of JSON back: {"seconds": of processor time for all rows, "answers": SHA-256 of the
predictions' bits in big-endian order}.
"""

import gc
import hashlib
import json
import sys
import time

import numpy
import xgboost


def main() -> None:
    model_file, rows_file, features = sys.argv[1], sys.argv[2], int(sys.argv[3])
    # One row has nothing to share between threads, and the server predicts on one, too.
    booster = xgboost.Booster({"nthread": 1}, model_file=model_file)
    rows = [
        row.reshape(1, features).copy()
        for row in numpy.fromfile(rows_file, dtype="<f4").reshape(-1, features)
    ]
    ways = {
        "predict": lambda row: booster.predict(xgboost.DMatrix(row, nthread=1)),
        "inplace_predict": lambda row: booster.inplace_predict(row, validate_features=False),
    }
    print(json.dumps({"python": sys.version.split()[0], "xgboost": xgboost.__version__}), flush=True)
    for line in sys.stdin:
        predict = ways[line.strip()]
        gc.collect()
        started = time.process_time()
        answers = [predict(row)[0] for row in rows]
        seconds = time.process_time() - started
        digest = hashlib.sha256(numpy.array(answers, dtype=">f4").tobytes()).hexdigest()
        print(json.dumps({"seconds": seconds, "answers": digest}), flush=True)


main()
