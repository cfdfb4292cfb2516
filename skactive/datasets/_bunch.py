"""The one form in which every data set is returned."""

from sklearn.utils import Bunch


def answer(
    name,
    data,
    target,
    *,
    descr,
    task="classification",
    target_names=None,
    feature_names=None,
    test=(None, None),
    return_X_y=False,
    **extra,
):
    """Return a Bunch with the same fields for every data set, or ``(X, y)``."""
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=_as_list(target_names),
        feature_names=_as_list(feature_names),
        test_data=test[0],
        test_target=test[1],
        name=name,
        task=task,
        DESCR=descr,
        **extra,
    )


def _as_list(names):
    return None if names is None else [str(name) for name in names]
