"""What a learner looks at before labels, and what it says of itself."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVR
from sklearn.utils import get_tags

from skactive import ActiveLearner
from skactive.learner._input import checked_input, tags_like
from skactive.uncertainty import MarginSampling
from skactive.utils._answers import ClassAnswers, NumberAnswers
from skactive.utils._answers_of import OpenAnswers

X = np.zeros((4, 2))


MODELS = [LogisticRegression(), Ridge(), KNeighborsClassifier()]


@pytest.mark.parametrize("model", MODELS)
def test_a_learner_says_of_itself_what_its_model_says(model):
    tags, own = tags_like(get_tags(ActiveLearner()), model), get_tags(model)
    assert tags.estimator_type == own.estimator_type
    assert tags.input_tags == own.input_tags and tags.input_tags is not own.input_tags
    assert tags.classifier_tags == own.classifier_tags
    assert tags.target_tags.multi_output == own.target_tags.multi_output
    tags = tags_like(get_tags(ActiveLearner()), model, MarginSampling())
    assert not tags.target_tags.multi_output  # the strategy asks for one class
    if own.classifier_tags is not None:
        assert not tags.classifier_tags.multi_label


def test_what_an_answer_is_follows_the_model():
    for model, kind in (
        (LogisticRegression(), ClassAnswers),
        (LinearSVR(), NumberAnswers),
        (Ridge(), OpenAnswers),  # numbers, one or several in a row
    ):
        learner = ActiveLearner(model, oracle=print)
        assert isinstance(checked_input(learner, X, None, None, None), kind)
        assert learner.n_features_in_ == 2


def test_labels_are_required_where_nobody_can_be_asked(tmp_path):
    for learner in (ActiveLearner(oracle=print), ActiveLearner(journal=tmp_path / "a")):
        assert not get_tags(learner).target_tags.required
        checked_input(learner, X, None, None, None)
    assert get_tags(ActiveLearner()).target_tags.required
    with pytest.raises(ValueError, match="requires y to be passed"):
        checked_input(ActiveLearner(), X, None, None, None)


def test_a_validation_set_is_whole():
    with pytest.raises(ValueError, match="X_val and y_val together"):
        checked_input(ActiveLearner(oracle=print), X, None, X, None)
