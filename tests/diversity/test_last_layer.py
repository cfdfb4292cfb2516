"""What strategies on the last layer of a model can be told, and what they refuse."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

from skactive.diversity import BADGE, CLUE, GradientLCMD


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
