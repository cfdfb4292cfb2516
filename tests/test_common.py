"""Every strategy and learner, through our contract checks and scikit-learn's."""

import importlib
import os
from unittest import SkipTest

import pytest
import sklearn
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import (
    estimator_checks_generator,
)
from sklearn.utils.estimator_checks import (
    parametrize_with_checks as sklearn_parametrize_with_checks,
)
from sklearn.utils.fixes import parse_version

from skactive import ActiveLearner
from skactive.base import EmbeddingStrategy, ScoreStrategy
from skactive.diversity import RandomSampling
from skactive.stream import StreamLearner
from skactive.testing import all_strategies, parametrize_with_checks, strategy_checks
from skactive.testing._discovery import walk_modules
from skactive.uncertainty import EntropySampling

# Settings of strategies that are slow with their defaults; all others have none.
SETTINGS = {
    "HistorySampling": {"n_passes": 6, "n_snapshots": 3, "n_trees": 10},
    "QueryByCommittee": {"n_members": 4},
}

STRATEGIES = [
    cls(**SETTINGS.get(cls.__name__, {})) for cls in all_strategies(numbers=True)
]

# A budget above the size of every data set: each row reaches the estimator, so that
# what it refuses in a row is refused whichever rows are drawn.
PIPELINE = make_pipeline(StandardScaler(), LogisticRegression())
LEARNERS = {
    "default": ActiveLearner(budget=1000),
    "naive Bayes": ActiveLearner(GaussianNB(), RandomSampling(), budget=1000),
    "tree": ActiveLearner(DecisionTreeClassifier(), EntropySampling(), budget=1000),
    "regressor": ActiveLearner(Ridge(), RandomSampling(), budget=1000),
    "pipeline": ActiveLearner(PIPELINE, budget=1000),
    "stream": StreamLearner(),
    "stream of a tree": StreamLearner(DecisionTreeClassifier(), EntropySampling()),
    "stream of numbers": StreamLearner(Ridge()),
    "label sets": ActiveLearner(
        DecisionTreeClassifier(), RandomSampling(), budget=1000
    ),
}

NO_WEIGHT = "Pipeline.fit has no sample_weight"
EXPECTED_FAILURES = {
    "pipeline": {
        "check_sample_weights_pandas_series": NO_WEIGHT,
        "check_sample_weights_not_an_array": NO_WEIGHT,
        "check_sample_weights_list": NO_WEIGHT,
        "check_all_zero_sample_weights_error": NO_WEIGHT,
        "check_sample_weights_shape": NO_WEIGHT,
        "check_sample_weights_not_overwritten": NO_WEIGHT,
        "check_sample_weight_equivalence_on_dense_data": NO_WEIGHT,
        "check_classifiers_one_label_sample_weights": NO_WEIGHT,
    }
}
if parse_version(sklearn.__version__) < parse_version("1.7"):
    EXPECTED_FAILURES["pipeline"]["check_sample_weight_equivalence_on_sparse_data"] = (
        NO_WEIGHT
    )


def name_of(estimator):
    """Return the key of a learner, the class name of a strategy."""
    names = [name for name, learner in LEARNERS.items() if learner is estimator]
    return names[0] if names else type(estimator).__name__


def expected_failures(estimator):
    reasons = EXPECTED_FAILURES.get(name_of(estimator), {})
    # Older versions of scikit-learn have fewer checks.
    return {k: v for k, v in reasons.items() if k in sklearn_checks(estimator)}


def sklearn_checks(estimator):
    """Return the names of scikit-learn's checks of an estimator, repeats included."""
    checks = estimator_checks_generator(estimator, legacy=True)
    return [getattr(check, "func", check).__name__ for _, check in checks]


@parametrize_with_checks(STRATEGIES)
def test_contract(strategy, check):
    check(strategy)


# One check gives a whole class the weight 0; GaussianNB takes the log of its prior.
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning:sklearn.naive_bayes")
# One check gives infinity as a class; type_of_target casts before it refuses.
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
# One check predicts logarithms of probabilities, some of which are 0 in a tree.
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning:sklearn.tree")
# The budget of the learners above is larger than every data set, on purpose.
@pytest.mark.filterwarnings("ignore::skactive.exceptions.PoolExhaustedWarning")
@sklearn_parametrize_with_checks(
    [*STRATEGIES, *LEARNERS.values()], expected_failed_checks=expected_failures
)
def test_scikit_learn(estimator, check):
    name = getattr(check, "func", check).__name__
    try:
        check(estimator)
    except SkipTest:
        # A check that steps aside in silence is a green line that got shorter.
        method = name.removeprefix("check_classifiers_multilabel_output_format_")
        of_no_method = method != name and not hasattr(estimator, method)
        off = name == "check_array_api_input" and not os.getenv("SCIPY_ARRAY_API")
        assert off or of_no_method
        raise


# ------------------------------------------------------------- guards on the guards

# Least numbers of checks. With scikit-learn 1.9: 63 for a classifier with weights.
NEWEST = parse_version(sklearn.__version__) >= parse_version("1.9")
LEAST_FOR_LEARNERS = {
    "default": 63 if NEWEST else 61,
    "naive Bayes": 62 if NEWEST else 61,
    "tree": 62 if NEWEST else 61,
    "regressor": 61 if NEWEST else 60,
    "pipeline": 62 if NEWEST else 61,
    # No sample_weight, and none of the checks of it.
    "stream": 54 if NEWEST else 50,
    "stream of a tree": 53 if NEWEST else 50,
    "stream of numbers": 51 if NEWEST else 47,
    "label sets": 67 if NEWEST else 65,
}
LEAST_OURS = {"score": 40, "embedding": 35, "free": 34}
LEAST_SCIKIT_LEARN = {"score": 42, "embedding": 41, "free": 34}


def kind(strategy):
    bases = {"score": ScoreStrategy, "embedding": EmbeddingStrategy}
    return next((k for k, base in bases.items() if isinstance(strategy, base)), "free")


@pytest.mark.parametrize("strategy", STRATEGIES, ids=name_of)
def test_no_strategy_is_checked_less_than_its_kind(strategy):
    ours = [name for name, _ in strategy_checks(strategy)]
    assert len(ours) == len(set(ours)) >= LEAST_OURS[kind(strategy)]
    assert len(sklearn_checks(strategy)) >= LEAST_SCIKIT_LEARN[kind(strategy)]


@pytest.mark.parametrize("name", LEARNERS)
def test_no_learner_is_checked_less_than_before(name):
    assert len(sklearn_checks(LEARNERS[name])) >= LEAST_FOR_LEARNERS[name]


@pytest.mark.skipif(not NEWEST, reason="older versions have fewer checks")
@pytest.mark.parametrize("name", EXPECTED_FAILURES)
def test_every_expected_failure_names_an_existing_check(name):
    """scikit-learn ignores a misspelt name in silence."""
    unknown = set(EXPECTED_FAILURES[name]) - set(sklearn_checks(LEARNERS[name]))
    assert not unknown


def test_every_expected_failure_belongs_to_a_tested_learner():
    assert set(EXPECTED_FAILURES) <= set(LEARNERS)


def test_strategies_and_default_learner_have_no_expected_failure():
    clean = [*STRATEGIES, *(LEARNERS[n] for n in LEARNERS if n != "pipeline")]
    assert not any(expected_failures(estimator) for estimator in clean)


def test_settings_name_strategies_that_exist():
    assert set(SETTINGS) <= {cls.__name__ for cls in all_strategies(numbers=True)}


def test_what_is_discovered_is_what_the_folders_export():
    """A new file needs its import line; an old import line needs its file."""
    exported = set()
    for module in walk_modules():
        if hasattr(module, "__path__") and module.__name__ != "skactive":
            exported |= {getattr(module, name) for name in module.__all__}
    found = set(all_strategies(boxes=True, numbers=True))
    assert found == {cls for cls in exported if cls in found}
    for cls in found:
        folder = importlib.import_module(cls.__module__.rpartition(".")[0])
        assert cls.__name__ in folder.__all__
