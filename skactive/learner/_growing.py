"""A pool that grows: samples come in while others are being labeled."""

import numpy as np
from sklearn.utils.validation import validate_data

from skactive._sklearn import _num_samples
from skactive.learner._costs import checked_prices
from skactive.learner._rounds import publish
from skactive.utils import wants_pool
from skactive.utils._faults import refuse_shorter
from skactive.utils._grown import grown
from skactive.utils._items import shown
from skactive.utils._parted import named


class GrowMixin:
    """The method ``extend`` of a learner that labels by hand or asks an oracle."""

    def extend(self, X_new, *, cost=None, ids=None, **fit_params):
        """Add samples to those that may be asked for, behind the others.

        Parameters
        ----------
        X_new : array-like of shape (n_new, ...)
            Unlabeled samples, in a container of the kind that ``fit`` was given, and
            of the same dtype.
        cost : array-like of float of shape (n_new,), default=None
            What answers to them cost; needed if ``fit`` was given ``cost``.
        ids : array-like of int or str of shape (n_new,), default=None
            Their names; needed if there is a ``journal`` with ids.
        **fit_params : dict
            Arguments of the estimator's fit that have one entry for each sample, such
            as ``sample_weight``: entries of the new ones, for each that ``fit`` was
            given.

        Returns
        -------
        rows : ndarray of intp of shape (n_new,)
            The numbers of the new samples: they go on where those of ``X`` end. All
            others keep theirs, with labels, skips, rounds and history.

        Raises
        ------
        ValueError
            If the samples are of another shape or dtype, if something is not given that
            ``fit`` was given for each sample, or after a simulation.
        TypeError
            If nothing can be added to the container, as to a data set of torch or an
            array of dask.
        OSError
            If the journal could not be written.

        Notes
        -----
        All of it is done, or nothing. No model is fitted, but before the next query one
        that learns from the pool is. What rounds share is made again. A journal knows
        of the new samples: another day ``fit`` is given all of them. ``undo`` takes
        back answers, and leaves the samples.

        Cost: a copy of all samples if they are in memory; of files (``np.memmap``,
        h5py, zarr) both are read where they are.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skactive import ActiveLearner
        >>> X, y = load_iris(return_X_y=True)
        >>> X, y = X[::2], y[::2]
        >>> start = [0, *[None] * 29, 1, *[None] * 19]
        >>> learner = ActiveLearner(random_state=0).fit(X[:50], start)
        >>> rows = learner.extend(X[50:])
        >>> rows[[0, -1]].tolist(), len(learner.labels_)
        ([50, 74], 75)
        >>> learner.teach(rows[:1], y[rows[:1]]).classes_.tolist()
        [0, 1, 2]
        """
        run = self._open_run()
        refuse_shorter(run.X, len(run.ledger.known))
        n_new = _num_samples(X_new)
        validate_data(
            self,
            shown(named(X_new)),
            "no_validation",
            skip_check_array=True,
            reset=False,
        )
        X = grown(run.X, X_new)
        prices = _prices_of_all(run.prices.known, cost, n_new)
        params = _params_of_all(run, fit_params, n_new)
        _write(run.journal, X, n_new, ids)
        model, _, joint = self._parts()
        run.grow(X, n_new, prices, params)
        run.changed |= joint or wants_pool(model)
        publish(self, run)
        return np.arange(len(run.ledger.known) - n_new, len(run.ledger.known))


def _prices_of_all(known, cost, n_new):
    if (known is None) != (cost is None):
        has = "no cost" if known is None else "a cost for each sample"
        do = "leave out cost" if known is None else "pass cost, one for each new sample"
        raise ValueError(f"ActiveLearner.fit was given {has}: {do}, in extend.")
    if known is None:
        return None
    new = checked_prices(cost, n_new, "ActiveLearner.extend: cost")
    return np.concatenate([known, new])


def _params_of_all(run, given, n_new):
    """Return the arguments of the model's fit for all samples."""
    n = len(run.ledger.known)
    wanted = {
        name for name, value in run.fit_params.items() if _is_per_sample(value, n)
    }
    if set(given) != wanted:
        raise ValueError(
            f"ActiveLearner.fit was given {sorted(wanted) or 'nothing'} for each "
            f"sample, and extend {sorted(given) or 'nothing'}. Pass the same for the "
            "new samples."
        )
    wrong = [name for name, value in given.items() if not _is_per_sample(value, n_new)]
    if wrong:
        raise ValueError(
            f"{wrong[0]} of ActiveLearner.extend must have one entry for each of "
            f"{n_new} new samples."
        )
    joined = {name: _joined(run.fit_params[name], given[name]) for name in wanted}
    return {**run.fit_params, **joined}


def _is_per_sample(value, n):
    """Tell whether scikit-learn would cut an argument of fit as it cuts samples."""
    sized = hasattr(value, "__len__") or hasattr(value, "shape")
    if isinstance(value, (str, bytes, dict)) or not sized:
        return False
    return getattr(value, "ndim", 1) > 0 and _num_samples(value) == n


def _joined(values, new):
    if isinstance(values, list):
        return [*values, *new]
    return grown(np.asarray(values), np.asarray(new).astype(np.asarray(values).dtype))


def _write(journal, X, n_new, ids):
    if journal is None:
        if ids is not None:
            raise ValueError(
                "ids of ActiveLearner.extend are names for a journal with ids, and "
                "this learner has no journal. Leave them out."
            )
    elif not hasattr(journal, "grow"):
        raise TypeError(
            f"{type(journal).__name__} has no grow(X, n_new, ids), by which a journal "
            "is told of new samples. Take skactive.io.Journal."
        )
    else:
        journal.grow(X, n_new, ids)
