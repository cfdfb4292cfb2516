"""Words, hashes and fingerprints of what decides a run."""

import copy
import json
import os
import re
import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats
from sklearn.model_selection import KFold
from sklearn.naive_bayes import GaussianNB
from sklearn.utils import Bunch

from skactive.benchmark._describe import describe, fingerprint, hash_of
from skactive.benchmark._run import Task
from skactive.diversity import CoreSet
from skactive.uncertainty import EntropySampling, InformationDensity, entropy, margin


def test_a_configuration_is_described_alike_in_every_process(toy):
    one = InformationDensity(uncertainty=margin, embedding=CoreSet())
    text = json.dumps(describe(one), sort_keys=True)
    assert "0x" not in text and "skactive.uncertainty._margin.margin" in text
    assert hash_of(describe(one)) != hash_of(
        describe(InformationDensity(uncertainty=entropy, embedding=CoreSet()))
    )
    assert describe(np.float64(2)) == 2.0
    assert fingerprint(toy.X) == fingerprint(toy.X.copy()) != fingerprint(toy.X + 1)
    data = Bunch(name="d", fingerprint="f")
    tasks = [
        Task(data, "s", EntropySampling(), GaussianNB(), seed, {}, "s")
        for seed in (0, 1)
    ]
    assert tasks[0].config_hash != tasks[1].config_hash


def test_parts_are_described_in_plain_words():
    assert describe(GaussianNB()) == {
        "class": "sklearn.naive_bayes.GaussianNB",
        "priors": None,
        "var_smoothing": 1e-09,
    }
    # A class is a name, not an object with parameters.
    assert describe(GaussianNB) == "sklearn.naive_bayes.GaussianNB"
    assert describe({1: (np.int64(2), margin)}) == {
        "1": [2, "skactive.uncertainty._margin.margin"]
    }
    assert describe(np.arange(3)) == {"array": fingerprint(np.arange(3))}
    for plain in (None, True, 3, 0.5, "text"):
        assert describe(plain) is plain
    assert describe(1j) == "1j"


def test_a_fingerprint_tells_kinds_shapes_and_names_apart():
    rows = np.arange(6)
    arrays = [
        rows,
        rows.astype(np.float64),
        rows.reshape(2, 3),
        rows.reshape(3, 2),
        np.array(["a", "b"], dtype=object),
        np.array(["a", "c"], dtype=object),
        pd.DataFrame({"a": [0, 1], "b": [2, 3]}),
        pd.DataFrame({"a": [0, 1], "c": [2, 3]}),
        pd.DataFrame({"a": [0, 1], "b": ["2", "3"]}),
        sparse.csr_array([[0, 1.0], [2.0, 0]]),
        sparse.csr_array([[1.0, 0], [2.0, 0]]),
    ]
    assert len({fingerprint(array) for array in arrays}) == len(arrays)
    assert fingerprint(rows, rows) != fingerprint(np.concatenate([rows, rows]))
    wide = np.arange(12).reshape(2, 6)
    assert fingerprint(wide[:, ::2]) == fingerprint(wide[:, ::2].copy())


def test_a_hash_does_not_depend_on_the_order_of_keys():
    assert hash_of({"a": 1, "b": [2]}) == hash_of({"b": [2], "a": 1})
    assert hash_of({"a": 1, "b": [2]}) != hash_of({"a": 1, "b": [3]})


# ------------------------------------------------- the same words in every process

PARTS = """
import functools, json, random
import numpy as np
from scipy import sparse, stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer, f1_score
from sklearn.model_selection import KFold, RandomizedSearchCV
from skactive.benchmark._describe import describe, fingerprint

class Plain:
    def __init__(self):
        self.words = {"a", "b", "c", "d"}
        self.me = self
    def method(self):
        pass

def outer(n):
    def inner(x):
        return x + n in {"u", "v", "w"}
    return inner

parts = {
    "set": {"ant", "bee", "cat", "dog", 3},
    "frozenset": frozenset(["ant", "bee", "cat"]),
    "sets of sets": [{"a": {"x", "y", "z"}}],
    "partial": functools.partial(outer, n={"a", "b", "c"}),
    "partial of partial": functools.partial(functools.partial(max, 3), key=len),
    "state": np.random.RandomState(3),
    "generator": np.random.default_rng(3),
    "global": np.random.mtrand._rand,
    "lambda": lambda x: x in {"a", "b", "c"},
    "inner": outer(3),
    "nested": lambda x: (lambda y: y + 1)(x),
    "method": Plain().method,
    "object": Plain(),
    "objects": np.array([Plain(), None], dtype=object),
    "folds": KFold(3, shuffle=True, random_state=np.random.RandomState(0)),
    "search": RandomizedSearchCV(
        LogisticRegression(), {"C": stats.loguniform(1e-3, 1)},
        random_state=np.random.RandomState(0), scoring=make_scorer(f1_score),
        cv=KFold(3, shuffle=True, random_state=np.random.RandomState(0)),
    ),
    "distribution": stats.norm(1, scale=2),
    "class": Plain,
    "sparse": sparse.eye_array(3),
    "labels": fingerprint(np.array([{"a", "b", "c"}, Plain()], dtype=object)),
}
print(json.dumps({name: describe(part) for name, part in parts.items()}))
"""


def test_every_part_is_described_alike_in_every_process():
    texts = [
        subprocess.run(
            [sys.executable, "-c", PARTS],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    one, other = map(json.loads, texts)
    assert one == other
    assert not re.search("0x[0-9a-f]{6}", texts[0])
    assert len(one) == 20


def made(n):
    return lambda x: x + n


class Named:
    """An object without parameters."""

    def __init__(self, value):
        self.value = value

    def ask(self):
        return self.value


@pytest.mark.parametrize(
    "one, other",
    [
        (lambda x: x, lambda x: -x),
        (lambda x: x + 1, lambda x: x + 2),
        (lambda x: np.max(x), lambda x: np.min(x)),
        (lambda x=1: x, lambda x=2: x),
        (lambda *, x=1: x, lambda *, x=2: x),
        (made(1), made(2)),
        (partial(made, 1), partial(made, 2)),
        (partial(made, n=1), partial(max, n=1)),
        (np.random.RandomState(0), np.random.RandomState(1)),
        (np.random.default_rng(0), np.random.default_rng(1)),
        ({"a", "b"}, {"a", "c"}),
        (Named(1), Named(2)),
        (Named(1).ask, Named(2).ask),
        (sparse.eye_array(3), 2 * sparse.eye_array(3)),
        (pd.DataFrame({"a": range(1000)}), pd.DataFrame({"a": range(1000)[::-1]})),
        (pd.Series(range(1000)), pd.Series(range(1000)[::-1])),
        (KFold(3, random_state=None), KFold(4)),
        (stats.norm(0, 1), stats.norm(0, 2)),
        (stats.norm(0, 1), stats.uniform(0, 1)),
        ([np.arange(2000)], [np.arange(2000)[::-1]]),
    ],
)
def test_parts_that_differ_are_described_otherwise(one, other):
    assert describe(one) != describe(other)
    assert json.dumps(describe(one)) and describe(one) == describe(one)
    if not isinstance(one, (np.random.RandomState, np.random.Generator)):
        assert describe(copy.deepcopy(one)) == describe(one)


def test_functions_with_a_name_are_described_by_it_alone():
    assert describe(margin) == "skactive.uncertainty._margin.margin"
    assert describe(np.mean) == "numpy.mean"
    assert describe(Named.ask) == f"{__name__}.Named.ask"


def test_what_holds_itself_comes_to_an_end():
    loop = Named(None)
    loop.value = [loop]
    assert "within itself" in json.dumps(describe(loop))
    words = []
    words.append(words)
    assert describe(words) == ["builtins.list (within itself)"]


# ------------------------------------------------------------ fingerprints

SPARSE = ("csr", "csc", "coo", "lil", "dia", "dok", "bsr")
DENSE = np.array([[0, 1.0, 0], [2.0, 0, 3.0]])


def test_a_sparse_matrix_has_one_hash_in_every_format():
    kinds = [
        getattr(sparse, f"{form}_{kind}")(DENSE)
        for form in SPARSE
        for kind in ("array", "matrix")
    ]
    assert len({fingerprint(one) for one in kinds}) == 1
    # Entries in another order, and in parts, are the same matrix, left as it is.
    parts = sparse.coo_array(
        ([1.0, 1.0, 3.0, 1.0], ([1, 0, 1, 1], [0, 1, 2, 0])), (2, 3)
    )
    assert fingerprint(parts) == fingerprint(kinds[0]) and parts.nnz == 4


def test_shapes_of_sparse_matrices_are_told_apart():
    entries = ([1.0, 2.0], ([0, 1], [1, 0]))
    shapes = [(2, 2), (2, 3), (2, 5), (3, 2), (3, 3), (5, 2)]
    made = [sparse.coo_array(entries, shape).tocsr() for shape in shapes]
    assert len({fingerprint(one) for one in made}) == len(shapes)
    empty = [sparse.csr_array(shape) for shape in [(2, 3), (2, 5), (3, 2), (0, 3)]]
    assert len({fingerprint(one) for one in empty}) == 4
    transposed = [sparse.csr_array(DENSE[:, :2]), sparse.csc_array(DENSE[:, :2].T)]
    assert fingerprint(transposed[0]) != fingerprint(transposed[1])


def test_data_of_stores_of_before_have_the_hash_that_they_had():
    assert fingerprint(np.arange(3)) == "7b36b57ac44bbed5"
    assert fingerprint(np.array(["a", None], dtype=object)) == "175c9865ae2262cf"
    assert fingerprint(sparse.csr_array(DENSE)) == "3b5fec26cb56fa04"


def test_objects_in_arrays_are_looked_into():
    long = np.arange(2000)
    one, other = (np.array([None, None], dtype=object) for _ in range(2))
    one[0], other[0] = long, np.where(long == 1000, 0, long)
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one) == fingerprint(copy.deepcopy(one))
    ragged = [np.zeros((2, 2)), np.zeros((3, 3))]
    assert fingerprint(ragged) != fingerprint(ragged[::-1])


def test_what_is_masked_is_part_of_the_hash():
    values = np.arange(3)
    masks = [[0, 0, 0], [0, 1, 0], [1, 0, 0]]
    hashes = {fingerprint(np.ma.masked_array(values, mask)) for mask in masks}
    assert len(hashes) == 3 and fingerprint(values) in hashes


def test_frames_of_other_libraries_have_the_hash_of_their_columns():
    columns = {"a": [0, 1], "b": [2.0, 3.0]}
    expected = fingerprint(pd.DataFrame(columns))
    polars = pytest.importorskip("polars", reason="polars is not installed")
    assert fingerprint(polars.DataFrame(columns)) == expected
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    assert fingerprint(arrow.table(columns)) == expected
