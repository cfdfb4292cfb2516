"""DFAL: the nearest boundary is asked about, whatever model has it."""

import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks
from skorch import NeuralNetClassifier
from torch import nn

from skactive import ActiveLearner
from skactive.deep import DFAL
from skactive.nets import NetClassifier, deep_fool
from skactive.nets.modules import MLP
from skactive.testing import check_strategy

pytestmark = pytest.mark.deep

W3 = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
B3 = np.array([0.2, 0.0, -0.1])
POOL = np.array([[0.3, -0.2], [1.0, 1.0], [-0.5, 0.1], [2.0, -1.0]])
RADII = [0.313049516850, 0.141421356237, 0.089442719100, 1.475804865150]


def blobs(n=60, d=4, n_classes=3, seed=0):
    rng = np.random.RandomState(seed)
    y = np.arange(n) % n_classes
    return 2.0 * np.eye(n_classes, d)[y] + rng.standard_normal((n, d)), y


def quick(**settings):
    return NetClassifier(**{"max_epochs": 3, "batch_size": 16, **settings})


def fitted(estimator=None, n_labeled=24, n=60, **settings):
    X, y = blobs(n)
    estimator = quick() if estimator is None else estimator
    strategy = DFAL(estimator, random_state=0).set_params(**settings)
    return strategy.fit(X[:n_labeled], y[:n_labeled], X[n_labeled:])


def images(n=40, dtype=np.float32):
    X = np.random.RandomState(0).randint(0, 256, (n, 3, 8, 8))
    X = X.astype(np.uint8) if dtype == np.uint8 else (X / 255).astype(dtype)
    return X, np.repeat(["ant", "bee"], n // 2)[np.random.RandomState(1).permutation(n)]


class Linear3(nn.Module):
    """Three classes in the plane, worked out by hand."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(2, 3)
        self.head.weight.data = torch.tensor(W3).float()
        self.head.bias.data = torch.tensor(B3).float()

    def forward(self, X):
        return self.head(X)


def net3(**settings):
    """Return a net with given weights, trained so little that it keeps them."""
    net = NetClassifier(Linear3(), lr=1e-12, max_epochs=1, **settings)
    return net.fit(POOL[:3], [0, 1, 2])


# ------------------------------------------------------------------------ the contract


@pytest.mark.parametrize(
    "strategy",
    [
        DFAL(quick(max_epochs=2)),
        DFAL(LogisticRegression()),
        DFAL(quick(max_epochs=2), space="features", subset=None, norm=1),
        DFAL(quick(max_epochs=2), sign_step=0.1, norm=np.inf, clip=(-50, 50)),
    ],
    ids=["net", "linear", "features", "sign"],
)
def test_contract(strategy):
    results = check_strategy(strategy)
    assert len(results) >= 40
    assert {result["status"] for result in results} <= {"passed", "skipped"}


@pytest.mark.filterwarnings("ignore:Skipping check check_array_api")
@parametrize_with_checks([DFAL(quick()), DFAL(LogisticRegression())])
def test_scikit_learn(estimator, check):
    check(estimator)


def test_images_are_taken_as_they_are():
    scores = []
    for dtype in (np.uint8, np.float32):
        X, y = images(dtype=dtype)
        strategy = DFAL(quick(), random_state=0).fit(X[:15], y[:15], X[15:])
        assert len(set(strategy.query(5))) == 5
        assert set(strategy.perturbations(X).target) <= {"ant", "bee"}
        scores.append(strategy.score_samples(X))
    np.testing.assert_allclose(*scores, rtol=1e-4)


# --------------------------------------------------------------------- what it asks for


def test_a_pool_is_asked_about_by_distance_by_hand():
    strategy = DFAL(FrozenEstimator(net3()))
    strategy.fit(POOL[:3], [0, 1, 2], POOL)
    np.testing.assert_allclose(
        strategy.score_samples(POOL), -np.array(RADII), rtol=1e-5
    )
    assert strategy.query(4).tolist() == [2, 1, 0, 3]
    found = strategy.perturbations(POOL)
    assert found.target.tolist() == [2, 1, 1, 2]
    assert set(found.status) == {"flipped"} and set(found.n_iter) == {1}
    # Margins and entropies would ask in another order.
    proba = strategy.estimator_.predict_proba(POOL)
    entropy = -(proba * np.log(proba)).sum(axis=1)
    assert np.argsort(-entropy).tolist() == [2, 0, 1, 3]


@pytest.mark.parametrize("norm", [1, 2, np.inf])
@pytest.mark.parametrize(
    "model", [LogisticRegression(), LinearSVC(), RidgeClassifier()], ids=str
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_distances_to_linear_boundaries_are_exact(model, norm, n_classes):
    """Moved by its distance a sample is on the boundary, and by no less."""
    X, y = load_iris(return_X_y=True)
    X, y = X[y < n_classes], np.array(["a", "b", "c"])[y[y < n_classes]]
    strategy = DFAL(model, norm=norm, overshoot=1e-6).fit(X[::3], y[::3], X)
    found = strategy.perturbations(X)
    own = strategy.estimator_.predict(X)
    assert (found.target != own).all()
    moved, _, _ = strategy.augment_with_adversarial(X, y)
    moved = moved[len(X) :]
    assert len(moved) == len(X)
    np.testing.assert_array_equal(strategy.estimator_.predict(moved), found.target)
    length = np.linalg.norm(moved - X, norm, axis=1)
    np.testing.assert_allclose(length, found.radius * (1 + 1e-6), rtol=1e-6)
    short = X + 0.999 * (moved - X)
    np.testing.assert_array_equal(strategy.estimator_.predict(short), own)
    # No random perturbation of that length crosses a boundary.
    for seed in range(20):
        r = np.random.RandomState(seed).normal(size=X.shape)
        r *= (0.999 * found.radius / np.linalg.norm(r, norm, axis=1))[:, None]
        np.testing.assert_array_equal(strategy.estimator_.predict(X + r), own)


def test_features_of_a_net_are_measured_in_closed_form():
    """As by gradients in the space of the embedding, and unlike those in the input."""
    strategy = fitted(space="features")
    X, _ = blobs()
    net = strategy.estimator_
    Z = torch.tensor(net.transform(X))
    found = deep_fool(net.net_.module_.head, Z)
    np.testing.assert_allclose(-strategy.score_samples(X), found.radius, rtol=1e-4)
    outer = fitted().score_samples(X)
    assert not np.allclose(outer, strategy.score_samples(X), rtol=0.1)


def test_features_of_plain_modules_are_found():
    module = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    assert len(fitted(quick(module=module), space="features").query(3)) == 3
    odd = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3), nn.Tanh())
    with pytest.raises(ValueError, match="not that of a Linear layer.*space='input'"):
        fitted(quick(module=odd), space="features")


def test_a_net_that_returns_probabilities_has_the_same_boundary():
    X, _ = blobs(20, d=2)
    plain = DFAL(FrozenEstimator(net3())).fit(POOL, [0, 1, 2, 0], X)
    module = nn.Sequential(Linear3(), nn.Softmax(dim=1))
    soft = NetClassifier(module, criterion=nn.NLLLoss, lr=1e-12, max_epochs=1)
    soft = FrozenEstimator(soft.fit(POOL[:3], [0, 1, 2]))
    strategy = DFAL(soft).fit(POOL, [0, 1, 2, 0], X)
    np.testing.assert_allclose(
        strategy.score_samples(X), plain.score_samples(X), rtol=1e-3
    )


def test_distances_are_those_after_the_pipeline():
    X, y = blobs()
    X = X * [1, 100, 0.01, 1]
    scaler = StandardScaler().fit(X[:24])
    piped = fitted_on(make_pipeline(StandardScaler(), quick()), X, y)
    alone = fitted_on(quick(), scaler.transform(X), y)
    np.testing.assert_allclose(
        piped.score_samples(X), alone.score_samples(scaler.transform(X)), rtol=1e-3
    )


def fitted_on(estimator, X, y, n_labeled=24, **settings):
    strategy = DFAL(estimator, **settings)
    # One seed for the net, whatever the shape of the estimator around it.
    net = estimator[-1] if hasattr(estimator, "steps") else estimator
    net.set_params(random_state=3)
    return strategy.fit(X[:n_labeled], y[:n_labeled], X[n_labeled:])


class Bent(nn.Module):
    """Class 1 outside of a circle; far out, steps are many; class 2 has no gradient."""

    def __init__(self):
        super().__init__()
        self.still = nn.Parameter(torch.zeros(1))

    def forward(self, X):
        rise = X.square().sum(dim=1) - 4 + self.still
        flat = torch.full_like(rise, -1e4)
        dead = X[:, 0] < -50
        rise = torch.where(dead, 1e3 + 0 * rise, rise)
        return torch.stack([torch.zeros_like(rise), rise, flat], dim=1)


def bent():
    net = NetClassifier(Bent(), lr=1e-12, max_epochs=1, classes=[0, 1, 2])
    return FrozenEstimator(net.fit(POOL[:2], [0, 1]))


def test_samples_that_are_not_flipped_come_last():
    X = np.array([[-60.0, 0.0], [40.0, 0.0], [2.5, 0.0], [30.0, 0.0], [2.1, 0.0]])
    asked = {}
    for unflipped in ("last", "inf", "keep"):
        strategy = DFAL(bent(), max_iter=2, unflipped=unflipped, random_state=0)
        strategy.fit(POOL[:2], [0, 1], X)
        scores = strategy.score_samples(X)
        assert np.isfinite(scores).all()
        asked[unflipped] = strategy.query(5).tolist()
    found = strategy.perturbations(X)
    status = ["flat", "max_iter", "flipped", "max_iter", "flipped"]
    assert found.status.tolist() == status
    assert found.target[0] == 1  # a flat sample stays where it is
    assert asked["last"] == asked["keep"] == [4, 2, 3, 1, 0]
    assert asked["inf"][:2] == [4, 2]
    # A third step leads nowhere but to a longer way.
    few = DFAL(bent(), max_iter=1, unflipped="keep").fit(POOL[:2], [0, 1], X)
    assert few.query(5).tolist() == [4, 2, 3, 1, 0]


def test_a_far_sample_that_is_flipped_precedes_a_near_one_that_is_not():
    X = np.array([[2.6, 0.0], [0.0, 1.0], [0.0, 0.01]])
    settings = {"max_iter": 1, "overshoot": 0}
    found = DFAL(bent(), **settings).fit(POOL[:2], [0, 1], X).perturbations(X)
    assert found.status.tolist() == ["max_iter", "flipped", "flipped"]
    assert found.radius[0] < found.radius[1] < found.radius[2]
    for unflipped, first in (("last", 1), ("inf", 1), ("keep", 0)):
        strategy = DFAL(bent(), unflipped=unflipped, **settings)
        assert strategy.fit(POOL[:2], [0, 1], X).query(1) == first


def test_only_a_subset_is_looked_at():
    strategy = fitted(subset=10)
    answer = strategy.query(10)
    np.testing.assert_array_equal(strategy.query(10), answer)
    whole = fitted().query(36)
    assert sorted(whole[:10]) != sorted(answer)
    ranks = [list(whole).index(position) for position in answer]
    assert ranks == sorted(ranks)  # the same order among those looked at
    assert sorted(strategy.query(36)) == list(range(36))
    with pytest.raises(ValueError, match="only subset=10 are considered"):
        strategy.query(11)


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_the_size_of_batches_changes_nothing(size):
    X, _ = blobs()
    for settings in ({}, {"sign_step": 0.1}):
        expected = fitted(**settings).perturbations(X)
        found = fitted(batch_size=size, **settings).perturbations(X)
        np.testing.assert_allclose(found.radius, expected.radius, rtol=1e-4)
        np.testing.assert_array_equal(found.status, expected.status)


def test_linear_models_within_a_range_are_attacked_by_steps():
    X, y = blobs(n_classes=2)
    free = DFAL(LogisticRegression()).fit(X, y, X)
    wide = DFAL(LogisticRegression(), clip=(-99, 99)).fit(X, y, X)
    np.testing.assert_allclose(wide.score_samples(X), free.score_samples(X), rtol=1e-9)
    low, high = X.min(), X.max()
    tight = DFAL(LogisticRegression(), clip=(low, high)).fit(X, y, X)
    both, _, _ = tight.augment_with_adversarial(X, y)
    assert both.min() >= low and both.max() <= high
    assert (tight.score_samples(X) <= free.score_samples(X) + 1e-9).all()


# -------------------------------------------------------------------------- adversaries


def test_adversaries_have_the_labels_of_their_parents():
    strategy = fitted()
    X, y = blobs(20, seed=1)
    names = np.array(["a", "b", "c"])[y]
    both, labels, parents = strategy.augment_with_adversarial(X, names)
    assert len(both) == len(labels) == len(parents) > 30
    np.testing.assert_array_equal(both[:20], X)
    np.testing.assert_array_equal(parents[:20], np.arange(20))
    np.testing.assert_array_equal(labels, names[parents])
    found = strategy.perturbations(X)
    rows = parents[20:]
    np.testing.assert_array_equal(rows, np.flatnonzero(found.status == "flipped"))
    net = strategy.estimator_
    np.testing.assert_array_equal(net.predict(both[20:]), found.target[rows])
    length = np.linalg.norm(both[20:] - X[rows], axis=1)
    np.testing.assert_allclose(length, 1.02 * found.radius[rows], rtol=1e-4)


def test_samples_that_are_not_flipped_have_no_adversary():
    X = np.array([[-60.0, 0.0], [40.0, 0.0], [2.5, 0.0]])
    strategy = DFAL(bent(), max_iter=2).fit(POOL[:2], [0, 1], X)
    both, _, parents = strategy.augment_with_adversarial(X, [1, 1, 1])
    assert len(both) == 4 and parents.tolist() == [0, 1, 2, 2]


def test_far_adversaries_can_be_left_out():
    strategy = fitted(LogisticRegression())
    X, y = blobs(21, seed=1)
    radius = strategy.perturbations(X).radius
    _, _, parents = strategy.augment_with_adversarial(X, y, max_ratio=1)
    np.testing.assert_array_equal(
        parents[21:], np.flatnonzero(radius <= np.median(radius))
    )
    with pytest.raises(ValueError, match="max_ratio must be above 0"):
        strategy.augment_with_adversarial(X, y, max_ratio=0)


def test_adversaries_come_back_through_the_pipeline():
    X, y = blobs()
    strategy = fitted(make_pipeline(StandardScaler(), LogisticRegression()))
    found = strategy.perturbations(X)
    both, _, _ = strategy.augment_with_adversarial(X, y)
    predicted = strategy.estimator_.predict(both[len(X) :])
    np.testing.assert_array_equal(predicted, found.target)
    lost = fitted(make_pipeline(Normalizer(), LogisticRegression()))
    with pytest.raises(ValueError, match="no inverse_transform"):
        lost.augment_with_adversarial(X, y)
    with pytest.raises(ValueError, match="space='input'"):
        fitted(space="features").augment_with_adversarial(X, y)


def test_adversaries_of_images():
    X, y = images()
    strategy = DFAL(quick(), clip=(0, 1), random_state=0).fit(X[:15], y[:15], X[15:])
    both, _, _ = strategy.augment_with_adversarial(X[:9], y[:9])
    assert both.shape[1:] == (3, 8, 8) and both.dtype == np.float32
    assert both.min() >= 0 and both.max() <= 1
    pixels, _ = images(dtype=np.uint8)
    with pytest.raises(ValueError, match="divided by 255"):
        strategy.augment_with_adversarial(pixels, y)


# ------------------------------------------------------------------------ what is fed


@pytest.mark.parametrize(
    "model",
    [
        DecisionTreeClassifier(),
        SVC(),
        SVC(kernel="linear"),
        make_pipeline(PCA(2), SVC()),
    ],
    ids=str,
)
def test_models_without_such_boundaries_are_refused(model):
    with pytest.raises(TypeError, match="Pass a NetClassifier"):
        fitted(model)


def test_a_plain_skorch_net_is_taken_for_its_settings():
    X, y = blobs()
    X = X.astype(np.float32)
    net = NeuralNetClassifier(
        MLP,
        criterion=nn.CrossEntropyLoss,
        max_epochs=2,
        module__n_features=4,
        module__n_classes=3,
    )
    for estimator in (net, make_pipeline(StandardScaler(), net)):
        strategy = DFAL(estimator, random_state=0).fit(X[:24], y[:24], X[24:])
        assert len(strategy.query(3)) == 3

    class Own(NeuralNetClassifier):
        pass

    with pytest.raises(TypeError, match="subclass Own"):
        fitted(Own(MLP))


def test_one_class_is_asked_about_at_random():
    X, _ = blobs()
    strategy = DFAL(quick(), random_state=0).fit(X[:9], np.zeros(9), X[9:])
    assert set(strategy.perturbations(X).status) == {"flat"}
    assert len(set(strategy.query(51))) == 51


def test_nan_is_refused_before_anything_is_attacked():
    X, y = blobs()
    for model in (quick(), LogisticRegression()):
        strategy = fitted(model)
        X_bad = X.copy()
        X_bad[3, 1] = np.nan
        with pytest.raises(ValueError, match="NaN"):
            strategy.score_samples(X_bad)
        with pytest.raises(ValueError, match="NaN"):
            DFAL(model).fit(X_bad[:24], y[:24], X[24:])


def test_a_saturated_net_is_answered():
    net = net3()
    with torch.no_grad():
        for weight in net.net_.module_.parameters():
            weight.mul_(1e5)
    assert (net.predict_proba(POOL).max(axis=1) == 1).all()
    strategy = DFAL(FrozenEstimator(net)).fit(POOL[:3], [0, 1, 2], POOL)
    assert strategy.query(4).tolist() == [2, 1, 0, 3]
    np.testing.assert_allclose(
        strategy.score_samples(POOL), -np.array(RADII), rtol=1e-4
    )


def test_double_precision_reaches_linear_models():
    X, _ = blobs()
    strategy = fitted(LogisticRegression())
    scores = strategy.score_samples(X)
    assert scores.dtype == np.float64
    # Two samples that single precision does not tell apart.
    pair = np.array([[1.0, 0, 0, 0], [1.0 + 1e-12, 0, 0, 0]])
    assert np.diff(strategy.score_samples(pair)) != 0
    assert fitted().score_samples(X.astype(np.float32)).dtype == np.float32


def test_sparse_tables_and_data_frames():
    X, y = blobs()
    dense = fitted(LogisticRegression())
    csr = sparse.csr_array(X)
    strategy = DFAL(LogisticRegression(), random_state=0)
    strategy.fit(csr[:24], y[:24], csr[24:])
    np.testing.assert_allclose(strategy.score_samples(csr), dense.score_samples(X))
    with pytest.raises(TypeError, match="toarray"):
        strategy.augment_with_adversarial(csr, y)
    frame = pd.DataFrame(X, columns=list("abcd"))
    for model in (
        quick(),
        LogisticRegression(),
        make_pipeline(StandardScaler(), quick()),
    ):
        strategy = DFAL(model, random_state=0).fit(frame[:24], y[:24], frame[24:])
        assert len(strategy.query(3)) == 3
        assert len(strategy.augment_with_adversarial(frame, y)[0]) > len(frame)


@pytest.mark.parametrize(
    "settings, text",
    [
        ({"norm": 3}, "norm must be 1, 2 or inf"),
        ({"norm": "L2"}, "'norm'"),
        ({"max_iter": 0}, "'max_iter'"),
        ({"overshoot": -0.1}, "'overshoot'"),
        ({"n_classes": 1}, "'n_classes'"),
        ({"sign_step": 0}, "'sign_step'"),
        ({"clip": (1, 0)}, r"clip must be \(low, high\)"),
        ({"space": "output"}, "'space'"),
        ({"unflipped": "never"}, "'unflipped'"),
    ],
)
def test_bad_settings_are_refused(settings, text):
    with pytest.raises(ValueError, match=text):
        fitted(**settings)


# ------------------------------------------------------------------ state and the loop


def test_the_net_is_left_as_it_was():
    X, y = blobs()
    net = quick(
        module=nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))
    )
    strategy = DFAL(net, random_state=0).fit(X[:24], y[:24], X[24:])
    module = strategy.estimator_.net_.module_
    state = {k: v.clone() for k, v in module.state_dict().items()}
    module.train()
    before = torch.get_rng_state()
    for settings in ({}, {"sign_step": 0.1}, {"space": "features"}):
        strategy.set_params(**settings).query(5)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(v, state[k]) for k, v in module.state_dict().items())
    assert all(w.grad is None and w.requires_grad for w in module.parameters())


def test_a_model_that_arrives_fitted_is_asked_and_not_trained():
    X, y = blobs(90)
    learner = ActiveLearner(
        quick(), DFAL(), n_initial=20, budget=10, batch_size=5, random_state=0
    ).fit(X, y)
    assert learner.history_["n_labeled"] == [20, 25, 30]
    net = net3()
    weights = [weight.clone() for weight in net.net_.module_.parameters()]
    strategy = DFAL(FrozenEstimator(net)).fit(POOL[:3], [2, 2, 2], POOL)
    assert strategy.estimator_.estimator is net
    for weight, expected in zip(net.net_.module_.parameters(), weights):
        assert torch.equal(weight, expected)
    assert strategy.classes_.tolist() == [0, 1, 2]


def test_a_learner_with_a_pipeline_is_served():
    X, y = blobs(90)
    learn = partial(ActiveLearner, n_initial=20, budget=10, random_state=0)
    for model in (
        make_pipeline(StandardScaler(), LogisticRegression()),
        make_pipeline(StandardScaler(), quick()),
    ):
        learner = learn(model, DFAL()).fit(X, y)
        again = learn(clone(model), DFAL()).fit(X, y)
        np.testing.assert_array_equal(learner.queried_indices_, again.queried_indices_)


def test_one_seed_is_one_query():
    X, _ = blobs()
    answers = [fitted().query(10).tolist() for _ in "ab"]
    assert answers[0] == answers[1]
    other = fitted(random_state=1).score_samples(X)
    assert not np.allclose(other, fitted().score_samples(X))


def test_a_pickled_learner_does_not_carry_the_pool():
    y = np.arange(4000) % 2
    X = np.random.RandomState(0).normal(size=(4000, 6)) + y[:, None]

    def learner(n):
        learner = ActiveLearner(
            LogisticRegression(), DFAL(quick()), n_initial=6, budget=3, random_state=0
        )
        return learner.fit(X[:n], y[:n])

    whole, few = pickle.dumps(learner(4000)), pickle.dumps(learner(100))
    assert len(whole) - len(few) < X.nbytes / 3
    copy = pickle.loads(whole)
    assert np.isfinite(copy.strategy_.score_samples(X[:5])).all()


def test_a_pool_with_nan_is_refused_before_the_training():
    X = np.random.RandomState(0).normal(size=(30, 4)).astype(np.float32)
    X_pool = X.copy()
    X_pool[3, 0] = np.nan
    with pytest.raises(ValueError, match="X_pool contains NaN"):
        DFAL(NetClassifier(max_epochs=1)).fit(X, np.arange(30) % 2, X_pool)
