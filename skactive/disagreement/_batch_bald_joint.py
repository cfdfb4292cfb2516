"""What the labels of several samples say together about which member is right."""

import numpy as np
from scipy.special import softmax

from skactive.selection import power_sample
from skactive.utils import shannon_entropy

# Bytes of the probabilities that are looked at in one step.
STEP_BYTES = 2**24
# Of the log K nats there are about K members, a batch that has this share is done.
SATURATED = 0.95
# Gains this close to the best, relatively, are equal.
TIE = 1e-6


class JointLabels:
    """Configurations of labels of the picked samples, and who is right given each.

    A configuration has a weight and a posterior over the members; the gain of one more
    sample is its BALD score under each posterior, averaged. All configurations are kept
    while there are few; then a sample of them, as many from each member. Labels are
    drawn once and kept, so that estimates of different samples can be compared.

    Parameters
    ----------
    proba : ndarray of shape (n_members, n_samples, n_classes)
        Checked class probabilities.
    n_configurations : int
        At most so many, and so many when they are drawn: a multiple of `n_members`.
    rng : RandomState
        Draws labels.
    """

    def __init__(self, proba, n_configurations, rng):
        self.proba, self.rng = proba, rng
        self.n_configurations = n_configurations
        self.entropies = np.stack([shannon_entropy(member) for member in proba])
        self.weights = np.ones(1)
        self.posterior = np.full((1, len(proba)), 1 / len(proba))
        self.log_likelihood = None  # while the configurations are all there are
        self.picks = []

    def gains(self, rows):
        """Information in the label of each of `rows`, beyond that of the picks."""
        n_classes = self.proba.shape[2]
        R = self.posterior.astype(self.proba.dtype)
        size = len(R) * n_classes * self.proba.dtype.itemsize
        step = max(1, STEP_BYTES // size)
        gains = np.empty(len(rows))
        belief = self.weights @ self.posterior
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            Q = self.proba[:, some].reshape(len(self.proba), -1)
            entropy = shannon_entropy((R @ Q).reshape(-1, n_classes))
            gains[start : start + step] = self.weights @ entropy.reshape(len(R), -1)
            # Not the mean over members: the error of the sample cancels.
            gains[start : start + step] -= belief @ self.entropies[:, some]
        return np.maximum(gains, 0)

    def add(self, row):
        """Pick a row: its label is part of each configuration from now on."""
        n_classes = self.proba.shape[2]
        exact = self.log_likelihood is None
        if exact and len(self.weights) * n_classes <= self.n_configurations:
            self._enumerate(row)
        else:
            if exact:
                self._begin_to_draw()
            self._draw(row)
        self.picks.append(row)

    def _enumerate(self, row):
        likelihood = self.proba[:, row].astype(np.float64).T
        joint = (self.posterior[:, None] * likelihood).reshape(-1, len(self.proba))
        mass = joint.sum(axis=1)
        weights = np.repeat(self.weights, len(likelihood)) * mass
        possible = weights > 0
        self.weights = weights[possible] / weights.sum()
        self.posterior = joint[possible] / mass[possible, None]

    def _begin_to_draw(self):
        size = self.n_configurations
        self.drawn_by = np.arange(size) % len(self.proba)
        self.weights = np.full(size, 1 / size)
        self.log_likelihood = np.zeros((size, len(self.proba)))
        for row in self.picks:
            self._draw(row)

    def _draw(self, row):
        likelihood = self.proba[:, row].astype(np.float64)
        mass = likelihood.cumsum(axis=1)
        u = self.rng.uniform(size=len(self.weights)) * mass[self.drawn_by, -1]
        labels = (u[:, None] >= mass[self.drawn_by]).sum(axis=1)
        labels = np.minimum(labels, likelihood.shape[1] - 1)
        # Sums of logarithms: the product over a large batch would be 0.
        self.log_likelihood += np.log(np.maximum(likelihood, 1e-12))[:, labels].T
        self.posterior = softmax(self.log_likelihood, axis=1)


def greedy_joint_information(proba, n, *, n_configurations, rng, block=64):
    """Pick rows one by one, each with the label that adds most to those before.

    Gains only fall as picks are added, so an old gain is a bound of the new one: those
    with the largest bounds are computed anew, until no bound exceeds a new gain.

    Parameters
    ----------
    proba : ndarray of shape (n_members, n_samples, n_classes)
        Checked class probabilities of two members or more.
    n : int
        How many rows, at most `n_samples`.
    n_configurations : int
        As in `JointLabels`.
    rng : RandomState
        Draws labels, breaks ties, and draws what fills the batch.
    block : int, default=64
        How many gains are computed at once.

    Returns
    -------
    positions : ndarray of intp of shape (n,)
        Distinct rows.
    n_greedy : int
        How many were picked by information. Once 95 % of the information is there, or
        no label adds any, the rest are drawn in proportion to their BALD score.
    """
    joint = JointLabels(proba, n_configurations, rng)
    scores = joint.gains(np.arange(proba.shape[1]))
    enough = SATURATED * np.log(len(proba))
    least = 10 * np.finfo(proba.dtype).eps
    gains, rank = scores.copy(), rng.permutation(len(scores))
    fresh = np.ones(len(scores), dtype=bool)
    picked = np.zeros(len(scores), dtype=bool)
    information = 0.0
    while len(joint.picks) < n and information < enough:
        _refresh(joint, gains, fresh, block)
        tied = np.flatnonzero(gains >= gains.max() * (1 - TIE))
        best = tied[rank[tied].argmin()]
        if gains[best] <= least:
            break
        information += gains[best]
        joint.add(best)
        picked[best], gains[best] = True, -1.0
        fresh[:] = picked
    rest = np.flatnonzero(~picked)
    n_rest = n - len(joint.picks)
    if n_rest:
        rest = rest[power_sample(scores[rest], n_rest, random_state=rng)]
    else:
        rest = rest[:0]
    return np.r_[joint.picks, rest].astype(np.intp), len(joint.picks)


def _refresh(joint, gains, fresh, block):
    """Compute gains anew until none that is old could be the largest."""
    while True:
        known = gains[fresh].max(initial=-1.0)
        old = np.flatnonzero(~fresh & (gains >= known * (1 - TIE)))
        if not len(old):
            return
        if len(old) > block:
            old = old[np.argpartition(-gains[old], block - 1)[:block]]
        gains[old] = joint.gains(old)
        fresh[old] = True
