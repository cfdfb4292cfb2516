"""What votes say of people, and of rows: agreement, weights, Dawid and Skene's EM."""

import numpy as np
from scipy.special import softmax

from skactive.oracles._votes import Coded, draws

#: Reliabilities are cut to this, so that no answer outweighs all others for ever.
CLIP = 0.01, 0.99
#: For which purpose a number is drawn; who is asked takes 1.
TIES = 0


def agreement(votes: Coded):
    """Return how often each person agrees with the majority, (n_people,).

    Of rows that two people or more answered, where one class has most votes. One hit
    and one miss are added, so that it is 1/2 where nothing is known.
    """
    hits, n_seen = records(votes)
    return (hits + 1) / (n_seen + 2)


def records(votes: Coded):
    """Return how often each person agreed with the majority, and of how many votes."""
    shared = votes.shared()
    counts = shared.counts
    most = counts.max(axis=1, initial=0)
    clear = (counts == most[:, None]).sum(axis=1) == 1
    right = counts[shared.item, shared.code] == most[shared.item]
    counted = clear[shared.item]
    return shared.sums(right & counted), shared.sums(counted)


def log_odds(p, n_classes):
    """Return the weights of people who are right with probability p."""
    p = np.clip(p, *CLIP)
    return np.log(p * max(n_classes - 1, 1) / (1 - p))


def dawid_skene(votes: Coded, prior=2.0, max_iter=50, tol=1e-5):
    """Estimate classes of rows and mistakes of people together.

    Parameters
    ----------
    votes : Coded
        Votes as numbers.
    prior : float, default=2.0
        Right answers in each class that everyone is credited with; with them goes one
        wrong answer, in equal parts.
    max_iter : int, default=50
        Largest number of steps.
    tol : float, default=1e-5
        Ends when no probability moves by more.

    Returns
    -------
    q : ndarray of shape (n_items, n_classes)
        Distribution of each row.
    shares : ndarray of shape (n_classes,)
        Shares of the classes.
    mistakes : ndarray of shape (n_people, n_classes, n_classes)
        Entry (a, j, l): how probable it is that a says l where j is true.
    """
    n_classes, n_people = len(votes.classes), len(votes.names)
    credit = np.full((n_classes, n_classes), 1 / max(n_classes - 1, 1))
    np.fill_diagonal(credit, prior)
    counts = votes.counts
    q = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    # Votes by person and answer: each step adds the rows of q to the right columns.
    cell = votes.person * n_classes + votes.code
    for _ in range(max_iter):
        shares = (1 + q.sum(axis=0)) / (n_classes + len(q))
        seen = np.zeros((n_people * n_classes, n_classes))
        np.add.at(seen, cell, q[votes.item])
        seen = seen.reshape(n_people, n_classes, n_classes).transpose(0, 2, 1)
        mistakes = credit + seen
        mistakes /= mistakes.sum(axis=2, keepdims=True)
        before, q = q, believed(votes, shares, mistakes)
        if np.abs(q - before).max(initial=0) < tol:
            break
    return q, shares, mistakes


def believed(votes, shares, mistakes):
    """Return the distribution of each row, given what is known of classes and people.

    Parameters
    ----------
    votes : Coded
        Votes as numbers.
    shares : ndarray of shape (n_classes,)
        Shares of the classes.
    mistakes : ndarray of shape (n_people, n_classes, n_classes)
        Entry (a, j, l): how probable it is that a says l where j is true.

    Returns
    -------
    q : ndarray of shape (n_items, n_classes)
        Rows sum to 1.
    """
    logs = np.tile(np.log(shares), (len(votes.rows), 1))
    np.add.at(logs, votes.item, np.log(mistakes)[votes.person, :, votes.code])
    return softmax(logs, axis=1) if logs.size else logs


def winners(votes, scores, then):
    """Return the class with the largest score for each row.

    Of equal ones, that which is larger in ``then``; of equal ones, one by chance.
    """
    tied = _largest(scores)
    tied &= _largest(np.where(tied, then, -np.inf))
    best = tied.argmax(axis=1) if tied.size else np.zeros(len(tied), dtype=np.intp)
    open_rows = np.flatnonzero(tied.sum(axis=1) > 1)
    drawn = draws(votes.seed, votes.rows[open_rows], TIES)
    for k, share in zip(open_rows, drawn, strict=True):
        among = np.flatnonzero(tied[k])
        best[k] = among[int(share * len(among))]
    return best


def _largest(scores):
    """Tell which scores are the largest of their row, but for rounding."""
    most = scores.max(axis=1, keepdims=True, initial=-np.inf)
    return np.isclose(scores, most, rtol=1e-9, atol=1e-12)
