"""What comes before a net, and nets that go on."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive.nets import NetClassifier
from skactive.nets.beside._steps import fit_steps, refuse_warm_start

pytestmark = pytest.mark.deep

X, X_POOL = np.array([[0.0], [2.0]]), np.array([[4.0], [1.0]])


def test_steps_are_fitted_on_labeled_samples_and_see_the_pool():
    model = make_pipeline(StandardScaler(), NetClassifier())
    Z, Z_pool = fit_steps(model, X, [0, 1], X_POOL)
    assert Z.tolist() == [[-1.0], [1.0]]
    assert Z_pool.tolist() == [[3.0], [0.0]]
    assert model[0].mean_.tolist() == [1.0]
    assert fit_steps(model, X, [0, 1])[1] is None


def test_steps_out_of_a_cache_are_those_that_the_pipeline_holds(tmp_path):
    for _ in range(2):
        model = make_pipeline(
            StandardScaler(), StandardScaler(), NetClassifier(), memory=str(tmp_path)
        )
        fit_steps(model, X, [0, 1])
        assert model[0].mean_.tolist() == [1.0] and model[1].mean_.tolist() == [0.0]


@pytest.mark.parametrize("model", [NetClassifier(), make_pipeline(NetClassifier())])
def test_without_steps_samples_are_what_they_were(model):
    Z, Z_pool = fit_steps(model, X, [0, 1], X_POOL)
    assert Z is X and Z_pool is X_POOL


def test_a_net_that_goes_on_is_refused_and_told_what_to_do():
    refuse_warm_start(NetClassifier())
    warm = NetClassifier(warm_start=True)
    for model in (warm, make_pipeline(StandardScaler(), warm)):
        with pytest.raises(
            ValueError, match="starts from scratch.*Pass a net with warm_start"
        ):
            refuse_warm_start(model)
    with pytest.raises(ValueError, match="Set it there"):
        refuse_warm_start(warm, "Set it there.")
    with pytest.raises(TypeError, match="NetClassifier"):
        refuse_warm_start(LogisticRegression())
