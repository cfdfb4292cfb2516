"""The base of estimators whose box in a diagram links to their page."""

import importlib

from sklearn import base

PAGES = "https://skactive.github.io/skactive/generated"
# Rooms whose classes are public elsewhere.
PUBLIC_IN = {"_gates": "stream"}


class BaseEstimator(base.BaseEstimator):
    """scikit-learn's, with a link to the documentation of skactive."""

    _doc_link_module = "skactive"

    def _get_doc_link(self):
        """Return the address of the page of this class, or "" if it has none.

        scikit-learn makes it of the module in which a class is written; here a class
        is public in the folder above, and two of them in the package itself.
        """
        name = public_name(type(self))
        return f"{PAGES}/{name}.html" if name else ""


def public_name(cls):
    """Return the dotted name under which a class is documented, or None."""
    package, *parts = cls.__module__.split(".")
    if package != "skactive" or not parts:
        return None
    room = PUBLIC_IN.get(parts[0], parts[0])
    for place in ("skactive", f"skactive.{room}"):
        module = importlib.import_module(place)
        if cls.__name__ in getattr(module, "__all__", ()):
            return f"{place}.{cls.__name__}"
    return None
