"""Lends the learner's fitted model, frozen, to a strategy and its parts."""

import warnings

from sklearn.base import clone, is_classifier, is_regressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from skactive.base import ModelStrategy, QueryStrategy
from skactive.diversity import RandomSampling
from skactive.uncertainty import MarginSampling
from skactive.utils._fit_params import params_of
from skactive.utils._models import (
    SERVE_REGRESSORS,
    chained,
    refuse_dense,
    refuse_numbers,
    steps_and_last,
)


def parts(estimator, strategy, in_columns=False):
    """Return (model to predict with, strategy, are they one and the same?).

    ``in_columns``: a label is several values, which the default strategy must serve.
    """
    if strategy is None:
        classifies = estimator is None or is_classifier(estimator)
        classifies = classifies and not in_columns
        strategy = MarginSampling() if classifies else RandomSampling()
    model = own_model(strategy) if estimator is None else estimator
    model = LogisticRegression() if model is None else model
    return model, strategy, model is strategy


def own_model(strategy):
    """Return the model inside a strategy: itself if it predicts; None if none."""
    if not isinstance(strategy, QueryStrategy):
        return None
    if hasattr(strategy, "predict"):
        return strategy
    if isinstance(strategy, ModelStrategy):
        return strategy._wanted_estimator()
    own = getattr(strategy, "estimator", None)  # beside an embedding, or a detector
    models = [own, *map(own_model, _inside(strategy))]
    return next((model for model in models if model is not None), None)


def _inside(strategy):
    """Return all that may be a strategy in another: its parameters, and its steps."""
    steps = strategy._inside_steps() if hasattr(strategy, "_inside_steps") else ()
    return [*strategy.get_params(deep=False).values(), *steps]


def hand_over(strategy, model, overwrite):
    """Set every ``estimator`` of a strategy, and of strategies in it, to a model.

    So is every ``embedding`` that is the word "estimator".
    """
    _set_default_strategy(strategy)
    for name, part in strategy.get_params(deep=False).items():
        if name == "estimator" and (part is None or overwrite):
            strategy.set_params(estimator=model)
        elif name == "embedding" and _is_estimator_word(part):
            strategy.set_params(embedding=_embedding_of(model))
    for part in _inside(strategy):
        if isinstance(part, QueryStrategy) and not hasattr(part, "trains_a_net"):
            hand_over(part, model, overwrite)


def lend_settings(strategy, model):
    """Let strategies that train a net of their own build it as the learner's.

    So ``ActiveLearner(net, LL4AL())`` needs no second net. What they are given is not
    fitted, and models that are not nets are left alone.
    """
    if getattr(strategy, "trains_a_net", False):
        if strategy._takes_settings_of(model):
            strategy.set_params(estimator=clone(model))
        return
    for part in _inside(strategy):
        if isinstance(part, QueryStrategy):
            lend_settings(part, model)


def refuse_name(parameter, strategy):
    """Refuse a word in place of a strategy."""
    if isinstance(strategy, str):
        raise ValueError(
            f"The {parameter!r} parameter of ActiveLearner must be a strategy, such "
            f"as skactive.uncertainty.MarginSampling(); got {strategy!r}. Only "
            "skactive.benchmark takes names."
        )


def check_strategy(strategy, model, overwrite, X=None):
    """Refuse what the strategy cannot ask or compare, before a label is paid for."""
    if not isinstance(strategy, QueryStrategy):
        return
    strategy._validate_params()
    own = getattr(strategy, "estimator", None)
    if hasattr(strategy, "predict"):
        inside = getattr(strategy, "strategy", None)
        if isinstance(inside, QueryStrategy):  # which predicts
            check_strategy(inside, model, overwrite, X)
        else:
            _check_net(strategy, own, own if overwrite else model)
        strategy._check_sizes(X, own if overwrite or own is not None else model)
        return
    asked = model if overwrite or own is None else own
    strategy._check_estimator(asked)
    if asked is not model and hasattr(strategy, "response_method"):
        _refuse_other_kind(strategy, own, model)
    strategy._check_sizes(X, asked)
    if _is_estimator_word(getattr(strategy, "embedding", None)):
        if not _may_embed(model):
            raise ValueError(
                f"{strategy!r} looks at samples as the model of the learner embeds "
                f"them, and {model!r} has no transform{_of_no_step(model)}. Take a "
                "model that has one, such as skactive.nets.NetClassifier, a pipeline "
                "with a transformer before its last step, or another embedding."
            )
    for part in [*_inside(strategy), _default_strategy(strategy)]:
        check_strategy(part, model, overwrite, X)


def _refuse_other_kind(strategy, own, model):
    """Refuse a classifier to be trained on numbers, and a regressor on classes."""
    if isinstance(own, FrozenEstimator):
        return
    name = type(strategy).__name__
    if is_classifier(own) and is_regressor(model):
        raise ValueError(
            f"{name} would train its estimator {own!r}, a classifier, on the numbers "
            f"that {model!r}, a regressor, learns. {SERVE_REGRESSORS}"
        )
    if is_regressor(own) and is_classifier(model):
        raise ValueError(
            f"{name} would train its estimator {own!r}, a regressor, on the classes "
            f"that {model!r} learns. Take a classifier, or leave it None, if {name} "
            "serves classifiers."
        )


def of_one_column(strategy, model=None):
    """Return what, in a strategy, serves labels of one column alone; None if nothing.

    ``model`` is what it is lent, where it has no model of its own.

    Examples
    --------
    >>> from skactive.learner._lending import of_one_column
    >>> from skactive.uncertainty import MarginSampling
    >>> of_one_column(MarginSampling()), of_one_column(None)
    (MarginSampling(), None)
    """
    if not isinstance(strategy, QueryStrategy):
        return None
    own = getattr(strategy, "estimator", None)
    if not strategy._takes_columns_of(model if own is None else own):
        return strategy
    try:
        inside = [*_inside(strategy), _default_strategy(strategy)]
    except (TypeError, ValueError, AttributeError):
        return None  # check_strategy says what is wrong with it
    found = (of_one_column(part, model) for part in inside)
    return next((part for part in found if part is not None), None)


def _check_net(strategy, own, model):
    """Refuse a strategy that trains a model, where it is not for what the learner's is.

    ``own`` is the estimator of the strategy, ``model`` the one that predicts.
    """
    if not getattr(strategy, "takes_masks_and_boxes", False):
        refuse_dense(strategy, model)
    refuse_numbers(strategy, model)
    if not getattr(strategy, "trains_a_net", False):
        return
    lent = model is not None and strategy._takes_settings_of(model)
    net = model if lent else strategy._wanted_estimator()
    strategy._check_estimator(net)
    if not strategy._predicts_as_net():
        return
    if model is not None and is_regressor(model) != is_regressor(net):
        kinds = "numbers", "classes"
        told, trained = kinds if is_regressor(model) else kinds[::-1]
        remedy = "NetRegressor" if is_regressor(model) else "NetClassifier"
        name = type(strategy).__name__
        raise ValueError(
            f"The model of the learner, {model!r}, predicts {told}, and the net that "
            f"{name} trains, {net!r}, {trained}. Pass skactive.nets.{remedy}, without "
            f"warm_start, as model of the learner or as estimator of {name}."
        )


def check_prices(strategy, prices, X):
    """Refuse prices that a strategy cannot rank by, before a label is paid for."""
    if isinstance(strategy, QueryStrategy):
        strategy._check_prices(prices, X)
        for part in _inside(strategy):
            check_prices(part, prices, X)


def check_fit_params(strategy, params, n_rows):
    """Refuse arguments of fit that a strategy's own model cannot heed."""
    if not params or not isinstance(strategy, QueryStrategy):
        return
    if hasattr(strategy, "predict"):
        return
    own = getattr(strategy, "estimator", None)
    if own is not None and hasattr(strategy, "_params_of"):
        params_of(own, params, n_rows, type(strategy).__name__)
    for part in _inside(strategy):
        check_fit_params(part, params, n_rows)


def warn_of_late_steps(strategy, n_labels):
    """Warn of a step that has no turn in a run that asks with so many labels."""
    for late in _late_steps(strategy, n_labels):
        warnings.warn(late, UserWarning, stacklevel=5)


def _late_steps(strategy, n_labels):
    if isinstance(strategy, QueryStrategy):
        said = getattr(strategy, "_never_reached", lambda n_labels: None)(n_labels)
        inside = [_late_steps(part, n_labels) for part in _inside(strategy)]
        return sum(inside, [said] if said else [])
    return []


def _is_estimator_word(part):
    return isinstance(part, str) and part == "estimator"


def _default_strategy(strategy):
    """Return the strategy that takes the place of ``strategy=None`` in a learner."""
    default = getattr(strategy, "_default_strategy", None)
    left_out = default is not None and strategy.strategy is None
    return default() if left_out else None


def _set_default_strategy(strategy):
    default = _default_strategy(strategy)
    if default is not None:
        strategy.set_params(strategy=default)
    if hasattr(strategy, "_default_steps") and strategy.steps is None:
        strategy.set_params(steps=strategy._default_steps())


def _may_embed(model):
    """Tell whether a model has a transform, or steps before its last one."""
    while hasattr(model, "refit") and hasattr(model, "estimator"):
        model = model.estimator
    return hasattr(model, "transform") or bool(steps_and_last(model)[0])


def _of_no_step(model):
    """Say why no step of a pipeline before its last transforms samples."""
    if not isinstance(model, Pipeline) or len(model.steps) < 2:
        return ""
    idle = [
        f"{name!r} is {step!r}"
        if step in (None, "passthrough")
        else f"{name!r}, {type(step).__name__}, only draws samples for training"
        for name, step in model.steps[:-1]
    ]
    return f", and neither has a step before its last ({'; '.join(idle)})"


def _embedding_of(model):
    """Return a fitted transformer: the model, or the steps before its last one."""
    if hasattr(model, "transform"):
        return model
    return FrozenEstimator(chained(steps_and_last(model)[0]))
