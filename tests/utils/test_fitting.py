"""Seeds, pools and labels on their way into an estimator."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    BaggingClassifier,
    RandomForestClassifier,
    RandomTreesEmbedding,
)
from sklearn.feature_selection import (
    SelectFromModel,
    SelectKBest,
    SelectPercentile,
    SequentialFeatureSelector,
    VarianceThreshold,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import NeighborhoodComponentsAnalysis
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skactive.utils import (
    fit_embedding,
    fit_with_pool,
    needs_labels,
    seeded_clone,
    set_random_states,
    wants_pool,
)
from skactive.utils._fitting import MAX_SEED, learns_nothing

NESTED = ("pca__random_state", "randomforestclassifier__random_state")


def pipeline():
    return make_pipeline(PCA(), RandomForestClassifier(random_state=3))


def seeds(estimator):
    return [estimator.get_params()[key] for key in NESTED]


class Recorder(BaseEstimator):
    """Remembers what its fit was given."""

    def fit(self, X, y=None, *, X_pool=None, sample_weight=None):
        self.given_ = {"X": X, "y": y, "X_pool": X_pool, "weight": sample_weight}
        return self


class NoPool(BaseEstimator):
    def fit(self, X, y=None):
        return self


# ----------------------------------------------------------------- set_random_states


def test_every_nested_seed_is_drawn_in_the_order_of_names():
    pipe = pipeline()
    set_random_states(pipe, 0)
    rng = np.random.RandomState(0)
    assert seeds(pipe) == [rng.randint(MAX_SEED), rng.randint(MAX_SEED)]


def test_seeds_are_plain_integers_below_the_limit():
    pipe = pipeline()
    set_random_states(pipe, np.random.RandomState(1))
    assert all(type(seed) is int and 0 <= seed < MAX_SEED for seed in seeds(pipe))


def test_an_estimator_without_randomness_is_left_as_it_is():
    model = GaussianNB()
    set_random_states(model, 0)
    assert model.get_params() == GaussianNB().get_params()


def test_a_model_inside_a_model_has_its_seed_too():
    model = BaggingClassifier(DecisionTreeClassifier())
    set_random_states(model, 0)
    assert isinstance(model.random_state, int)
    assert isinstance(model.estimator.random_state, int)
    assert model.random_state != model.estimator.random_state


def test_the_inside_of_a_frozen_estimator_is_left_alone():
    frozen = FrozenEstimator(RandomForestClassifier(random_state=3))
    pipe = make_pipeline(frozen, LogisticRegression())
    set_random_states(pipe, 0)
    assert frozen.estimator.random_state == 3
    assert isinstance(pipe[-1].random_state, int)


# ---------------------------------------------------------------------- seeded_clone


def test_a_seeded_clone_leaves_the_original_alone():
    pipe = pipeline()
    copy = seeded_clone(pipe, 0)
    assert seeds(pipe) == [None, 3] and seeds(copy) != seeds(pipe)
    assert seeds(seeded_clone(pipe, 0)) == seeds(copy) != seeds(seeded_clone(pipe, 1))


def test_without_a_seed_the_copy_keeps_the_users():
    assert seeds(seeded_clone(pipeline())) == [None, 3]


def test_seed_zero_is_a_seed():
    assert seeded_clone(DecisionTreeClassifier(), 0).random_state is not None


def test_a_frozen_estimator_is_its_own_clone():
    frozen = FrozenEstimator(DecisionTreeClassifier().fit([[0], [1]], [0, 1]))
    assert seeded_clone(frozen, 0) is frozen


# ------------------------------------------------------- wants_pool and fit_with_pool


def test_a_pool_is_wanted_by_name():
    assert wants_pool(Recorder()) and not wants_pool(NoPool())
    assert not wants_pool(LogisticRegression())


def test_who_wants_the_pool_is_given_it():
    model = fit_with_pool(Recorder(), [[0]], [1], [[2]], sample_weight=[3])
    assert model.given_ == {"X": [[0]], "y": [1], "X_pool": [[2]], "weight": [3]}


def test_no_pool_is_passed_where_there_is_none_or_none_is_wanted():
    assert fit_with_pool(Recorder(), [[0]], [1]).given_["X_pool"] is None
    assert isinstance(fit_with_pool(NoPool(), [[0]], [1], [[2]]), NoPool)


# ---------------------------------------------------------------------- needs_labels


@pytest.mark.parametrize(
    "estimator, needed",
    [
        (PCA(), False),
        (KMeans(), False),
        (StandardScaler(), False),
        (LogisticRegression(), True),
        (LinearDiscriminantAnalysis(), True),
        (make_pipeline(StandardScaler(), PCA()), False),
        (make_pipeline(NeighborhoodComponentsAnalysis(), PCA()), True),
        (make_pipeline(StandardScaler(), LinearDiscriminantAnalysis()), True),
        (make_pipeline("passthrough", None), False),
        (make_pipeline(make_pipeline(NeighborhoodComponentsAnalysis()), PCA()), True),
    ],
)
def test_labels_are_needed_if_any_step_needs_them(estimator, needed):
    assert needs_labels(clone(estimator)) is needed


class Supervised(BaseEstimator):
    """It asks for labels by nothing but the signature of its fit."""

    def fit(self, X, y):
        self.seen_ = y
        return self

    def transform(self, X):
        return X


def test_a_fit_that_requires_labels_is_given_them():
    assert needs_labels(Supervised())
    assert needs_labels(make_pipeline(StandardScaler(), Supervised()))
    fitted = fit_embedding(Supervised(), [[1.0]], [7], X_pool=[[2.0]])
    assert list(fitted.seen_) == [7]


def no_labels(X):
    return X.var(axis=0)


@pytest.mark.parametrize(
    "estimator, needed",
    [
        (SelectKBest(), True),
        (SelectPercentile(no_labels), False),
        (SelectFromModel(LogisticRegression()), True),
        (SelectFromModel(LogisticRegression(), prefit=True), False),
        (SequentialFeatureSelector(KMeans()), False),
        (SequentialFeatureSelector(LogisticRegression()), True),
        (RandomTreesEmbedding(), False),
        (VarianceThreshold(), False),
    ],
)
def test_selectors_of_features_need_what_their_scores_do(estimator, needed):
    assert needs_labels(estimator) is needed
    for wrapped in (
        make_pipeline(StandardScaler(), estimator),
        make_union(PCA(), estimator),
        make_column_transformer(("drop", [0]), (estimator, [1, 2])),
    ):
        assert needs_labels(wrapped) is needed


def test_a_selector_is_an_embedding_that_learns_from_labels():
    X = np.random.RandomState(0).normal(size=(40, 4))
    y = (X[:, 2] > 0).astype(int)
    union = make_union(SelectKBest(k=1), VarianceThreshold())
    for selector in (SelectKBest(k=1), make_pipeline(StandardScaler(), union)):
        fitted = fit_embedding(selector, X[:30], y[:30], X[30:])
        assert np.corrcoef(fitted.transform(X)[:, 0], X[:, 2])[0, 1] > 0.99


class Says(StandardScaler):
    learns_nothing = True


@pytest.mark.parametrize(
    "transformer, nothing",
    [
        (Normalizer(), True),
        (FunctionTransformer(), True),
        (Says(), True),
        (FrozenEstimator(StandardScaler()), True),
        (make_pipeline(Normalizer(), "passthrough", make_pipeline(Says())), True),
        (StandardScaler(), False),
        (make_pipeline(Normalizer(), PCA()), False),
        (make_column_transformer((Normalizer(), [0])), False),  # it learns the columns
    ],
)
def test_what_learns_nothing_says_so(transformer, nothing):
    assert learns_nothing(transformer) is nothing


class Net(BaseEstimator):
    """Has settings of a class that is none of its parameters, as nets of skorch do."""

    def __init__(self, module=dict, random_state=None):
        self.module = module
        self.random_state = random_state

    def get_params(self, deep=True):
        found = super().get_params(deep=deep)
        return {**found, "module__random_state": vars(self).get("of_module")}

    def set_params(self, **params):
        if "module__random_state" in params:
            self.of_module = params.pop("module__random_state")
        return super().set_params(**params)


def test_steps_of_a_pipeline_are_given_their_seeds_as_they_take_them():
    rng = np.random.RandomState(3)
    expected = rng.randint(MAX_SEED, size=3).tolist()
    pipe = make_pipeline(Net(), PCA())
    set_random_states(pipe, 3)
    net, pca = pipe.named_steps.values()
    assert [net.of_module, net.random_state, pca.random_state] == expected
