"""Versions that a result depends on."""

import sklearn

import skactive
from skactive.benchmark._versions import MADE_BY, versions


def test_versions_are_those_that_are_installed():
    found = versions()
    assert found["skactive"] == skactive.__version__
    assert found["scikit-learn"] == sklearn.__version__
    assert set(MADE_BY) <= set(found)
