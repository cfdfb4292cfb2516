"""Which propagator: one of three names, or an object of your own."""

from sklearn.base import clone

from skactive.deep.revival._gcn_propagator import GCNPropagator
from skactive.deep.revival._lgc_propagator import LGCPropagator
from skactive.deep.revival._sgc_propagator import SGCPropagator
from skactive.graph import KNNAffinity
from skactive.utils import set_random_states

WORDS = {"lgc": LGCPropagator, "gcn": GCNPropagator, "sgc": SGCPropagator}
INTERFACE = (
    "fit(Z, W, rows, y, n_classes), which sets proba_; adversary(rows, eps=..., "
    "symmetrize=...); and get_params, as every BaseEstimator of scikit-learn"
)


def as_propagator(propagator):
    """Return the propagator that is given, or that a name stands for.

    Parameters
    ----------
    propagator : {"lgc", "gcn", "sgc"} or object
        A name stands for the defaults. An object is returned as it is.

    Returns
    -------
    propagator : object
        One with the interface of :class:`~skactive.deep.LGCPropagator`.

    Raises
    ------
    ValueError
        If there is no such name.
    TypeError
        If it is not a string and lacks a method of the interface.
    """
    words = ", ".join(map(repr, WORDS))
    if isinstance(propagator, str):
        if propagator not in WORDS:
            raise ValueError(
                f"propagator must be one of {words}, or an object such as "
                f"GCNPropagator(hidden=16); got {propagator!r}."
            )
        return WORDS[propagator]()
    needed = ("fit", "adversary", "get_params")
    missing = [name for name in needed if not callable(getattr(propagator, name, None))]
    if isinstance(propagator, type):
        missing = ["a call of the class: pass an object of it"]
    if missing:
        raise TypeError(
            f"propagator must be one of {words}, or an object with {INTERFACE}. "
            f"{propagator!r} lacks {', '.join(missing)}."
        )
    return propagator


def check_propagator(propagator):
    """Refuse what is not a propagator, or one with bad parameters."""
    propagator = as_propagator(propagator)
    if hasattr(propagator, "_parameter_constraints"):
        propagator._validate_params()


def seeded_propagator(propagator, seed, *, seed_for_all):
    """Return an unfitted copy of a propagator that has a seed.

    Parameters
    ----------
    propagator : {"lgc", "gcn", "sgc"} or object
        What to copy.
    seed : int
        Its seed.
    seed_for_all : bool
        False: a seed that the user gave it is kept.

    Returns
    -------
    propagator : object
        The copy.
    """
    propagator = clone(as_propagator(propagator))
    own = propagator.get_params()
    if seed_for_all:
        set_random_states(propagator, seed)  # those of its parts
    if "random_state" in own and (seed_for_all or own["random_state"] is None):
        propagator.set_params(random_state=seed)
    return propagator


def oversampled(oversample, propagator):
    """Return how many times as many an adversary proposes; None without one.

    "auto" is none for label spreading, whose adversary costs points, and 10 for others.
    """
    if oversample != "auto":
        return oversample
    return None if isinstance(as_propagator(propagator), LGCPropagator) else 10


def affinity_of(propagator):
    """Return the graph that a propagator uses if none is given."""
    propagator = as_propagator(propagator)
    if hasattr(propagator, "default_affinity"):
        return propagator.default_affinity()
    return KNNAffinity()
