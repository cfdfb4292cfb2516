"""What is inside a model: frozen models, searches, pipelines and their last step."""

import warnings

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.ensemble import StackingClassifier, StackingRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from skactive.exceptions import UnsuitedWarning
from skactive.utils._dense_answers import kind_of


def unfrozen(model):
    """Return what is inside a ``FrozenEstimator``, or the model itself."""
    while isinstance(model, FrozenEstimator):
        model = model.estimator
    return model


def unwrapped(model):
    """Return the fitted model inside frozen models and searches."""
    while True:
        if isinstance(model, FrozenEstimator):
            model = model.estimator
        elif hasattr(model, "best_estimator_"):
            model = model.best_estimator_
        else:
            return model


def last_step(model):
    """Return the last step of a pipeline, or the model itself.

    Nothing is unwrapped: this is what will be fitted.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skactive.utils._models import last_step
    >>> last_step(make_pipeline(StandardScaler(), LogisticRegression()))
    LogisticRegression()
    """
    return model[-1] if isinstance(model, Pipeline) else model


def innermost(model, unwrap=unfrozen):
    """Return the model at the end of pipelines, out of what ``unwrap`` opens."""
    model = unwrap(model)
    while isinstance(model, Pipeline):
        model = unwrap(model[-1])
    return model


def before_last_step(model):
    """Return the steps of a pipeline before its last, or None if there are none."""
    return model[:-1] if isinstance(model, Pipeline) and len(model) > 1 else None


def replace_last_step(model, last):
    """Return a pipeline with another last step, or that step instead of the model.

    The other steps are those of the pipeline, which is left as it is.
    """
    if not isinstance(model, Pipeline):
        return last
    steps = [*model.steps[:-1], (model.steps[-1][0], last)]
    return type(model)(**{**model.get_params(deep=False), "steps": steps})


# Their probabilities are those of the one model inside; they only decide otherwise.
THRESHOLDS = (FixedThresholdClassifier, TunedThresholdClassifierCV)


def steps_and_last(model, *, decides=False):
    """Return the steps before the last layer of a model, and the model that has it.

    Frozen models, searches, pipelines in pipelines and tuned thresholds are opened;
    ``decides=True`` leaves thresholds closed, for whom predictions matter. Steps that
    only draw samples for training, as of imbalanced-learn, are left out. Of a model
    that is not fitted, the parts are those it was given.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import MinMaxScaler, StandardScaler
    >>> from skactive.utils._models import steps_and_last
    >>> inner = make_pipeline(MinMaxScaler(), LogisticRegression())
    >>> steps_and_last(make_pipeline(StandardScaler(), inner))
    ([StandardScaler(), MinMaxScaler()], LogisticRegression())
    """
    steps = []
    while True:
        if isinstance(model, FrozenEstimator):
            model = model.estimator
        elif hasattr(model, "best_estimator_"):
            model = model.best_estimator_
        elif isinstance(model, THRESHOLDS) and not decides:
            model = getattr(model, "estimator_", model.estimator)
        elif isinstance(model, Pipeline):
            steps += [step for _, step in model.steps[:-1] if transforms(step)]
            model = model.steps[-1][1]
        else:
            return steps, model


def chained(steps):
    """Return fitted steps as one fitted transformer; None if there are none."""
    if len(steps) < 2:
        return steps[0] if steps else None
    return Pipeline([(f"step{k}", step) for k, step in enumerate(steps)])


def hiding_wrapper(last):
    """Return a model if its parts see other than its own samples; else None.

    Calibration, bagging or one-vs-rest of a pipeline: each copy inside has steps of its
    own, and there is no one answer to what the last layer sees.
    """
    inner = getattr(last, "estimator", getattr(last, "regressor", None))
    inner = [inner] if inner is not None else _named_parts(last)
    hides = any(
        steps or hiding_wrapper(part) is not None or hasattr(part, "module")
        for steps, part in map(steps_and_last, inner)
    )
    return last if hides else None


def before_last_layer(model, owner=None, *, decides=False):
    """Return the transformer that gives what the last layer sees, None for nothing.

    A net is head and body in one: it comes last, and its transform is the body.
    """
    steps, last = steps_and_last(model, decides=decides)
    if has_body(last):
        steps = [*steps, last]
    elif hiding_wrapper(last) is not None:
        raise ValueError(hidden(owner, last))
    return chained(steps)


def has_body(last):
    """Tell whether a model embeds samples itself before its last layer."""
    return hasattr(last, "transform") and not hasattr(last, "coef_")


def check_last_layer(owner, model, *, decides=False):
    """Refuse a model, fitted or not, that hides what its last layer sees."""
    last = steps_and_last(model, decides=decides)[1]
    if not has_body(last) and hiding_wrapper(searched(last)) is not None:
        raise ValueError(hidden(owner, last))


def hidden(owner, last):
    """Say which wrapper hides the last layer."""
    other = ", or pass them as embedding" if hasattr(owner, "embedding") else ""
    return (
        f"{type(owner).__name__} looks at what the last layer of a model sees, and "
        f"{type(last).__name__} hides it, as each model inside {last!r} has steps of "
        f"its own: put the steps before {type(last).__name__}, in a Pipeline that ends "
        f"in it{other}."
    )


def searched(model):
    """Return the model that a search will fit, as far as pipelines and searches go."""
    while hasattr(model, "refit") and hasattr(model, "estimator"):
        model = steps_and_last(model.estimator)[1]
    return model


def has_method(model, name):
    """Tell whether a model has a method, or will have it once it is fitted.

    Stacking without ``final_estimator`` hides what its default will have.
    """
    if hasattr(model, name):
        return True
    if isinstance(model, (StackingClassifier, StackingRegressor)):
        classifies = isinstance(model, StackingClassifier)
        default = LogisticRegression if classifies else RidgeCV
        return model.final_estimator is None and hasattr(default, name)
    if isinstance(model, Pipeline):
        return has_method(model.steps[-1][1], name)
    if isinstance(model, FrozenEstimator):
        return has_method(model.estimator, name)
    hands_on = isinstance(model, THRESHOLDS) or hasattr(model, "refit")
    return hands_on and has_method(getattr(model, "estimator", None), name)


def predictions(model, X):
    """Return what a model predicts, as one row where it answers with a column."""
    y = np.asarray(model.predict(X))
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


def transforms(step):
    """Tell whether a step of a pipeline has a say in predictions."""
    return step not in (None, "passthrough") and not hasattr(step, "fit_resample")


def _named_parts(model):
    parts = getattr(model, "estimators", None)
    if not isinstance(parts, list):
        return []
    models = [part[1] if isinstance(part, tuple) else part for part in parts]
    return [model for model in models if not isinstance(model, str)]


def refuse_regressor(strategy, model, name="estimator"):
    """Refuse a regressor, and name what serves one."""
    raise ValueError(
        f"{type(strategy).__name__} needs a classifier, and its {name} {model!r} is "
        f"a regressor. {SERVE_REGRESSORS}"
    )


#: What to take instead, from the one that is advised first.
SERVE_REGRESSORS = (
    "These serve regressors: LCMD, CoreSet and the other strategies of "
    "skactive.diversity that look at where samples lie, best after a StandardScaler(); "
    "QueryByCommittee, BatchVariance, VarianceReduction, GreedySampling and "
    "ExpectedModelChange, which ask the model; LL4AL beside a NetRegressor; and "
    "RandomSampling."
)


def refuse_numbers(strategy, model):
    """Refuse a regressor beside which a strategy has nothing to train."""
    serves = getattr(strategy, "takes_numbers", False)
    if model is not None and not serves and is_regressor(model):
        refuse_regressor(strategy, model)


def refuse_dense(strategy, model):
    """Refuse a model that says it answers by masks or boxes, and name what asks one."""
    if model is None or getattr(steps_and_last(model)[1], "answers_kind", None) is None:
        return
    raise ValueError(
        f"{type(strategy).__name__} needs a model that gives each sample one class, "
        f"and {model!r} answers by masks or boxes. EntropySampling, MarginSampling and "
        "LeastConfidenceSampling measure pixels and boxes, BALD, PowerBALD and "
        "QueryByCommittee compare pixels, LL4AL and TaskAwareViT are trained beside "
        "the model; "
        'RandomSampling, VAAL and CoreSet("estimator"), which look at images or what '
        "the model embeds, take any model."
    )


def refuse_one_column(strategy, model=None):
    """Refuse several labels per sample for a strategy, if any, that serves one."""
    if strategy is None:
        return
    if model is not None and is_regressor(model):
        raise ValueError(
            f"{type(strategy).__name__} needs one number per sample, and y has several "
            "columns. QueryByCommittee, BatchVariance, VarianceReduction and "
            "GreedySampling serve several numbers; RandomSampling, CoreSet, LCMD and "
            "other strategies of skactive.diversity that look at where samples lie "
            "serve any y."
        )
    raise ValueError(
        f"{type(strategy).__name__} needs one class per sample, and y has several "
        "columns. BinMin, LabelCardinalityInconsistency and CVIRS of "
        "skactive.uncertainty and MaximumLossReduction of skactive.lookahead serve "
        "sets of labels; RandomSampling, CoreSet and other strategies of "
        "skactive.diversity that look at where samples lie serve any y."
    )


def refuse_all_but_classes(strategy, model):
    """Refuse a model that predicts anything but one class for each sample."""
    refuse_dense(strategy, model)
    refuse_numbers(strategy, model)


#: Kinds of models that learn without labels, in words.
WITHOUT_LABELS = {
    "clusterer": "a clusterer",
    "outlier_detector": "a detector of outliers",
    "density_estimator": "an estimator of densities",
}


def refuse_without_labels(owner, model):
    """Refuse a model that learns no labels, though it may predict something."""
    kind = WITHOUT_LABELS.get(get_tags(model).estimator_type)
    advice = "Take a classifier."
    predicts = has_method(model, "predict")
    if kind is None and hasattr(model, "transform") and not predicts:
        kind = "a transformer"
        advice = "Take a classifier, or put one behind it by make_pipeline."
    if kind is not None:
        raise ValueError(
            f"The 'estimator' parameter of {type(owner).__name__} must be a model "
            f"that learns labels; got {model!r}, which is {kind}. {advice}"
        )


def warn_above_two(strategy):
    """Warn, from ``fit`` around `_fit`, if a strategy made for two classes has more."""
    if len(strategy.classes_) > 2:
        warnings.warn(
            f"{type(strategy).__name__} is made for two classes, and y has more: it "
            "then loses to random sampling on most tables. Take MarginSampling() or "
            "UncertaintyHerding().",
            UnsuitedWarning,
            stacklevel=5,
        )


class NumbersOnlyMixin:
    """Refuses to serve a model that predicts anything but numbers."""

    needs_numbers = True

    def _check_estimator(self, estimator):
        refuse_dense(self, estimator)
        name = type(self).__name__
        if is_classifier(estimator):
            raise ValueError(
                f"{name} needs a regressor, and its estimator {estimator!r} is a "
                "classifier. Take a regressor, such as Ridge(), or a strategy for "
                "classes, such as MarginSampling() or CoreSet()."
            )
        kind = WITHOUT_LABELS.get(get_tags(estimator).estimator_type)
        if kind is not None or not has_method(estimator, "predict"):
            raise ValueError(
                f"{name} needs a regressor, whose predict returns numbers, and its "
                f"estimator {estimator!r} is {kind or 'none'}. Take a regressor, such "
                "as Ridge()."
            )
        super()._check_estimator(estimator)

    def _check_known(self, y):
        y = np.asarray(super()._check_known(y))
        if y.dtype.kind not in "iufc":  # of complex ones the model says the usual
            raise ValueError(
                f"{type(self).__name__} needs numbers as y, got {y.dtype} such as "
                f"{y.ravel()[0]!r}. Pass y.astype(float) if numbers are meant."
            )
        if not np.isfinite(y).all():
            raise ValueError(
                f"{type(self).__name__} needs finite numbers as y, got "
                f"{np.sum(~np.isfinite(y))} that are NaN or infinite."
            )
        return y


class ClassesOnlyMixin:
    """Refuses to serve a model that predicts numbers, masks, boxes or label sets."""

    takes_columns = False

    def _check_estimator(self, estimator):
        refuse_dense(self, estimator)
        if is_regressor(estimator):
            refuse_regressor(self, estimator)
        super()._check_estimator(estimator)

    def _check_known(self, y):
        kind = kind_of(y)
        if kind is not None:
            raise ValueError(
                f"{type(self).__name__} needs one class per sample, and an answer in y "
                f"is {kind.one}."
            )
        y = super()._check_known(y)
        embedding = getattr(self, "embedding", None)
        # The numbers that a regressor embeds by are no classes, though whole.
        if hasattr(embedding, "fit") and is_regressor(embedding):
            if 2 * len(np.unique(np.asarray(y))) > len(y):
                refuse_regressor(self, embedding, "embedding")
        return y
