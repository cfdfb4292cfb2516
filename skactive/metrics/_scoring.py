"""What may be given as ``scoring``: a name, or a scorer; said before anything runs."""

import inspect
from numbers import Real

import numpy as np
from sklearn.base import is_regressor
from sklearn.metrics import get_scorer, make_scorer

from skactive.metrics._bounded_r2 import bounded_r2_score

# By these names the first argument of a metric is known: labels, not a model.
LABELS = ("y", "y_true", "y_test", "y_pred", "labels_true", "true", "truth", "target")


#: Names beside those of scikit-learn.
OWN_SCORERS = {"bounded_r2": make_scorer(bounded_r2_score)}


def is_r2(scoring, estimator):
    """Tell whether a scoring of an estimator is R², by name or because nothing is said.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression, Ridge
    >>> from skactive.metrics._scoring import is_r2
    >>> is_r2(None, Ridge()), is_r2(None, LogisticRegression()), is_r2("r2", None)
    (True, False, True)
    """
    if scoring is None:
        return estimator is not None and is_regressor(estimator)
    return isinstance(scoring, str) and scoring == "r2"


def own_score(estimator, X, y):
    """Return what a model itself calls its score."""
    return estimator.score(X, y)


def scorer_of(scoring):
    """Return the scorer ``(estimator, X, y)`` that is meant, or say what is wrong.

    Parameters
    ----------
    scoring : str or callable
        The name of a scorer, of scikit-learn or "bounded_r2", or the scorer itself.

    Returns
    -------
    scorer : callable
        Called as ``scorer(estimator, X, y)``.

    Raises
    ------
    ValueError
        If there is no scorer of the name, or a metric ``f(y_true, y_pred)`` was given,
        which :func:`sklearn.metrics.make_scorer` makes a scorer of, or what is neither
        a name nor callable.

    Examples
    --------
    >>> from sklearn.metrics import accuracy_score, make_scorer
    >>> from skactive.metrics._scoring import scorer_of
    >>> scorer_of(make_scorer(accuracy_score))
    make_scorer(accuracy_score, response_method='predict')
    >>> scorer_of(accuracy_score)
    Traceback (most recent call last):
        ...
    ValueError: scoring=accuracy_score is a metric of labels and answers, and a scorer \
is called with (estimator, X, y). Pass make_scorer(accuracy_score), of \
sklearn.metrics, or the name of a scorer.
    """
    if isinstance(scoring, str):
        return OWN_SCORERS[scoring] if scoring in OWN_SCORERS else get_scorer(scoring)
    if isinstance(scoring, (list, tuple, set, dict)):
        raise ValueError(
            f"scoring must be one name or one scorer, got {scoring!r}. Score by one, "
            "and read the others from the result, as in result.areas(scoring=...)."
        )
    if not callable(scoring):
        raise ValueError(
            "scoring must be the name of a scorer or a scorer(estimator, X, y), got "
            f"{scoring!r}."
        )
    name = scoring_name(scoring)
    if _is_metric(scoring):
        raise ValueError(
            f"scoring={name} is a metric of labels and answers, and a scorer is called "
            f"with (estimator, X, y). Pass make_scorer({name}), of sklearn.metrics, or "
            "the name of a scorer."
        )
    if not _takes(scoring, 3):
        raise ValueError(
            f"scoring={name} cannot be called with (estimator, X, y), as a scorer is. "
            f"Give it these three arguments; if it is a metric f(y_true, y_pred), pass "
            f"make_scorer({name}), of sklearn.metrics."
        )
    return scoring


def one_score(scorer, model, X, y):
    """Return the score of a model as a number, or say what came in its place."""
    score = scorer(model, X, y)
    if isinstance(score, np.ndarray) and score.ndim == 0:
        score = score.item()
    if not isinstance(score, (Real, np.number, np.bool_)):
        raise TypeError(
            f"scoring={scoring_name(scorer)} must return one number, got a "
            f"{type(score).__name__}: {str(score)[:60]}."
        )
    return float(score)


def scoring_name(scoring):
    """Return what to call a scoring in a text or at an axis."""
    if isinstance(scoring, str):
        return scoring
    if isinstance(scoring, dict):  # as a configuration describes what is not a name
        known = (scoring.get(key) for key in ("function", "method", "class", "partial"))
        scoring = next((str(word) for word in known if word), "score")
        return scoring.rpartition(".")[2]
    metric = getattr(scoring, "_score_func", None)  # of make_scorer
    if metric is not None:
        return scoring_name(metric)
    if hasattr(scoring, "func"):  # functools.partial
        return scoring_name(scoring.func)
    return getattr(scoring, "__name__", None) or type(scoring).__name__


def _is_metric(scoring):
    """Tell whether a function compares answers with labels, and asks no model."""
    function = getattr(scoring, "func", scoring)
    module = getattr(function, "__module__", None) or ""
    if inspect.isfunction(function) and module.startswith("sklearn.metrics."):
        return not module.startswith("sklearn.metrics._scorer")
    names = _positional(scoring)
    return bool(names) and names[0].lower() in LABELS


def _positional(function):
    """Return the names of the arguments that may be given by position, or None."""
    try:
        given = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some built-in functions do not tell
        return None
    return [
        p.name for p in given if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]


def _takes(function, n):
    """Tell whether a function can be called with n arguments by position."""
    try:
        inspect.signature(function).bind(*range(n))
    except TypeError:
        return False
    except ValueError:
        return True
    return True
