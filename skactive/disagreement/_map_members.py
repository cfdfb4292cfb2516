"""A committee that answers by maps: what its members say of pixels, summed up."""

import numpy as np

from skactive.disagreement._measures import (
    consensus_entropy,
    kl_to_consensus,
    vote_entropy,
)
from skactive.utils._aggregate import TOLERANCE, aggregate_units
from skactive.utils._models import chained, innermost, steps_and_last
from skactive.utils._rows import take_rows
from skactive.utils._units import iter_units


class MapCommittee:
    """Fitted segmenters, of whose answers only sums over the members are kept.

    The maps of all members would take as much memory again for each member. So each
    member is asked about the same block of samples, and its maps go into sums.

    Parameters
    ----------
    members : list of estimators
        Fitted; each returns one map of probabilities for each of its classes. Those
        that say their ``classes_`` may lack some of the others'.
    model : estimator object, default=None
        A pipeline through whose steps members see samples. None: as they come.

    Raises
    ------
    ValueError
        If only some of the members say their classes.
    """

    def __init__(self, members, model=None):
        self.members = members
        self._steps = [] if model is None else steps_and_last(model)[0]
        known = [getattr(steps_and_last(m)[1], "classes_", None) for m in members]
        self._columns, self.n_classes = None, None
        if all(classes is not None for classes in known):
            classes = np.unique(np.concatenate(known))
            self.n_classes = len(classes)
            self._columns = [np.searchsorted(classes, some) for some in known]
        elif any(classes is not None for classes in known):
            raise ValueError(
                f"Of the members of the committee, {members!r}, some have classes_ and "
                "some have none, so that their maps cannot be compared."
            )

    @classmethod
    def lent_by(cls, model):
        """Return the committee inside a fitted model that answers for its members."""
        last = innermost(model)
        if not hasattr(last, "members_"):
            raise ValueError(
                f"{last!r} answers for its members by masks, and has no members_, a "
                "list of them: maps of all members at once are too large to hold."
            )
        return cls(last.members_, model)

    def scores(self, X, measure, how):
        """Return one number per sample: a measure of each pixel, aggregated.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples.
        measure : function
            One of ``SUMS``.
        how : {"mean", "sum", "max"}, float or callable
            As in :func:`~skactive.utils._aggregate.aggregate_units`.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            They do not depend on how many samples are in a block.
        """
        if self._steps:
            X = chained(self._steps).transform(X)
        scores, start = [], 0
        # The first member says how many samples are a block.
        for first in iter_units(self.members[0], X):
            rows = np.arange(start, start + len(first))
            sums = SUMS[measure](len(first), self._n_maps(first), first)
            self._add(sums, 0, [first], start)
            for k in range(1, len(self.members)):
                blocks = iter_units(self.members[k], take_rows(X, rows))
                self._add(sums, k, blocks, start)
            scores.append(aggregate_units(sums.measured(len(self.members)), how))
            start += len(rows)
        return np.concatenate(scores)

    def _n_maps(self, first):
        return first.shape[1] if self.n_classes is None else self.n_classes

    def _add(self, sums, k, blocks, start):
        done, n_maps, n_units = 0, *sums.shape[1:]
        columns = np.arange(n_maps) if self._columns is None else self._columns[k]
        for proba in blocks:
            if proba.shape[1:] != (len(columns), n_units):
                raise ValueError(
                    f"Member {k} of the committee, {self.members[k]!r}, answered with "
                    f"{proba.shape[1]} maps of {proba.shape[2]} pixels, where "
                    f"{len(columns)} of {n_units} were expected: one for each of its "
                    "classes, of the size that the other members answer with."
                )
            proba = _checked(proba, f"Member {k} of the committee", start + done)
            sums.add(slice(done, done + len(proba)), proba, columns)
            done += len(proba)


class Means:
    """The entropy of the mean, of each pixel: :func:`consensus_entropy`.

    Parameters
    ----------
    n, n_maps : int
        Samples of a block, and classes of the committee.
    like : ndarray of shape (n, ..., n_units)
        Answers of a member; the sums are of its number of units and dtype.
    """

    def __init__(self, n, n_maps, like):
        dtype = np.float64 if like.dtype == np.float64 else np.float32
        self.shape = n, n_maps, like.shape[2]
        self.total = np.zeros(self.shape, dtype)

    def add(self, at, proba, columns):
        """Add what a member says of some of the samples, in its own classes."""
        for c, column in enumerate(columns):
            self.total[at, column] += proba[:, c]

    def measured(self, n_members):
        """Return one number per sample and pixel."""
        self.total /= n_members
        return entropies(self.total)


class Divergences(Means):
    """The entropy of the mean minus the mean entropy: :func:`kl_to_consensus`."""

    def __init__(self, n, n_maps, like):
        super().__init__(n, n_maps, like)
        self.within = np.zeros((n, like.shape[2]), self.total.dtype)

    def add(self, at, proba, columns):
        super().add(at, proba, columns)
        self.within[at] += entropies(proba)

    def measured(self, n_members):
        return np.maximum(super().measured(n_members) - self.within / n_members, 0)


class Votes(Means):
    """The entropy of the votes, one per member: :func:`vote_entropy`."""

    def add(self, at, proba, columns):
        winners = proba.argmax(axis=1)
        for c, column in enumerate(columns):
            self.total[at, column] += winners == c

    def measured(self, n_members):
        # As there: 2:1:0 votes and 0:1:2 are the same number.
        self.total.sort(axis=1)
        return super().measured(n_members)


#: Measures that are known from sums over the members.
SUMS = {
    vote_entropy: Votes,
    consensus_entropy: Means,
    kl_to_consensus: Divergences,
}


def entropies(proba):
    """Return the entropy in nats over the classes of each unit, with ``0 log 0 = 0``.

    Parameters
    ----------
    proba : ndarray of float32 or float64 of shape (n, n_classes, n_units)
        Distributions along the second axis.

    Returns
    -------
    entropies : ndarray of shape (n, n_units)
        Added class by class: the last bit of one sample does not depend on the others.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.disagreement._map_members import entropies
    >>> entropies(np.array([[[0.5, 0.0], [0.5, 1.0]]])).round(6)
    array([[0.693147, 0.      ]])
    """
    total = np.zeros((len(proba), proba.shape[2]), proba.dtype)
    for c in range(proba.shape[1]):
        log = np.maximum(proba[:, c], np.finfo(proba.dtype).tiny)
        np.log(log, out=log)
        log *= proba[:, c]
        total -= log
    return total


def _checked(proba, whose, start):
    """Return probabilities as floats, or say which sample has none."""
    if proba.dtype not in (np.float32, np.float64):
        proba = proba.astype(np.float32 if proba.dtype == np.float16 else np.float64)
    total = proba.sum(axis=1)
    fine = (abs(total - 1) <= TOLERANCE) & (proba.min(axis=1) >= 0)  # NaN is not
    if not fine.all():
        row, unit = np.argwhere(~fine)[0]
        raise ValueError(
            f"{whose} must answer with probabilities that sum to 1 over the classes; "
            f"of sample {start + row} those of pixel {unit} are "
            f"{proba[row, :, unit].tolist()}."
        )
    return proba
