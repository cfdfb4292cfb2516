"""Who beats whom: the pairwise penalty matrix."""

import numpy as np

from skactive.metrics._curve import _check_curve
from skactive.metrics._paired import MIN_SEEDS, paired_t_test, rounding_unit


def holm(p_values):
    """Return p-values adjusted by Holm's method, in the shape they came in."""
    p_values = np.asarray(p_values, dtype=float)
    flat = p_values.ravel()
    order = np.argsort(flat, kind="stable")
    steps = flat[order] * np.arange(len(flat), 0, -1)
    adjusted = np.empty_like(flat)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted.reshape(p_values.shape)


def pairwise_penalty_matrix(scores, *, alpha=0.05, correction=None, checkpoints=None):
    """Count how often each strategy is significantly better than each other.

    The matrix of Ash et al. [1]_. Entry ``(i, j)`` grows by ``1 / n_checkpoints`` for
    every checkpoint of every setting at which the paired differences ``i - j`` over
    the seeds have a positive mean and a two-sided paired t-test with ``p < alpha``.
    So **row i says how often i beats the others, and column j how often j is beaten**:
    a low column mean is good.

    Parameters
    ----------
    scores : array-like of shape (n_strategies, n_seeds, n_rounds), or a list of them
        Scores, greater is better; one array per setting (data set, budget, model).
        Seed ``k`` of all strategies must share split, first labels and model seed. The
        settings may differ in seeds and rounds, not in the strategies.
    alpha : float, default=0.05
        Level of the tests.
    correction : {"holm"} or None, default=None
        "holm" adjusts the p-values of each setting for all its pairs and checkpoints
        together: a false mark anywhere in a setting then has a probability of at most
        ``alpha``. None counts every test by itself, as in the paper.
    checkpoints : array-like of int of shape (n_checkpoints,), or a list of them, \
            default=None
        Positions of the rounds that are compared, the same for all settings or one
        array per setting; see :func:`penalty_checkpoints`. None: all rounds.

    Returns
    -------
    matrix : ndarray of float of shape (n_strategies, n_strategies)
        From 0, never better, to the number of settings, always better. The diagonal
        is 0.

    Raises
    ------
    ValueError
        If a setting has fewer than five seeds, which are too few for marks of
        significance; if the strategies differ, a score is NaN or infinite, or a
        checkpoint is no round.

    See Also
    --------
    penalty_checkpoints : The checkpoints of the paper.
    critical_difference_ranks : One rank per strategy and setting.
    skactive.inspection.PenaltyMatrixDisplay : Draws it.

    Notes
    -----
    Without correction, two equal strategies beat each other now and then: at level
    0.05, each entry is about 0.025 per setting by chance alone. The first checkpoint is
    the common start and never counts, so "always better" falls short of one by
    ``1 / n_checkpoints`` unless it is left out. Differences that do not vary over the
    seeds are significant if they are not zero.

    Some published code adds to ``(i, j)`` when ``i`` is *worse*; look at the direction
    before comparing matrices.

    Costs O(n_strategies² · n_seeds · n_rounds) per setting.

    References
    ----------
    .. [1] J. T. Ash et al., "Deep Batch Active Learning by Diverse, Uncertain Gradient
       Lower Bounds", ICLR 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.metrics import pairwise_penalty_matrix
    >>> random = np.array([[0.5, 0.6], [0.6, 0.7], [0.4, 0.6], [0.5, 0.8], [0.6, 0.6]])
    >>> better = random + [[0, 0.09], [0, 0.11], [0, 0.10], [0, 0.12], [0, 0.08]]
    >>> pairwise_penalty_matrix([[better, random]])
    array([[0. , 0.5],
           [0. , 0. ]])
    """
    if correction not in (None, "holm"):
        raise ValueError(f"correction must be None or 'holm', got {correction!r}.")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, got {alpha!r}.")
    settings = _check_settings(scores)
    matrix = np.zeros((len(settings[0]),) * 2)
    rounds = _rounds_of(checkpoints, settings)
    for setting, compared in zip(settings, rounds):
        matrix += _wins(setting[:, :, compared], alpha, correction)
    return matrix


def _wins(scores, alpha, correction):
    """Return the share of the rounds in which row beats column, for one setting."""
    first, second = np.triu_indices(len(scores), k=1)
    unit = rounding_unit(scores)
    difference = scores[first] - scores[second]
    mean, p = paired_t_test(difference, unit, axis=1)
    p = holm(p) if correction else p
    wins = np.zeros((len(scores),) * 2)
    wins[first, second] = np.mean((p < alpha) & (mean > 0), axis=1)
    wins[second, first] = np.mean((p < alpha) & (mean < 0), axis=1)
    return wins


def _check_settings(scores):
    """Return a list of arrays (n_strategies, n_seeds, n_rounds)."""
    if len(scores) and np.ndim(scores[0]) == 2:
        scores = [scores]  # the strategies of a single setting
    try:
        settings = [np.asarray(one, dtype=float) for one in scores]
    except ValueError as error:
        raise ValueError(
            "Within a setting all strategies must have the same seeds and rounds."
        ) from error
    if not settings or any(one.ndim != 3 or not one.size for one in settings):
        raise ValueError(
            "scores must be an array of shape (n_strategies, n_seeds, n_rounds) or a "
            "list of such arrays, one per setting, and not be empty."
        )
    n_strategies = {len(one) for one in settings}
    if len(n_strategies) > 1 or n_strategies == {1}:
        raise ValueError(
            "All settings must have the same strategies, two or more; got "
            f"{sorted(n_strategies)} strategies."
        )
    n_seeds = min(one.shape[1] for one in settings)
    if n_seeds < MIN_SEEDS:
        raise ValueError(
            f"A setting has {n_seeds} seed(s), and marks of significance need at least "
            f"{MIN_SEEDS}. Run more seeds, or report means and intervals."
        )
    if not all(np.isfinite(one).all() for one in settings):
        raise ValueError(
            "scores must be finite; leave out, for all strategies, the seeds in which "
            "one of them has no score."
        )
    return settings


def _rounds_of(checkpoints, settings):
    """Return one array of positions of rounds per setting."""
    if checkpoints is None:
        return [slice(None)] * len(settings)
    if np.ndim(checkpoints[0] if len(checkpoints) else 0) == 0:
        checkpoints = [checkpoints] * len(settings)
    if len(checkpoints) != len(settings):
        raise ValueError(
            f"checkpoints must be given once or per setting, got {len(checkpoints)} "
            f"for {len(settings)} settings."
        )
    rounds = [np.asarray(one) for one in checkpoints]
    for one, setting in zip(rounds, settings):
        n_rounds = setting.shape[2]
        if one.dtype.kind not in "iu" or not one.size or len(set(one)) < len(one):
            raise ValueError("checkpoints must be distinct positions of rounds.")
        if one.min() < 0 or one.max() >= n_rounds:
            raise ValueError(
                f"checkpoints must lie between 0 and {n_rounds - 1}, the last round; "
                f"got {one.tolist()}."
            )
    return rounds


def penalty_checkpoints(n_labeled, scores_random, *, share=0.99):
    """Return the rounds at which Ash et al. compare strategies.

    The start, and then the doublings: with ``q`` the size of the first batch, the first
    rounds with at least ``start + q``, ``start + 2 q``, ``start + 4 q``, ... labels,
    until random sampling has come close to where it ends. Comparing all rounds instead
    would mostly compare the flat ends of the curves.

    Parameters
    ----------
    n_labeled : array-like of shape (n_rounds,)
        Numbers of labels, increasing.
    scores_random : array-like of shape (n_rounds,) or (n_seeds, n_rounds)
        Scores of random sampling, greater is better; means are taken over the seeds.
    share : float, default=0.99
        The last checkpoint is the first at which random sampling has this share of its
        final score. It supposes a score from 0 upwards, such as accuracy.

    Returns
    -------
    checkpoints : ndarray of int of shape (n_checkpoints,)
        Positions in ``n_labeled``, increasing.

    Raises
    ------
    ValueError
        If shapes do not fit, an entry is NaN or infinite, the counts do not increase,
        or ``share`` does not lie in (0, 1].

    See Also
    --------
    pairwise_penalty_matrix : Takes them.

    Notes
    -----
    A setting whose random curve never comes close keeps all its doublings.

    References
    ----------
    .. [1] J. T. Ash et al., "Deep Batch Active Learning by Diverse, Uncertain Gradient
       Lower Bounds", ICLR 2020.

    Examples
    --------
    >>> from skactive.metrics import penalty_checkpoints
    >>> n_labeled = [10, 15, 20, 25, 30, 35, 40, 45, 50]
    >>> scores = [0.2, 0.4, 0.5, 0.6, 0.7, 0.75, 0.78, 0.8, 0.82]
    >>> penalty_checkpoints(n_labeled, scores).tolist()
    [0, 1, 2, 4, 8]
    >>> penalty_checkpoints(n_labeled, scores, share=0.8).tolist()
    [0, 1, 2, 4]
    """
    scores_random = np.asarray(scores_random, dtype=float)
    if scores_random.ndim == 2 and len(scores_random):
        scores_random = scores_random.mean(axis=0)
    n_labeled, scores = _check_curve(n_labeled, scores_random)
    if not 0 < share <= 1:
        raise ValueError(f"share must lie in (0, 1], got {share!r}.")
    checkpoints = [0]
    step = n_labeled[1] - n_labeled[0] if len(n_labeled) > 1 else np.inf
    while scores[checkpoints[-1]] < share * scores[-1]:
        reached = int(np.searchsorted(n_labeled, n_labeled[0] + step))
        if reached == len(n_labeled):
            break
        if reached > checkpoints[-1]:
            checkpoints.append(reached)
        step *= 2
    return np.array(checkpoints)
