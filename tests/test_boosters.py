"""Models of other libraries, in every strategy that takes a classifier.

The extra ``boosters`` installs them; each is skipped where it is not there.
"""

import numpy as np
import pytest
from sklearn.datasets import load_iris

from skactive import ActiveLearner
from skactive.base import ModelStrategy
from skactive.testing import all_strategies

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)


def xgboost():
    return pytest.importorskip("xgboost").XGBClassifier(n_estimators=5, n_jobs=1)


def lightgbm():
    return pytest.importorskip("lightgbm").LGBMClassifier(
        n_estimators=5, min_child_samples=2, n_jobs=1, verbose=-1
    )


def catboost():
    return pytest.importorskip("catboost").CatBoostClassifier(
        iterations=5, thread_count=1, verbose=0, allow_writing_files=False
    )


MODELS = [xgboost, lightgbm, catboost]

# What these ask for no booster has: refused in words, before a label is paid for.
NEEDS_A_LINEAR_LAYER = {"ALFAMix"}

pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning:lightgbm"),
    pytest.mark.filterwarnings("ignore:X does not have valid feature names"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

# Of boosters of other libraries there is no history.
CLASSES = [cls for cls in all_strategies() if cls.__name__ != "HistorySampling"]


@pytest.mark.parametrize("model", MODELS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_a_booster_is_a_classifier_like_others(cls, model):
    if not issubclass(cls, ModelStrategy):
        pytest.skip("asks no model")
    settings = {"n_members": 3} if cls.__name__ == "QueryByCommittee" else {}
    asked = []

    def oracle(rows, X_rows):
        asked.extend(rows)
        return Y[rows]

    learner = ActiveLearner(
        model(),
        cls(**settings),
        oracle=oracle,
        n_initial=20,
        budget=8,
        batch_size=4,
        classes=[0, 1, 2],
        random_state=0,
    )
    if cls.__name__ in NEEDS_A_LINEAR_LAYER:
        with pytest.raises(ValueError, match="linear"):
            learner.fit(X)
        assert not asked
        return
    learner.fit(X)
    assert len(asked) == len(set(asked)) == 28
    assert np.isin(np.ravel(learner.predict(X)), [0, 1, 2]).all()
