"""The strategies beside those of scikit-activeml, and faults that it had.

Where both are deterministic and mean the same, scores and picks agree on samples
without ties. Where they mean something else, a test says what, and why.
"""

import tracemalloc
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import BaggingClassifier, BaggingRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import pairwise_distances

from skactive import disagreement, diversity, lookahead, uncertainty
from skactive.diversity._falcun import drawing_weights
from skactive.diversity._gradient_embedding import GradientRows, loss_gradient
from skactive.exceptions import TopBatchWarning
from skactive.selection import max_herding
from skactive.uncertainty._quire import PoolRidge, signs
from skactive.utils._pool import Pool
from skactive.utils._posterior import posterior_of

# Labeled samples, pool, columns, classes.
SHAPES = [(6, 30, 1, 2), (12, 60, 3, 3), (40, 150, 10, 5)]
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def problem(shape, seed=0):
    """Gaussian samples that belong to classes, each with labeled ones."""
    n_labeled, n_pool, d, n_classes = shape
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n_labeled + n_pool, d))
    y = np.arange(n_labeled) % n_classes
    X[:n_labeled, 0] += 1.5 * y
    X[n_labeled:, 0] += 1.5 * rng.randint(n_classes, size=n_pool)
    return X[:n_labeled], y, X[n_labeled:]


def theirs(name, X, y, X_pool, n=1, *, ask=None, **settings):
    """Picks of scikit-activeml in the pool, and utilities, a row for each pick."""
    pool = pytest.importorskip("skactiveml.pool")
    X_all = np.concatenate([X, X_pool])
    y_all = np.concatenate([y, np.full(len(X_pool), np.nan)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        strategy = getattr(pool, name)(random_state=0, **settings)
        picks, utilities = strategy.query(
            X_all, y_all, batch_size=n, return_utilities=True, **(ask or {})
        )
    return np.asarray(picks) - len(X), utilities[:, len(X) :]


def wrapped(model, X, y):
    """A fitted classifier as scikit-activeml takes it."""
    classifier = pytest.importorskip("skactiveml.classifier")
    model = classifier.SklearnClassifier(FrozenEstimator(model), classes=np.unique(y))
    return model.fit(X, y)


def fitted_model(X, y):
    return LogisticRegression().fit(X, y)


def fitted_committee(X, y, n_members=7):
    model = BaggingClassifier(LogisticRegression(), n_members, random_state=0)
    committee = model.fit(X, y)
    # A bootstrap sample without a class would leave a column of zeros.
    assert all(len(m.classes_) == len(np.unique(y)) for m in committee.estimators_)
    return committee


def by_model(model, X, y):
    return {"clf": wrapped(model, X, y), "fit_clf": False}


def by_members(committee, X, y):
    members = [wrapped(member, X, y) for member in committee.estimators_]
    return {"ensemble": members, "fit_ensemble": False}


def assert_same_scores(strategy, X_pool, picks, utilities, rtol=1e-9):
    """Of a strategy that scores samples one by one: all scores, and the batch."""
    assert_allclose(strategy.score_samples(X_pool), utilities[0], rtol=rtol, atol=1e-13)
    assert_array_equal(strategy.query(len(picks)), picks)


# ------------------------------------------------------------- samples one by one


@pytest.mark.parametrize(
    ("ours", "method"),
    [
        (uncertainty.EntropySampling, "entropy"),
        (uncertainty.MarginSampling, "margin_sampling"),
        (uncertainty.LeastConfidenceSampling, "least_confident"),
    ],
)
@every_shape
def test_uncertainty_is_the_same(shape, ours, method):
    X, y, X_pool = problem(shape)
    model = fitted_model(X, y)
    strategy = ours(FrozenEstimator(model)).fit(X, y, X_pool)
    picks, utilities = theirs(
        "UncertaintySampling",
        X,
        y,
        X_pool,
        9,
        method=method,
        ask=by_model(model, X, y),
    )
    assert_same_scores(strategy, X_pool, picks, utilities)


@every_shape
def test_divergence_of_a_committee_is_the_same(shape):
    X, y, X_pool = problem(shape)
    committee = fitted_committee(X, y)
    ask = by_members(committee, X, y)
    strategy = disagreement.QueryByCommittee(
        FrozenEstimator(committee), disagreement=disagreement.kl_to_consensus
    ).fit(X, y, X_pool)
    picks, utilities = theirs("QueryByCommittee", X, y, X_pool, 9, eps=1e-15, ask=ask)
    assert_same_scores(strategy, X_pool, picks, utilities, rtol=1e-7)


@every_shape
def test_entropy_of_votes_is_the_same(shape):
    X, y, X_pool = problem(shape)
    committee = fitted_committee(X, y)
    strategy = disagreement.QueryByCommittee(FrozenEstimator(committee))
    strategy.fit(X, y, X_pool)
    _, utilities = theirs(
        "QueryByCommittee",
        X,
        y,
        X_pool,
        method="vote_entropy",
        ask=by_members(committee, X, y),
    )
    # Votes tie, and both decide ties by lot: there is no batch to compare.
    scores = strategy.score_samples(X_pool)
    assert len(np.unique(scores)) > 1
    assert_allclose(scores, utilities[0], atol=1e-12)


@every_shape
def test_bald_is_the_same(shape):
    X, y, X_pool = problem(shape)
    committee = fitted_committee(X, y)
    strategy = disagreement.BALD(FrozenEstimator(committee)).fit(X, y, X_pool)
    picks, utilities = theirs(
        "GreedyBALD", X, y, X_pool, 9, eps=1e-15, ask=by_members(committee, X, y)
    )
    assert_same_scores(strategy, X_pool, picks, utilities, rtol=1e-7)


@every_shape
def test_batch_bald_is_the_same_while_all_labels_are_looked_at(shape):
    X, y, X_pool = problem(shape)
    committee = fitted_committee(X, y)
    n, n_configurations = 4, shape[3] ** 4
    strategy = disagreement.BatchBALD(
        FrozenEstimator(committee), n_configurations=n_configurations
    ).fit(X, y, X_pool)
    picks, utilities = theirs(
        "BatchBALD",
        X,
        y,
        X_pool,
        n,
        n_MC_samples=n_configurations,
        ask=by_members(committee, X, y),
    )
    assert_array_equal(strategy.query(n), picks)
    # Theirs is what the batch says with the sample, in double precision.
    information = utilities[np.arange(n), picks]
    assert_allclose(strategy.information(picks), information, rtol=1e-4)


@pytest.mark.parametrize("n_neighbors", [1, 5])
@every_shape
def test_contrast_with_neighbors_is_the_same(shape, n_neighbors):
    X, y, X_pool = problem(shape)
    if shape[2] == 1:  # on a line all samples of one sign have the same direction
        X, X_pool = np.c_[X, np.cos(9 * X)], np.c_[X_pool, np.cos(9 * X_pool)]
    model = fitted_model(X, y)
    strategy = uncertainty.ContrastiveAL(
        FrozenEstimator(model), n_neighbors=n_neighbors
    ).fit(X, y, X_pool)
    # Their neighbors are Euclidean unless told; the paper's features have length one.
    picks, utilities = theirs(
        "ContrastiveAL",
        X,
        y,
        X_pool,
        9,
        nearest_neighbors_dict={"n_neighbors": n_neighbors, "metric": "cosine"},
        ask=by_model(model, X, y),
    )
    assert_same_scores(strategy, X_pool, picks, utilities)


@pytest.mark.parametrize(
    ("loss", "method"), [("log", "log_loss"), ("zero_one", "misclassification_loss")]
)
@pytest.mark.parametrize("shape", [(6, 20, 1, 2), (9, 25, 3, 3)], ids=str)
def test_expected_error_of_parzen_windows_is_the_same(shape, loss, method):
    classifier = pytest.importorskip("skactiveml.classifier")
    X, y, X_pool = problem(shape)
    strategy = lookahead.ExpectedErrorReduction(loss=loss, gamma=0.7)
    parzen = classifier.ParzenWindowClassifier(
        classes=np.unique(y), metric="rbf", metric_dict={"gamma": 0.7}
    )
    picks, _ = theirs(
        "MonteCarloEER",
        X,
        y,
        X_pool,
        10,
        method=method,
        ask={"clf": parzen, "X_eval": X_pool},
    )
    assert_array_equal(strategy.fit(X, y, X_pool).query(10), picks)


# ---------------------------------------------------------------- samples in space


@pytest.mark.parametrize("radius", [0.3, 0.8])
@every_shape
def test_each_pick_covers_most_by_their_count(shape, radius):
    X, y, X_pool = problem(shape)
    strategy = diversity.ProbCover(radius=radius, normalize=False, random_state=0)
    asked = strategy.fit(X, y, X_pool).query(10)
    # Counts tie: each pick of ours must be among the best, given those before.
    for k, pick in enumerate(asked):
        before = asked[:k]
        rest = np.setdiff1d(np.arange(len(X_pool)), before)
        _, utilities = theirs(
            "ProbCover",
            np.concatenate([X, X_pool[before]]),
            np.zeros(len(X) + k),
            X_pool[rest],
            deltas=[radius],
        )
        covers = utilities[0][rest == pick]
        assert covers == utilities[0].max()
        if covers == 0:
            break  # all is covered: ours goes on from far to near, theirs by lot
    else:
        assert k == 9
    assert k > 1 or strategy.coverage_ > 0.9


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("labeled", [False, True])
@every_shape
def test_herding_is_the_same(shape, labeled, normalize):
    X, y, X_pool = problem(shape)
    if shape[2] == 1 and normalize:
        X, X_pool = np.c_[X, np.cos(9 * X)], np.c_[X_pool, np.cos(9 * X_pool)]
    if not labeled:
        X, y = X[:0], y[:0]
    gamma, n = 1.7, 12
    settings = {"radius": 1 / np.sqrt(gamma), "normalize": normalize}
    strategy = diversity.MaxHerding(n_reference=None, random_state=0, **settings)
    strategy = strategy.fit(X, y, X_pool) if labeled else strategy.fit(X_pool)
    asked, gains = max_herding(
        X_pool,
        n,
        Z_labeled=X if labeled else None,
        return_gains=True,
        random_state=strategy._query_random_state(),
        **settings,
    )
    assert_array_equal(strategy.query(n), asked)
    # Two that stand for each other only gain alike: theirs is asked after each pick.
    for k, pick in enumerate(asked):
        before = asked[:k]
        rest = np.setdiff1d(np.arange(len(X_pool)), before)
        _, utilities = theirs(
            "MaxHerding",
            np.concatenate([X, X_pool[before]]),
            np.zeros(len(X) + k),
            X_pool[rest],
            metric="rbf",
            metric_dict={"gamma": gamma},
            normalize_samples=normalize,
        )
        # Theirs is the mean over what was not picked; what was gains nothing.
        utilities = utilities[0] * len(rest) / len(X_pool)
        assert_allclose(utilities[rest == pick], utilities.max(), rtol=1e-9)
        assert_allclose(gains[k], utilities.max(), rtol=1e-9)


@every_shape
def test_losses_and_first_pick_of_quire_are_the_same(shape):
    X, y, X_pool = problem(shape)
    settings = {"lmbda": 0.7, "metric_dict": {"gamma": 0.4}}
    picks, utilities = theirs("Quire", X, y, X_pool, classes=np.unique(y), **settings)
    ridge = PoolRidge(X_pool, X, signs(y, shape[3]), 0.4, 0.7, 1)
    assert_allclose(-utilities[0], ridge.losses(), rtol=1e-8)
    strategy = uncertainty.QUIRE(gamma=0.4, alpha=0.7).fit(X, y, X_pool)
    assert_array_equal(strategy.query(1), picks)


@every_shape
def test_a_batch_of_quire_is_theirs_asked_again_with_predicted_labels(shape):
    """Theirs takes the n smallest losses at once, near duplicates and all."""
    X, y, X_pool = problem(shape)
    strategy = uncertainty.QUIRE(gamma=0.4, alpha=0.7).fit(X, y, X_pool)
    expected, left, labels = [], np.arange(len(X_pool)), np.unique(y)
    for _ in range(3):
        pick = theirs(
            "Quire",
            X,
            y,
            X_pool[left],
            classes=labels,
            lmbda=0.7,
            metric_dict={"gamma": 0.4},
        )[0][0]
        expected.append(left[pick])
        ridge = KernelRidge(alpha=0.7, kernel="rbf", gamma=0.4)
        ridge.fit(X, np.where(y[:, None] == labels, 1, -1))
        row = X_pool[left[[pick]]]
        y = np.append(y, labels[ridge.predict(row).argmax()])
        X, left = np.concatenate([X, row]), np.delete(left, pick)
    assert_array_equal(strategy.query(3), expected)


def blobs(sizes, d=3, seed=0):
    """Groups far from each other, and which sample is in which."""
    rng = np.random.RandomState(seed)
    which = np.repeat(np.arange(len(sizes)), sizes)
    return rng.standard_normal((len(which), d)) + 100.0 * which[:, None] ** 2, which


@pytest.mark.parametrize("n_labeled", [0, 2])
def test_the_most_typical_of_each_new_cluster_are_the_same(n_labeled):
    """With clusters that nobody can miss, and neighbors in all of them."""
    Z, which = blobs([30, 14, 25, 40, 9])
    known = np.searchsorted(which, np.arange(n_labeled))
    rest = np.setdiff1d(np.arange(len(Z)), known)
    X, y, X_pool = Z[known], np.zeros(n_labeled), Z[rest]
    n = 5 - n_labeled
    picks, _ = theirs("TypiClust", X, y, X_pool, n, k=3)
    strategy = diversity.TypiClust(n_neighbors=3, random_state=0)
    strategy = strategy.fit(X, y, X_pool) if n_labeled else strategy.fit(X_pool)
    assert_array_equal(strategy.query(n), picks)


def test_the_middle_of_each_weighted_cluster_is_the_same():
    Z, which = blobs([30, 14, 25, 40, 9])
    # The model looks at columns that say nothing of the clusters.
    Z = np.c_[Z, np.random.RandomState(1).standard_normal((len(Z), 2))]
    X, X_pool = Z[::10], np.delete(Z, np.s_[::10], axis=0)
    y = (X[:, 3] > 0).astype(int)
    model = LogisticRegression().fit(X * [0, 0, 0, 1, 1], y)
    picks, _ = theirs(
        "Clue",
        X,
        y,
        X_pool,
        5,
        cluster_algo_dict={"n_init": 5, "random_state": 0},
        ask={"estimator": wrapped(model, X, y), "fit_estimator": False},
    )
    strategy = diversity.CLUE(FrozenEstimator(model), random_state=0)
    assert set(strategy.fit(X, y, X_pool).query(5)) == set(picks)
    assert len(np.unique(np.delete(which, np.s_[::10])[picks])) == 5


# --------------------------------------------------- where they mean something else


@every_shape
def test_badge_begins_alike_and_goes_on_without_a_center_at_zero(shape):
    """Theirs keeps the origin as a center that was never picked.

    After the first pick the published law is the squared distance to that pick; theirs
    is no more than the squared length, so that short gradients are drawn less often.
    """
    X, y, X_pool = problem(shape)
    model = fitted_model(X, y)
    picks, utilities = theirs("Badge", X, y, X_pool, 2, ask=by_model(model, X, y))
    strategy = diversity.BADGE(FrozenEstimator(model), random_state=0)
    first = strategy.fit(X, y, X_pool).query(1)
    assert_array_equal(first, picks[:1])
    gradients = GradientRows(loss_gradient(model.predict_proba(X_pool)), X_pool)
    length, sq = gradients.sq_length, gradients.nearest_sq(first)
    assert_allclose(utilities[0], length / length.sum(), rtol=1e-9, atol=1e-15)
    ghost = np.minimum(sq, length)
    ghost[first] = np.nan
    assert_allclose(utilities[1], ghost / np.nansum(ghost), rtol=1e-6, atol=1e-12)
    assert np.abs(utilities[1] - sq / sq.sum())[utilities[1] >= 0].max() > 1e-3


def test_falcun_begins_alike_where_uncertainties_range_from_zero_to_one():
    """Its distances are scaled before each draw, as in the authors' code.

    Theirs are not before the first, and later in place, over what was picked, too.
    """
    X = np.array([[0.0], [1.0]])
    model = LogisticRegression(C=1e6).fit(X, [0, 1])
    even = -model.intercept_ / model.coef_[0]
    X_pool = np.linspace(0.3, 0.7, 21)[:, None] * 2 * even
    for far, alike in [([9.0], True), ([], False)]:
        pool = np.append(X_pool[:, 0], far)[:, None]
        _, utilities = theirs("Falcun", X, [0, 1], pool, ask=by_model(model, X, [0, 1]))
        second, first = np.sort(model.predict_proba(pool), axis=1).T
        unsure = 1 - (first - second)
        assert_allclose(utilities[0], unsure**10 / (unsure**10).sum(), atol=1e-12)
        law = drawing_weights(unsure, unsure, np.full(len(pool), True), 10.0)
        law /= law.sum()
        assert np.allclose(law, utilities[0], rtol=1e-6) == alike


def test_default_radius_holds_neighbors_also_where_features_are_not_normalized():
    """Theirs is 0.2 to 2.0 whatever the unit: each sample is alone in its ball."""
    rng = np.random.RandomState(0)
    X_pool = 50 * (rng.standard_normal((200, 8)) + 3 * rng.randint(2, size=(200, 1)))
    _, utilities = theirs("ProbCover", X_pool[:0], [], X_pool, n_classes=2)
    assert_array_equal(utilities[0], 1)
    for normalize in (False, True):
        strategy = diversity.ProbCover(
            n_classes=2, normalize=normalize, random_state=0
        ).fit(X_pool)
        length = np.linalg.norm(X_pool, axis=1, keepdims=True)
        Z = X_pool / length if normalize else X_pool
        inside = (pairwise_distances(Z) <= strategy.radius_).sum(axis=1)
        assert inside.mean() > 10


# ------------------------------------------------------------ faults that it had


def test_fitted_on_other_samples_the_first_are_forgotten():
    """Distances and radius of the first samples served for all that came later."""
    one, other = problem((12, 80, 3, 3)), problem((20, 150, 3, 3), seed=1)
    again = diversity.ProbCover(random_state=0)
    again.fit(*one).query(5)
    again.fit(other[0], other[1], 7 * other[2])
    fresh = diversity.ProbCover(random_state=0)
    fresh.fit(other[0], other[1], 7 * other[2])
    assert again.radius_ == fresh.radius_ != diversity.ProbCover().fit(*one).radius_
    assert again.coverage_ == fresh.coverage_
    assert_array_equal(again.query(20), fresh.query(20))


@pytest.mark.parametrize("n_configurations", [1, 20, 1000])
def test_a_label_never_says_more_than_its_entropy(n_configurations):
    """Few drawn labels gave more than log(n_classes) from the third pick on."""
    X, y, X_pool = problem((40, 150, 4, 3))
    committee = FrozenEstimator(fitted_committee(X, y))
    strategy = disagreement.BatchBALD(
        committee, n_configurations=n_configurations, random_state=0
    ).fit(X, y, X_pool)
    asked = strategy.query(50)
    assert len(set(asked)) == 50
    gains = np.diff(strategy.information(asked), prepend=0)
    assert gains.min() >= -1e-6 and gains.max() <= np.log(3)


@pytest.mark.parametrize(
    ("asks", "ours"),
    [
        ("model", uncertainty.EntropySampling),
        ("model", uncertainty.MarginSampling),
        ("model", uncertainty.InformationDensity),
        ("model", uncertainty.ContrastiveAL),
        ("committee", disagreement.QueryByCommittee),
        ("committee", disagreement.BALD),
        ("nobody", diversity.CoreSet),
        ("nobody", diversity.LCMD),
        ("nobody", diversity.TypiClust),
        ("model", diversity.ALFAMix),
        ("model", diversity.BADGE),
        ("model", diversity.CLUE),
        ("model", diversity.DropQuery),
        ("model", diversity.Falcun),
    ],
)
def test_no_table_of_picks_by_samples_is_made(asks, ours):
    """Utilities of all samples for each pick are 80 MB here."""
    X, y, X_pool = problem((50, 20_000, 4, 3))
    fitted = {"model": fitted_model, "committee": fitted_committee, "nobody": None}
    model = [FrozenEstimator(fitted[asks](X, y))] if fitted[asks] else []
    strategy = ours(*model, random_state=0).fit(X, y, X_pool)
    tracemalloc.start()
    try:
        strategy.query(500)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * 500 * 20_000


# ------------------------------------------------------------- numbers


def numbers(n=12, n_pool=25, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n + n_pool, 2))
    y = np.sin(X[:n, 0]) + 0.3 * rng.standard_normal(n)
    return X[:n], y, X[n:]


def process(**settings):
    """A Gaussian process whose noise is part of what it predicts of itself."""
    return GaussianProcessRegressor(
        1.5 * RBF(1.2) + WhiteKernel(0.3), optimizer=None, **settings
    )


def by_regressor(X_pool, **settings):
    regressor = pytest.importorskip("skactiveml.regressor")
    wrapped = regressor.SklearnNormalRegressor(process(**settings))
    return {"reg": wrapped, "X_eval": X_pool}


def scores_of_all(X, y, X_pool, criterion):
    model = process().fit(X, y)
    spread = posterior_of(model, X, y, n_members=2, seed=0).over(Pool(X_pool))
    C, v = spread.covariance(np.arange(len(X_pool))), spread.variance
    return criterion(C, v, v, spread.noise)


def test_variance_reduction_is_the_same_without_training_again():
    X, y, X_pool = numbers()
    picks, utilities = theirs(
        "ExpectedModelVarianceReduction", X, y, X_pool, ask=by_regressor(X_pool)
    )
    scores = scores_of_all(X, y, X_pool, lookahead.variance_reduction)
    assert_allclose(scores, utilities[0], rtol=1e-6)
    strategy = lookahead.VarianceReduction(process()).fit(X, y, X_pool)
    assert_array_equal(strategy.query(1), picks)


def test_output_change_is_variance_reduction_where_it_is_integrated():
    X, y, X_pool = numbers()
    quadrature = {"method": "gauss_hermite", "n_integration_samples": 5}
    _, utilities = theirs(
        "ExpectedModelOutputChange",
        X,
        y,
        X_pool,
        integration_dict=quadrature,
        ask=by_regressor(X_pool),
    )
    scores = scores_of_all(X, y, X_pool, lookahead.variance_reduction)
    assert_allclose(scores, utilities[0], rtol=1e-6)
    # Its default looks at the one label that is predicted, which changes nothing.
    _, utilities = theirs(
        "ExpectedModelOutputChange", X, y, X_pool, ask=by_regressor(X_pool)
    )
    assert utilities[0].max() < 1e-12 < scores.min()


def test_variance_of_a_committee_ranks_as_its_deviation():
    X, y, X_pool = numbers()
    forest = BaggingRegressor(Ridge(), 7, random_state=0).fit(X, y)
    regressor = pytest.importorskip("skactiveml.regressor")
    members = [
        regressor.SklearnRegressor(FrozenEstimator(m)).fit(X, y)
        for m in forest.estimators_
    ]
    picks, utilities = theirs(
        "QueryByCommittee",
        X,
        y,
        X_pool,
        5,
        ask={"ensemble": members, "fit_ensemble": False},
    )
    strategy = disagreement.QueryByCommittee(FrozenEstimator(forest)).fit(X, y, X_pool)
    scores = strategy.score_samples(X_pool)
    assert_allclose(np.sqrt(scores), utilities[0], rtol=1e-9)
    with pytest.warns(TopBatchWarning, match="BatchVariance"):
        assert_array_equal(strategy.query(5), picks)


def test_a_bootstrap_of_few_labels_is_no_quadratic_one():
    """Theirs draws half of n² rows of all samples, so that members agree."""
    X, y, X_pool = numbers(n=20, n_pool=200)
    seen = []

    class Seen(LinearRegression):
        def fit(self, X, y):
            seen.append(len(y))
            return super().fit(X, y)

    disagreement.QueryByCommittee(Seen()).fit(X, y, X_pool)
    assert seen == [20] * 11
