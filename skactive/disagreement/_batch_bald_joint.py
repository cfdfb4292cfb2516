"""What the labels of several samples say together about which member is right."""

import numpy as np
from scipy.special import softmax

from skactive.selection import power_sample
from skactive.utils import shannon_entropy

# Bytes of the probabilities that are looked at in one step: they stay in the cache.
STEP_BYTES = 2**18
# Stands in for 0, whose logarithm is not finite; not added to any probability.
SMALLEST = 1e-30
# A batch is done once it has this share of the log K nats about K members.
SATURATED = 0.95
# What rounding may add to information, in units of the last place of 1.
ROUNDING = 50
# Gains this close to the best, relatively, are equal.
TIE = 1e-6
# A number that is kept for a sample is its gain of an earlier pick, a bound of the
# present gain from merged configurations, or that gain.
OLD, BOUNDED, COMPUTED = 0, 1, 2


class JointLabels:
    """Configurations of labels of the picks, and which member is right given each.

    A configuration has a weight and a posterior over the members; the gain of one more
    sample is its BALD score under each posterior, averaged. All configurations are kept
    while there are few; then a sample of them, as many from each member. Labels are
    drawn once and kept, so that estimates of different samples can be compared.

    Parameters
    ----------
    proba : ndarray of shape (n_members, n_samples, n_classes)
        Checked class probabilities.
    n_configurations : int
        At most this many; exactly this many when they are drawn: a multiple of
        `n_members`.
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
        self._merge()

    def gains(self, rows):
        """Information in the label of each of `rows`, beyond that of the picks."""
        return np.maximum(self._information(rows, self.weights, self.posterior), 0)

    def bounds(self, rows):
        """Upper bounds of the gains, from one merged configuration for each member.

        Information is concave in the posterior: that under the mean of some posteriors
        is at least the mean of that under each.
        """
        rounding = ROUNDING * np.finfo(self.proba.dtype).eps
        return self._information(rows, *self._merged) + rounding

    def _information(self, rows, weights, posterior):
        proba, entropies = self.proba, self.entropies
        n_members, _, n_classes = proba.shape
        R, w = posterior.astype(proba.dtype), weights.astype(proba.dtype)
        belief = weights @ posterior
        height = max(len(R), n_members)
        step = max(1, STEP_BYTES // (height * n_classes * proba.itemsize))
        information = np.empty(len(rows))
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            Q = proba.take(some, axis=1).reshape(n_members, -1)
            np.maximum(Q, SMALLEST, out=Q)
            mean = R @ Q
            log = np.log(mean)
            log *= mean
            entropy = -(w @ log).reshape(-1, n_classes).sum(axis=1)
            # Not the mean over members: the error of the sample cancels.
            entropy -= belief @ entropies[:, some]
            information[start : start + step] = entropy
        return information

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
        self._merge()

    def _merge(self):
        """Make one configuration of all that point to the same member."""
        best = self.posterior.argmax(axis=1)
        order = np.argsort(best, kind="stable")
        first = np.flatnonzero(np.diff(best[order], prepend=-1))
        joint = (self.weights[:, None] * self.posterior)[order]
        joint = np.add.reduceat(joint, first)
        weights = joint.sum(axis=1)
        self._merged = weights, joint / weights[:, None]

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

    Gains only fall as picks are added, so an old gain is a bound of the new one. Where
    that is not low enough, merged configurations give another one at a small part of
    the cost; gains are computed until no bound exceeds the largest.

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
    least = ROUNDING * np.finfo(proba.dtype).eps
    bounds, rank = scores.copy(), rng.permutation(len(scores))
    level = np.full(len(scores), COMPUTED)
    picked = np.zeros(len(scores), dtype=bool)
    information = 0.0
    while len(joint.picks) < n and information < enough:
        _find_largest_gain(joint, bounds, level, block)
        tied = np.flatnonzero(
            (level == COMPUTED) & (bounds >= bounds.max() * (1 - TIE))
        )
        best = tied[rank[tied].argmin()]
        gain = bounds[best]
        if gain <= least:
            break
        information += gain
        joint.add(best)
        picked[best], bounds[best] = True, -1.0
        level[:] = np.where(picked, COMPUTED, OLD)
    rest = np.flatnonzero(~picked)
    n_rest = n - len(joint.picks)
    if n_rest:
        rest = rest[power_sample(scores[rest], n_rest, random_state=rng)]
    else:
        rest = rest[:0]
    return np.r_[joint.picks, rest].astype(np.intp), len(joint.picks)


def _find_largest_gain(joint, bounds, level, block):
    """Sharpen bounds until the largest is a gain."""
    while True:
        known = bounds[level == COMPUTED].max(initial=-1.0)
        rows = np.flatnonzero((level < COMPUTED) & (bounds >= known * (1 - TIE)))
        if not len(rows):
            return
        top = _largest(bounds, rows, block)
        if (level[top] == OLD).any():
            top = _largest(bounds, rows[level[rows] == OLD], 16 * block)
            bounds[top] = np.minimum(bounds[top], joint.bounds(top))
            level[top] = BOUNDED
        else:
            bounds[top] = joint.gains(top)
            level[top] = COMPUTED


def _largest(bounds, rows, n):
    if len(rows) <= n:
        return rows
    return rows[np.argpartition(-bounds[rows], n - 1)[:n]]
