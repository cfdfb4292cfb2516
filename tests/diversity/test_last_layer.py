"""What strategies on the last layer of a model can be told, and what they refuse."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils import get_tags

from skactive.diversity import BADGE, CLUE, ClusterMargin, GradientLCMD


@pytest.mark.parametrize("strategy", [BADGE, CLUE, GradientLCMD])
def test_gaps_in_the_features_are_refused_with_a_way_out(strategy):
    X = np.random.RandomState(0).standard_normal((60, 4))
    X[::7, 2], y = np.nan, np.arange(60) % 2
    asked = strategy(HistGradientBoostingClassifier(max_iter=3), random_state=0)
    assert not get_tags(asked).input_tags.allow_nan
    with pytest.raises(ValueError, match="contains NaN.*SimpleImputer in a Pipeline"):
        asked.fit(X[:30], y[:30], X[30:]).query(2)
    asked.set_params(estimator=make_pipeline(SimpleImputer(), LogisticRegression()))
    assert len(asked.fit(X[:30], y[:30], X[30:]).query(2)) == 2


@pytest.mark.parametrize("strategy", [BADGE, CLUE, ClusterMargin, GradientLCMD])
@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("end", ["linear", "nested", "net"])
def test_steps_before_the_last_layer_see_the_pool_once(strategy, frozen, end):
    """They may read files, or be a large net."""
    seen = []

    def count(X):
        seen.append(len(X))
        return X

    X = np.random.RandomState(0).standard_normal((60, 4)).astype(np.float32)
    y = np.arange(60) % 3
    last = LogisticRegression()
    if end == "nested":
        last = make_pipeline(StandardScaler(), last)
    if end == "net":
        pytest.importorskip("torch")
        from skactive.nets import NetClassifier

        last = NetClassifier(max_epochs=2, random_state=0)
    model = make_pipeline(FunctionTransformer(count), last)
    plain = make_pipeline(FunctionTransformer(), last)
    if frozen:
        model, plain = (FrozenEstimator(m.fit(X[:20], y[:20])) for m in (model, plain))
    asked = strategy(model, random_state=0).fit(X[:20], y[:20], X[20:])
    seen.clear()
    rows = asked.query(3)
    assert sum(n == 40 for n in seen) == 1 and set(seen) <= {20, 40}
    again = strategy(plain, random_state=0).fit(X[:20], y[:20], X[20:])
    assert_array_equal(again.query(3), rows)
