"""Base of strategies that look at the last layer of a model: what goes in, what out."""

from sklearn.pipeline import Pipeline

from skactive.base import ModelStrategy
from skactive.utils import check_probabilities, embed
from skactive.utils._models import before_last_step, innermost, unwrapped


class LastLayerStrategy(ModelStrategy):
    """Asks a classifier for probabilities and for what its last layer sees."""

    response_method = "predict_proba"

    def _seen(self, X, name):
        """Return probabilities and what the last layer sees, of samples `X`."""
        if hasattr(self.estimator_, "predict_with_embedding"):
            # A net computes both in one pass.
            proba, E = self.estimator_.predict_with_embedding(X)
            return check_probabilities(proba), embed(None, E, owner=self)
        proba = check_probabilities(self._predict_proba(X))
        return proba, self._embed(X, name)

    def _embed(self, X, name):
        before = before_last_layer(self.estimator_)
        return embed(before, X, input_name=name, owner=self)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # A model that takes NaN is not enough, as the features themselves are used. Of
        # a pipeline only the output of its first steps is used.
        if not isinstance(unwrapped(self._wanted_estimator()), Pipeline):
            tags.input_tags.allow_nan = False
        return tags


def before_last_layer(model):
    """Return what makes of samples the input of the last layer; None for nothing.

    The model itself if it has ``transform``, as nets have; of a pipeline without it
    the steps before the last; the features as they are otherwise. What a linear model
    sees are the features, also if it can project them.
    """
    model, last = unwrapped(model), innermost(model, unwrapped)
    if hasattr(last, "transform") and not hasattr(last, "coef_"):
        return model
    return before_last_step(model)
