"""Ranks of strategies over settings, and which of them are told apart."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from skactive.metrics._paired import rounding_unit, signed_rank_p_value
from skactive.metrics._penalty import holm

MIN_SETTINGS = 5


@dataclass(frozen=True, eq=False)
class CriticalDifferenceRanks:
    """Mean ranks of strategies over settings, with the tests between them.

    Made by :func:`critical_difference_ranks`.

    Parameters
    ----------
    mean_ranks : ndarray of float of shape (n_strategies,)
        Mean ranks; 1 is the best.
    ranks : ndarray of float of shape (n_settings, n_strategies)
        The ranks in each setting; ties share their mean.
    statistic : float
        Friedman's chi-square.
    p_value : float
        Its p-value, for the question whether any of the strategies differ.
    p_values : ndarray of float of shape (n_strategies, n_strategies)
        The p-values between pairs, adjusted for the number of pairs.
    groups : list of tuple of int
        Largest sets, of two strategies or more, within which no pair is told apart,
        as columns of the areas, best first.
    critical_difference : float or None
        Difference of mean ranks that Nemenyi's test needs; None for "wilcoxon-holm".
    smallest_p_value : float
        The smallest p-value that ``p_values`` could hold with this many settings and
        strategies. If it is not below ``alpha``, the groups say nothing.
    method : str
        "wilcoxon-holm" or "nemenyi".
    alpha : float
        Level of the tests.

    See Also
    --------
    critical_difference_ranks : Makes it.
    skactive.inspection.CriticalDifferenceDisplay : Draws it.

    Examples
    --------
    >>> from skactive.metrics import critical_difference_ranks
    >>> critical_difference_ranks([[0.9, 0.8, 0.7]] * 5).mean_ranks.tolist()
    [1.0, 2.0, 3.0]
    """

    mean_ranks: np.ndarray
    ranks: np.ndarray
    statistic: float
    p_value: float
    p_values: np.ndarray
    groups: list
    critical_difference: float | None
    smallest_p_value: float
    method: str
    alpha: float


def critical_difference_ranks(areas, *, method="wilcoxon-holm", alpha=0.05):
    """Rank strategies over settings and test which of them differ.

    The procedure of Demšar [1]_: Friedman's test on the ranks asks whether any strategy
    differs, and only if it says so are pairs compared.

    Parameters
    ----------
    areas : array-like of shape (n_settings, n_strategies)
        One number per setting (data set) and strategy, such as the area under the
        learning curve averaged over the seeds; greater is better. Five settings or
        more, three strategies or more.
    method : {"wilcoxon-holm", "nemenyi"}, default="wilcoxon-holm"
        How pairs are compared: by Wilcoxon's signed-rank test with Holm's adjustment,
        which looks at the two strategies alone [2]_, or by Nemenyi's critical
        difference of mean ranks, which also depends on the strategies between them.
    alpha : float, default=0.05
        Level of all tests.

    Returns
    -------
    ranks : CriticalDifferenceRanks
        With ``mean_ranks``, ``ranks``, ``statistic``, ``p_value``, ``p_values``,
        ``groups``, ``critical_difference`` and ``smallest_p_value``.

    Raises
    ------
    ValueError
        If there are fewer than five settings or three strategies, or an entry is NaN
        or infinite.

    See Also
    --------
    paired_difference : Compares two strategies.
    pairwise_penalty_matrix : Compares within the settings.

    Notes
    -----
    A setting counts once, however many seeds it has: settings, not seeds, are the
    sample, so several seeds or budgets of one data set are one setting, or nearly.
    Settings are few where data sets are: Wilcoxon–Holm with five of them can separate
    nothing, whatever was measured, and ``smallest_p_value`` says so. For *k* strategies
    it is ``k (k - 1) / 2 · 2 / 2**n_settings``: three strategies need 7 settings, five
    need 9, ten need 11.

    Without a rejection by Friedman's test all strategies form one group. Areas are
    compared to 1e-12 of the largest; what is equal to that is tied.

    The signed-rank tests are exact up to 50 settings. Costs O(n_strategies² ·
    n_settings³), and, in the worst case, exponential time in ``n_strategies`` for the
    groups; dozens are no trouble.

    References
    ----------
    .. [1] J. Demšar, "Statistical Comparisons of Classifiers over Multiple Data Sets",
       JMLR 7, 2006.
    .. [2] A. Benavoli, G. Corani, F. Mangili, "Should We Really Use Post-Hoc Tests
       Based on Mean-Ranks?", JMLR 17, 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.metrics import critical_difference_ranks
    >>> random = np.array([0.61, 0.72, 0.55, 0.83, 0.77, 0.68, 0.90, 0.74])
    >>> gain = np.array([1, 2, 3, 4, 5, 6, 7, 8]) / 100
    >>> swap = np.array([1, -1, 1, -1, -1, 1, 1, -1]) / 1000
    >>> areas = np.column_stack([random, random + gain, random + gain + swap])
    >>> ranks = critical_difference_ranks(areas)
    >>> ranks.mean_ranks.tolist(), ranks.groups
    ([3.0, 1.5, 1.5], [(1, 2)])
    """
    if method not in ("wilcoxon-holm", "nemenyi"):
        raise ValueError(
            f"method must be 'wilcoxon-holm' or 'nemenyi', got {method!r}."
        )
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, got {alpha!r}.")
    areas = _check_areas(areas)
    unit = rounding_unit(areas)
    ranks = stats.rankdata(-np.round(areas / unit), axis=1)
    mean_ranks = ranks.mean(axis=0)
    statistic, p_value = _friedman(ranks)
    if method == "nemenyi":
        p_values, critical, smallest = _nemenyi(mean_ranks, len(areas), alpha)
    else:
        p_values, critical, smallest = _wilcoxon_holm(areas, unit)
    alike = (p_values >= alpha) | (p_value >= alpha)
    return CriticalDifferenceRanks(
        mean_ranks=mean_ranks,
        ranks=ranks,
        statistic=statistic,
        p_value=p_value,
        p_values=p_values,
        groups=_groups(alike, mean_ranks),
        critical_difference=critical,
        smallest_p_value=smallest,
        method=method,
        alpha=alpha,
    )


def _check_areas(areas):
    areas = np.asarray(areas, dtype=float)
    if areas.ndim != 2:
        raise ValueError(
            f"areas must have shape (n_settings, n_strategies), got {areas.shape}."
        )
    n_settings, n_strategies = areas.shape
    if n_settings < MIN_SETTINGS:
        raise ValueError(
            f"Ranks are compared over {MIN_SETTINGS} settings or more, got "
            f"{n_settings}. Add data sets, or report each one with paired_difference."
        )
    if n_strategies < 3:
        raise ValueError(
            f"Friedman's test needs three strategies or more, got {n_strategies}; "
            "compare two with paired_difference, one pair per setting."
        )
    if not np.isfinite(areas).all():
        raise ValueError(
            "areas must be finite; leave out the settings that not every strategy has."
        )
    return areas


def _friedman(ranks):
    if np.ptp(ranks, axis=1).max() == 0:
        return 0.0, 1.0  # all tied everywhere: scipy would divide by zero
    statistic, p_value = stats.friedmanchisquare(*ranks.T)
    return float(statistic), float(p_value)


def _wilcoxon_holm(areas, unit):
    """Return adjusted p-values between columns, no critical difference, the least p."""
    n_settings, n = areas.shape
    first, second = np.triu_indices(n, k=1)
    pairs = zip(first, second)
    adjusted = holm(
        [signed_rank_p_value(areas[:, i] - areas[:, j], unit) for i, j in pairs]
    )
    p_values = np.ones((n, n))
    p_values[first, second] = p_values[second, first] = adjusted
    return p_values, None, min(1.0, len(first) * 2.0 / 2.0**n_settings)


def _nemenyi(mean_ranks, n_settings, alpha):
    """Return p-values of mean ranks, the critical difference, the least p."""
    n = len(mean_ranks)
    # Of a studentized range, which is that of normal variables with variance 1/2 here.
    error = np.sqrt(n * (n + 1) / (6 * n_settings) / 2)
    q = stats.studentized_range(n, np.inf)
    gaps = np.abs(mean_ranks[:, None] - mean_ranks)
    p_values = np.array([[min(1.0, q.sf(gap / error)) for gap in row] for row in gaps])
    return p_values, float(q.ppf(1 - alpha) * error), float(q.sf((n - 1) / error))


def _groups(alike, mean_ranks):
    """Return the maximal cliques of a graph, each and all of them best first."""
    order = np.argsort(mean_ranks, kind="stable").tolist()
    near = {i: {j for j in order if j != i and alike[i, j]} for i in order}
    cliques = []

    def grow(clique, candidates, seen):  # Bron and Kerbosch (1973), with a pivot
        if not candidates and not seen:
            cliques.append(clique)
            return
        pivot = max(candidates | seen, key=lambda i: len(near[i] & candidates))
        for i in candidates - near[pivot]:
            grow([*clique, i], candidates & near[i], seen & near[i])
            candidates = candidates - {i}
            seen = seen | {i}

    grow([], set(order), set())
    place = {i: k for k, i in enumerate(order)}
    ranked = [sorted(place[i] for i in clique) for clique in cliques]
    return [tuple(order[k] for k in one) for one in sorted(ranked) if len(one) > 1]
