"""The data sets that come with scikit-learn."""

from sklearn import datasets

from skactive.datasets._bunch import answer

BUNDLED = {
    "breast_cancer": (datasets.load_breast_cancer, "classification"),
    "diabetes": (datasets.load_diabetes, "regression"),
    "digits": (datasets.load_digits, "classification"),
    "iris": (datasets.load_iris, "classification"),
    "wine": (datasets.load_wine, "classification"),
}


def load_bundled(name, return_X_y=False):
    """Load one of scikit-learn's own data sets, with its values as they are."""
    load, task = BUNDLED[name]
    raw = load()
    return answer(
        name,
        raw.data,
        raw.target,
        task=task,
        target_names=raw.get("target_names"),
        feature_names=raw.feature_names,
        descr=f"Source: sklearn.datasets.{load.__name__}.\n\n{raw.DESCR}",
        return_X_y=return_X_y,
    )
