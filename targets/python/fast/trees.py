"""The model, walked by Treelite: its trees as they are, without what XGBoost sets up for each call."""

from __future__ import annotations

import ctypes
import hashlib
import json
from pathlib import Path

import numpy as np
import treelite

from service.dataset import Dataset
from service.feature_store import CorruptRow
from service.settings import BadSetting

#: Bytes of a feature, a 32-bit float.
WIDTH = 4


def _in_order(model: treelite.Model) -> None:
    """Have sums begin with the base score, as XGBoost's do: Treelite adds it last, and floats know no other order.

    The base score goes into the leaves of the first tree of each class: the first sum is then the same rounded one.
    """
    header = model.get_header_accessor()
    base = header.get_field("base_scores")
    begun = set()
    for place, owner in enumerate(header.get_field("class_id")):
        if owner in begun:
            continue
        begun.add(owner)
        tree = model.get_tree_accessor(place)
        leaves = tree.get_field("leaf_value").copy()
        leaves[tree.get_field("cleft") < 0] += base.astype(leaves.dtype)[owner]
        tree.set_field("leaf_value", leaves)
    header.set_field("base_scores", np.zeros_like(base))


class Trees:
    """Predicts one row on the calling thread. A thread has an instance of its own: they share nothing that is written to.

    Treelite's own wrapper makes arrays and a configuration of each call, some fifty times what the walk takes. So its C interface
    is called, with all but the row prepared. Raises BadSetting for a file that is no such model.
    """

    def __init__(self, file: Path, dataset: Dataset) -> None:
        try:
            self._model = treelite.frontend.load_xgboost_model(str(file))
        except treelite.TreeliteError as error:
            raise BadSetting(f"MODEL_FILE '{file}': expected an XGBoost model that train.py wrote with --model") from error
        self.features = self._model.num_feature
        if self.features != len(dataset.features):
            raise BadSetting(
                f"MODEL_FILE '{file}': expected the features {', '.join(dataset.features)}, but it has {self.features} features"
            )
        _in_order(self._model)
        self.sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        library = treelite.core._LIB  # noqa: SLF001: the C interface is public, its handle in Python is not
        self._settings = ctypes.c_void_p()
        said = json.dumps({"predict_type": "default", "nthread": 1}).encode()
        if library.TreeliteGTILParseConfig(said, ctypes.byref(self._settings)):
            raise BadSetting(f"Treelite refuses {said!r}")
        outputs = max(1, int(self._model.get_header_accessor().get_field("num_class")[0]))
        self._output = (ctypes.c_float * outputs)()
        self._call = ctypes.CFUNCTYPE(
            ctypes.c_int,
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_char_p,
            ctypes.c_uint64,
            ctypes.c_void_p,
            ctypes.c_void_p,
        )(("TreeliteGTILPredict", library))
        handle = self._model.handle
        self._handle = handle.value if isinstance(handle, ctypes.c_void_p) else handle
        self._place = ctypes.addressof(self._output)
        self._bytes = self.features * WIDTH
        self._is_class = dataset.task == "classification"

    def predict(self, row: bytes) -> float:
        """The prediction for a row of packed 32-bit floats, NaN where a value is missing, as the service gives it.

        Raises CorruptRow for anything but as many as the model has features.
        """
        if len(row) != self._bytes:
            raise CorruptRow(f"a row has {len(row)} bytes, the model {self.features} features of {WIDTH}")
        if self._call(self._handle, row, b"float32", 1, self._place, self._settings):
            raise RuntimeError("Treelite could not predict")
        output = self._output
        if not self._is_class:
            return output[0]
        if len(output) == 1:
            return float(output[0] > 0.5)
        return float(max(range(len(output)), key=output.__getitem__))
