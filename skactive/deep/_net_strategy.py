"""Base of strategies that train a net of their own and also predict with it."""

from abc import abstractmethod
from copy import deepcopy
from dataclasses import fields

import numpy as np
from sklearn.base import (
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    is_regressor,
)
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from skactive._sklearn import HasMethods, _num_samples
from skactive.base import ModelStrategy
from skactive.deep._part_of_pool import part_of_pool
from skactive.deep._stored import StoredStrategyMixin
from skactive.nets import NetClassifier
from skactive.nets._input import check_pool_is_finite
from skactive.nets._items import is_read
from skactive.nets.beside._steps import fit_steps, refuse_warm_start
from skactive.nets.estimators._from_skorch import with_net
from skactive.selection import top_n
from skactive.utils import seeded_clone
from skactive.utils._items import in_memory, shown
from skactive.utils._models import (
    before_last_step,
    last_step,
    refuse_dense,
    refuse_numbers,
)
from skactive.utils._pool import Pool, pool_for, reads_pools
from skactive.utils._rows import take_rows


def _net_has(name):
    """Tell whether the net of a strategy has a method that the strategy offers too."""

    def check(self):
        if not self._predicts_as_net():
            raise AttributeError("With loss=, outputs are what the module returns.")
        net = last_step(self._wanted_estimator())
        if name == "predict_proba" and is_regressor(net):
            return False  # one of skorch has it, and returns numbers
        return hasattr(net, name)

    return check


def refuse_no_weight(strategy, parameter, part, remedy):
    """Refuse a weight of 0: the part it belongs to would never be trained, and ask."""
    if getattr(strategy, parameter) == 0:
        raise ValueError(
            f"{type(strategy).__name__} with {parameter}=0 would ask by a {part} that "
            f"was never trained. To leave the net as it is alone, pass {remedy}: the "
            f"{part} then learns beside it."
        )


class Prepared:
    """Samples of the pool as the net sees them, after the steps before it."""

    def __init__(self, X):
        self.X = X

    def __len__(self):
        return _num_samples(self.X)

    def _take_rows(self, rows):
        return Prepared(take_rows(self.X, rows))


class NetStrategy(
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    StoredStrategyMixin,
    ModelStrategy,
):
    """Base of strategies whose net is trained by a recipe, and predicts too.

    The net is built from the settings of ``estimator``, which may be a pipeline that
    ends in it, and kept in ``estimator_``. The strategy predicts, transforms, scores
    and is stored as that net, and is an estimator of its type. A subclass names a
    recipe, whose settings are parameters of the same names, and writes one hook:
    ``_best``, or, as a ScoreStrategy too, ``score_samples``.

    ``subset`` and ``warm_start`` are what they are in LL4AL; a subclass without these
    parameters considers the whole pool, and starts from scratch in each ``fit``.
    """

    #: Tells a learner that the net of the learner may provide the settings.
    trains_a_net = True

    takes_columns = False

    _parameter_constraints = {
        "estimator": [HasMethods(["fit"]), None],
        "random_state": ["random_state"],
    }

    #: Otherwise a subclass writes ``_outputs(X)``, which returns a tensor.
    _outputs_are_those_of_the_net = True

    #: Whether the recipe is sound beside masks and boxes, not only beside classes.
    takes_masks_and_boxes = False

    #: Whether it is sound beside numbers.
    takes_numbers = False

    _pool_seen = None
    response_method = None
    subset = None
    warm_start = False

    @property
    @abstractmethod
    def _recipe_class(self):
        """The recipe, as a class attribute of a subclass."""

    def predict(self, X):
        """Return the most probable label of each sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Labels, or other values that the net predicts.
        """
        if self._outputs_are_those_of_the_net:
            return self._net.predict(self._prepared(X))
        return self._net._recipe.answer(self._net, self._outputs(X))

    @available_if(_net_has("predict_proba"))
    def predict_proba(self, X):
        """Return the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        proba : ndarray of float64 of shape (n_samples, n_classes)
            Rows sum to one; columns are in the order of ``classes_``.
        """
        if self._outputs_are_those_of_the_net:
            return self._net.predict_proba(self._prepared(X))
        return self._net.net_.probabilities(self._outputs(X)).numpy()

    @available_if(_net_has("score"))
    def score(self, X, y, sample_weight=None):
        """Return how good predictions are, by the score of the net.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.
        y : array-like of shape (n_samples,)
            True labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        Returns
        -------
        score : float
            For a classifier, the accuracy.
        """
        net = self._net
        if hasattr(net, "_score_of"):
            return net._score_of(y, self.predict(X), sample_weight)
        # The net's score method, applied to the predictions of the strategy.
        return type(net).score(self, X, y, sample_weight)

    def transform(self, X):
        """Return the embedding of each sample: the input of the last layer.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        Z : ndarray of float32 of shape (n_samples, n_columns)
            As from :class:`~skactive.nets.NetClassifier`.
        """
        net = self._net
        return net.transform(self._prepared(X))

    def _best(self, X, n, random_state):
        """Return ``n`` distinct rows of samples ``X``, best first.

        Called once per query, with the samples of the pool that are considered. By
        default those with the highest scores.
        """
        scores = np.asarray(self.score_samples(X))
        if scores.shape != (_num_samples(X),) or not np.isfinite(scores).all():
            raise RuntimeError(
                f"{type(self).__name__}.score_samples must return one finite number "
                f"per sample; for {_num_samples(X)} samples it returned an array of "
                f"shape {scores.shape} with {np.sum(~np.isfinite(scores))} numbers "
                "that are not finite."
            )
        return top_n(scores, n, random_state=random_state)

    def _predicts_as_net(self):
        """Tell whether the strategy predicts the same kind of values as its net."""
        return True

    def _said(self, outputs):
        """Return probabilities from outputs, or what a net without them predicts."""
        net = self._net
        if not hasattr(net, "predict_proba"):
            return net._recipe.answer(net, outputs)
        return net.net_.probabilities(outputs).numpy()

    def _keep(self, net, X):
        """Keep what ``_best`` needs from the labeled samples, as the net saw them."""

    def _recipe(self):
        settings = [field.name for field in fields(self._recipe_class)]
        return self._recipe_class(**{name: getattr(self, name) for name in settings})

    def _default_estimator(self):
        return NetClassifier()

    def _takes_settings_of(self, estimator):
        """Tell whether a learner is to pass its estimator, unfitted.

        True if it ends in a net, and no other net was given.
        """
        if self.estimator is not None:
            return False
        try:
            refuse_warm_start(estimator)
        except (TypeError, ValueError):
            return False
        return True

    def _check_estimator(self, estimator):
        if not self.takes_masks_and_boxes:
            refuse_dense(self, estimator)
        refuse_numbers(self, estimator)
        has_own = "warm_start" in self.get_params(deep=False)
        name = type(self).__name__
        remedy = (
            f"Set warm_start of {name}, which continues from all that was trained."
            if has_own
            else "Pass a net with warm_start=False."
        )
        refuse_warm_start(estimator, remedy)

    def _drop_pool(self):
        super()._drop_pool()
        self._pool_seen = None

    def __getstate__(self):
        # What was prepared can be prepared again, and may be large.
        return {**super().__getstate__(), "_pool_seen": None}

    @reads_pools
    def _fit(self, X, y, X_pool):
        recipe, estimator = self._recipe(), self._unfitted(self._fit_seed)
        if X_pool is not None and not self._leaves_items(X_pool):
            X_pool = pool_for(None, X_pool)
            check_pool_is_finite(estimator, X_pool)
        trained = self.warm_start and hasattr(self, "estimator_")
        before = last_step(self.estimator_) if trained else None
        X_pool = X_pool if recipe.uses_pool and self.n_pool_ else None
        X, X_pool = fit_steps(estimator, X, y, X_pool)
        # The steps may read files: what they made of the pool serves the query, too.
        has_steps = before_last_step(estimator) is not None
        self._pool_seen = X_pool if has_steps else None
        beside = {"X_pool": X_pool} if recipe.uses_pool else {}
        net = last_step(estimator)._train(X, y, recipe, before=before, **beside)
        self._set_estimator(estimator)
        self.history_ = net.net_.terms()
        self._keep(net, X)

    def _unfitted(self, seed):
        self._validate_params()
        estimator = self._wanted_estimator()
        self._check_estimator(estimator)  # refused before it is copied
        return seeded_clone(with_net(estimator), seed)

    def _set_estimator(self, estimator):
        self.estimator_ = estimator
        net = last_step(estimator)
        vars(self).pop("classes_", None)
        if self._predicts_as_net() and hasattr(net, "classes_"):
            self.classes_ = net.classes_

    def _query(self, n):
        rng = self._query_random_state()
        rows, X = part_of_pool(self._considered(), self.n_pool_, n, self.subset, rng)
        return rows[self._best(X, n, rng)]

    def _considered(self):
        """Return the pool as a query looks at it: in its data set, if it is in one."""
        if self._pool_seen is not None:
            return Prepared(self._pool_seen)
        return self._pool if self._leaves_items(self._pool) else self._X_pool

    def _leaves_items(self, pool):
        """Tell whether a pool stays in its data set, since nothing trains on it."""
        return is_read(pool) and not self._recipe_class.uses_pool

    def _prepared(self, X):
        """Return samples as the net sees them."""
        check_is_fitted(self)
        if isinstance(X, Prepared):
            return X.X
        if getattr(X, "ndim", 2) != 1:  # for one axis, the net's own error is better
            validate_data(self, shown(X), reset=False, skip_check_array=True)
        steps = before_last_step(self.estimator_)
        if steps is None:
            return X
        return steps.transform(X.taken() if isinstance(X, Pool) else in_memory(X))

    @property
    def answers_kind(self):
        """What an answer is to a learner, where the net says so."""
        last = last_step(self._wanted_estimator())
        kind = getattr(last, "answers_kind", None)
        return kind if self._predicts_as_net() else None

    @property
    def _net(self):
        check_is_fitted(self)
        return last_step(self.estimator_)

    @property
    def _n_features_out(self):
        return self._net._n_features_out

    def _stored(self):
        return {**super()._stored(), "recipe": self._net._recipe.name}

    def _readable_recipe(self):
        return self._recipe().name

    def _nets_state(self):
        self._refuse_steps(self.estimator_)
        return self._net._stored()

    def _restore_nets(self, state):
        estimator = self._unfitted(seed=None)
        self._refuse_steps(estimator)
        last_step(estimator)._restore(state, self._recipe())
        self._set_estimator(estimator)

    def _refuse_steps(self, estimator):
        if before_last_step(estimator) is not None:
            raise ValueError(
                f"The steps before the net, {list(estimator.named_steps)[:-1]}, were "
                "fitted too, and only weights of nets can be saved. Pickle the "
                "strategy, or transform samples before they are passed to it."
            )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        of_net = get_tags(self._wanted_estimator())
        tags.input_tags = deepcopy(of_net.input_tags)
        tags.transformer_tags.preserves_dtype = ["float32"]
        if self._predicts_as_net():
            tags.estimator_type = of_net.estimator_type
            tags.classifier_tags = deepcopy(of_net.classifier_tags)
            tags.regressor_tags = deepcopy(of_net.regressor_tags)
        if tags.classifier_tags is not None:
            tags.classifier_tags.multi_label = False
        return tags
