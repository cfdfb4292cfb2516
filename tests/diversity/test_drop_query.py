"""DropQuery: what is dropped, whose prediction changes, and what is chosen."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, NeighborhoodComponentsAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skactive.diversity import DropQuery, _drop_query
from skactive.diversity._drop_query import (
    LinearHead,
    changed_predictions,
    often_changed,
)
from skactive.selection import kmeans_representatives


def digits():
    X, y = load_digits(return_X_y=True)
    return X[:100], y[:100], X[100:700]


def test_features_are_dropped_and_the_rest_is_scaled_up():
    seen = []

    def predict(E):
        seen.append(E.copy())
        return np.zeros(len(E))

    E = 1 + np.random.RandomState(0).uniform(size=(400, 50)).astype(np.float32)
    changed_predictions(predict, E, 3, 0.75, np.random.RandomState(0))
    whole, *dropped = seen
    np.testing.assert_array_equal(whole, E)
    assert len(dropped) == 3
    for D in dropped:
        assert D.dtype == np.float32
        kept = D != 0
        np.testing.assert_allclose(D[kept], 4 * E[kept], rtol=1e-6)
        # Five standard deviations of a share of 20,000.
        assert abs(kept.mean() - 0.25) < 5 * np.sqrt(0.25 * 0.75 / 20_000)
    assert (dropped[0] != dropped[1]).any()


def test_probability_of_a_change_is_that_of_its_feature():
    # The first class wins by its only feature unless that is dropped.
    E = np.tile([1.0, 0.0], (20_000, 1))
    head = LinearHead(np.array([[1.0, 0], [0, 1]]), np.array([0, 0.5]))
    changes = changed_predictions(head, E, 4, 0.3, np.random.RandomState(0))
    assert abs(changes.mean() / 4 - 0.3) < 5 * np.sqrt(0.21 / 80_000)


@pytest.mark.parametrize("block_bytes", [1, 7 * 64 * 8, 2**30])
def test_blocks_only_change_what_is_drawn(monkeypatch, block_bytes):
    monkeypatch.setattr(_drop_query, "BLOCK_BYTES", block_bytes)
    X, y, X_pool = digits()
    model = LogisticRegression(C=0.01).fit(X, y)
    rng = np.random.RandomState(0)
    changes = changed_predictions(model.predict, X_pool[:200], 3, 0.75, rng)
    assert 0.3 < changes.mean() < 2.7


def test_threshold_falls_only_where_candidates_are_few():
    changes = np.repeat([0, 1, 2, 3], [10, 20, 30, 40])
    assert len(often_changed(changes, 2, 3)) == 70  # 50 are plenty
    assert len(often_changed(changes, 3, 3)) == 90  # 75 are not there
    assert len(often_changed(changes, 100, 3)) == 90
    assert len(often_changed(changes, 2, 5)) == 70  # 3 of 5: 40 are too few


def test_all_that_change_come_first_and_then_others():
    # Nothing changes for the first 30, whatever is dropped.
    X_pool = np.concatenate([np.zeros((30, 2)), np.tile([[2.0, -1.9]], (3, 1))])
    model = LogisticRegression(C=100)
    X = np.array([[1.0, 0], [0, 1.0], [-1.0, 0], [0, -1.0]])
    strategy = DropQuery(model, n_passes=9, random_state=0).fit(X, [1, 1, 0, 0], X_pool)
    asked = strategy.query(10)
    assert set(asked[:3]) == {30, 31, 32}
    assert len(set(asked)) == 10


def test_one_predicted_class_spreads_over_the_pool():
    X_pool = np.array([[9.0, 1], [9, 1.1], [1, 9], [1.1, 9]])
    model = LogisticRegression(C=1e-9)
    strategy = DropQuery(model, random_state=0).fit(
        [[1.0, 0], [0, 1.0], [1, 1]], [0, 0, 1], X_pool
    )
    asked = strategy.query(2)
    assert set(asked // 2) == {0, 1}


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(C=0.01),
        make_pipeline(StandardScaler(), LogisticRegression(C=0.01)),
        make_pipeline(StandardScaler(), KNeighborsClassifier()),
        DecisionTreeClassifier(),
        LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.5),
    ],
    ids=["linear", "pipeline", "neighbors", "tree", "discriminant"],
)
def test_any_classifier_will_do(model):
    X, y, X_pool = digits()
    strategy = DropQuery(model, random_state=0).fit(X, y, X_pool)
    asked = strategy.query(10)
    assert len(set(asked)) == 10
    assert asked.tolist() == strategy.query(10).tolist()
    assert sorted(strategy.query(600)) == list(range(600))


def test_what_is_dropped_is_what_the_last_layer_sees():
    X, y, X_pool = digits()
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
    inside = DropQuery(model, random_state=0).fit(X, y, X_pool).query(10)
    scaler = StandardScaler().fit(X)
    outside = DropQuery(LogisticRegression(C=0.01), random_state=0)
    outside = outside.fit(scaler.transform(X), y, scaler.transform(X_pool)).query(10)
    assert inside.tolist() == outside.tolist()


@pytest.mark.deep
def test_nets_are_asked_by_their_last_layer():
    pytest.importorskip("torch")
    from skactive.nets import NetClassifier

    X, y, X_pool = digits()
    X, X_pool = np.float32(X / 16), np.float32(X_pool / 16)
    net = NetClassifier(max_epochs=5, random_state=0)
    strategy = DropQuery(net, random_state=0).fit(X, y, X_pool)
    E = strategy.estimator_.transform(X_pool)
    says = strategy.estimator_.classes_[strategy._head(E)]
    assert (says == strategy.estimator_.predict(X_pool)).all()
    assert len(set(strategy.query(10))) == 10


class Projecting(NeighborhoodComponentsAnalysis):
    """A classifier that transforms, with no last layer to be asked by itself."""

    def predict(self, X):
        return np.zeros(len(X), dtype=int)


def test_models_without_a_last_layer_are_refused():
    X, y, X_pool = digits()
    with pytest.raises(ValueError, match="Take a classifier without transform"):
        DropQuery(Projecting(n_components=2, max_iter=1)).fit(X, y, X_pool)


def test_sparse_pools_are_asked_as_dense_ones():
    X, y, X_pool = digits()
    strategy = DropQuery(LogisticRegression(C=0.01), random_state=0).fit(X, y, X_pool)
    changes = [
        changed_predictions(strategy._head, pool, 9, 0.75, np.random.RandomState(0))
        for pool in (X_pool, sparse.csr_array(X_pool))
    ]
    assert changes[0].tolist() == changes[1].tolist()
    csr = DropQuery(LogisticRegression(C=0.01), random_state=0)
    csr.fit(sparse.csr_array(X), y, sparse.csr_array(X_pool))
    assert csr.query(9).tolist() == strategy.query(9).tolist()


def test_mapped_pools_are_asked_as_those_in_memory(tmp_path):
    X, y, X_pool = digits()
    np.save(tmp_path / "pool.npy", X_pool)
    mapped = np.load(tmp_path / "pool.npy", mmap_mode="r")
    strategy = DropQuery(LogisticRegression(C=0.01), random_state=0)
    asked = strategy.fit(X, y, X_pool).query(9).tolist()
    assert strategy.fit(X, y, mapped).query(9).tolist() == asked


def test_copies_and_zeros_are_asked_once_each():
    X, y, X_pool = digits()
    X_pool = np.concatenate([np.zeros((20, 64)), np.repeat(X_pool[:3], 10, axis=0)])
    strategy = DropQuery(LogisticRegression(C=0.01), random_state=0).fit(X, y, X_pool)
    for n in (1, 7, 49, 50):
        assert len(set(strategy.query(n))) == n


def slow_answer(model, E, n, n_passes, dropout, rng):
    """DropQuery by loops over passes, samples and features."""
    n_rows, n_columns = E.shape
    says = [model.predict(row[None])[0] for row in E]
    changes = [0] * n_rows
    for _ in range(n_passes):
        drawn = iter(np.frombuffer(rng.bytes(2 * E.size), dtype=np.uint16))
        for i in range(n_rows):
            left = np.zeros((1, n_columns))
            for j in range(n_columns):
                if next(drawn) < (1 - dropout) * 2**16:
                    left[0, j] = E[i, j] / (1 - dropout)
            changes[i] += model.predict(left)[0] != says[i]
    for least in range(n_passes // 2 + 1, 0, -1):
        candidates = [i for i in range(n_rows) if changes[i] >= least]
        if len(candidates) >= 25 * n:
            break
    if len(candidates) > n:
        Z = np.array([E[i] / np.sqrt((E[i] ** 2).sum()) for i in candidates])
        picks = kmeans_representatives(Z, n, random_state=rng)
        return [candidates[k] for k in picks], least
    first = rng.permutation(candidates).tolist()
    rest = rng.permutation([i for i in range(n_rows) if i not in candidates])
    return [*first, *rest.tolist()][:n], least


@pytest.mark.parametrize(
    ("n", "n_passes", "dropout", "least"),
    [
        (2, 3, 0.75, 2),  # plenty of candidates
        (5, 3, 0.75, 1),  # not so many
        (2, 5, 0.25, 1),
        (1, 5, 0.5, 3),
        (90, 2, 0.05, 1),  # fewer than are asked for
    ],
)
def test_whole_answers_are_those_of_slow_loops(n, n_passes, dropout, least):
    rng = np.random.RandomState(0)
    Z = rng.standard_normal((160, 5))
    y = np.argmax(Z[:, :3] + 0.1, axis=1)
    X, y, X_pool = Z[:40], y[:40], Z[40:]
    model = make_pipeline(StandardScaler(), LogisticRegression())
    strategy = DropQuery(model, n_passes=n_passes, dropout=dropout, random_state=1)
    asked = strategy.fit(X, y, X_pool).query(n)
    scaler, linear = strategy.estimator_
    expected, found = slow_answer(
        linear,
        scaler.transform(X_pool),
        n,
        n_passes,
        dropout,
        strategy._query_random_state(),
    )
    assert found == least
    assert asked.tolist() == expected


@pytest.mark.parametrize(
    ("params", "error", "match"),
    [
        ({"n_passes": 0}, ValueError, "'n_passes' parameter of"),
        ({"n_passes": 2.0}, TypeError, "'n_passes' parameter of"),
        ({"dropout": 0}, ValueError, "'dropout' parameter of"),
        ({"dropout": 1.0}, ValueError, "'dropout' parameter of"),
        ({"dropout": "most"}, ValueError, "'dropout' parameter of"),
    ],
)
def test_bad_parameters_are_refused(params, error, match):
    with pytest.raises(error, match=match):
        DropQuery(**params).fit([[0.0], [1.0]], [0, 1], [[0.5]])
