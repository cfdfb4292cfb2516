"""The smallest covering radius, outliers apart: found by integer programming.

Whether n rows can cover all others within a radius is an integer program. Only
distances between rows can be the smallest such radius, so these are searched, in three
sweeps from cheap to dear: picks by a greedy cover lower what is reached, linear
programs raise what is proven, and integer programs decide what is left between the two.
"""

from dataclasses import dataclass
from time import monotonic

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from skactive.selection._checks import check_n, check_rows, check_same_space
from skactive.selection._d2 import Points
from skactive.selection._distances import CENTERS
from skactive.selection._greedy import k_center_greedy

# A linear program may miss its optimum by this much before it proves anything.
LP_TOLERANCE = 1e-6
# Squares of distances may differ by this factor, in single precision.
ROUNDING = 1 - 1e-4
# The status of a program that has no solution.
INFEASIBLE = 2


@dataclass(frozen=True)
class Cover:
    """Rows that cover all others, outliers apart, and what is known of their radius.

    `positions` are in the order in which they cover most; `radius` is theirs,
    `lower_bound` is one that no choice can beat, `greedy_radius` is that of
    :func:`k_center_greedy`. `stopped` tells whether the solver met a limit.
    """

    positions: np.ndarray
    radius: float
    lower_bound: float
    greedy_radius: float
    stopped: bool

    @property
    def gap(self):
        """Share of the radius that might still be saved, 0 if it is the smallest."""
        return 1 - self.lower_bound / self.radius if self.radius > 0 else 0.0


def robust_k_center(
    Z,
    n,
    *,
    Z_labeled=None,
    n_outliers=0,
    node_limit=100,
    time_limit=None,
    random_state=None,
):
    """Pick the n rows of the smallest covering radius.

    Parameters
    ----------
    Z : {ndarray, CSR} of shape (n_rows, n_features)
    n : how many, between 1 and n_rows
    Z_labeled : rows that are centers already, or None
    n_outliers : how many of the farthest rows are not looked at
    node_limit : how many nodes of its search tree one integer program may open
    time_limit : seconds for all programs together, or None
    random_state : decides among equal distances

    Returns
    -------
    cover : Cover
    """
    Z = check_rows(Z)
    n = check_n(n, Z.shape[0])
    Z_labeled = check_same_space(Z_labeled, Z)
    space = Points(Z)
    known = np.full(len(space), np.inf)
    if Z_labeled is not None:
        labeled = Points(Z_labeled, like=space, name="Z_labeled")
        known = space.nearest_sq(of=labeled).astype(np.float64)
    start = k_center_greedy(
        Z, n, Z_labeled=Z_labeled, n_outliers=n_outliers, random_state=random_state
    )
    limits = _Limits(node_limit, time_limit)
    search = _Search(_all_sq(space), known, n, n_outliers, limits)
    greedy = search.offer(start)
    if n_outliers == 0:
        search.refuse_below(greedy / 4)  # of squares: the radius is at most halved
    search.run()
    search.order()
    return Cover(
        search.picks,
        radius=float(np.sqrt(search.reached)),
        lower_bound=float(np.sqrt(search.proven)),
        greedy_radius=float(np.sqrt(greedy)),
        stopped=search.proven < search.reached,
    )


def _all_sq(space):
    """Squared distances of all rows to each other, the same both ways."""
    sq = np.empty((len(space), len(space)))
    for start in range(0, len(space), CENTERS):
        at = np.arange(start, min(start + CENTERS, len(space)))
        for part, block in space.blocks(at, space):
            sq[at, part] = block
    np.maximum(sq, 0, out=sq)
    return np.minimum(sq, sq.T)


class _Limits:
    """How long the solver may search."""

    def __init__(self, node_limit, time_limit):
        self.node_limit = node_limit
        self.end = None if time_limit is None else monotonic() + time_limit

    def options(self):
        options = {"node_limit": self.node_limit}
        if self.end is not None:
            options["time_limit"] = max(self.end - monotonic(), 0.0)
        return options

    def passed(self):
        return self.end is not None and monotonic() >= self.end


class _Search:
    """Picks of the smallest radius seen, and what is proven about smaller ones.

    All distances are squared. `reached` is the radius of `picks`. Those `values` below
    it that come before `first` are proven to be too small.
    """

    def __init__(self, sq, known, n, n_outliers, limits):
        self.sq, self.known, self.n, self.n_outliers = sq, known, n, n_outliers
        self.limits = limits
        self.reached, self.picks = np.inf, None
        self.values, self.first = None, 0

    @property
    def proven(self):
        """The smallest distance that might be the radius."""
        values = self._below()
        return values[self.first] if self.first < len(values) else self.reached

    def radius(self, picks):
        """Squared covering radius of some picks, outliers apart."""
        near = np.minimum(self.known, self.sq[picks].min(axis=0))
        at = len(near) - 1 - self.n_outliers
        return float(np.partition(near, at)[at])

    def offer(self, picks):
        """Keep picks if their radius is smaller; return it."""
        radius = self.radius(picks)
        if radius < self.reached:
            self.reached, self.picks = radius, picks
        return radius

    def refuse_below(self, least):
        """Take note that no radius can be less."""
        self.first = int(np.searchsorted(self._below(), least * ROUNDING))

    def run(self):
        """Search, from cheap to dear."""
        self._sweep(self._cover_greedily, proves=False)
        self._sweep(self._relax)
        self._sweep(self._solve)

    def _sweep(self, test, proves=True):
        """Bisect the distances that are left.

        ``test(value)`` returns picks, or whether there are none (True: proven; None:
        not known). What is not known is taken for too small, without being proven so.
        """
        low, high = self.first, len(self._below())
        while low < high and not self.limits.passed():
            middle = (low + high) // 2
            found = test(self.values[middle])
            if isinstance(found, np.ndarray):
                self.offer(found)
                high = min(middle, len(self._below()))
            elif found is False:  # it may well be large enough
                high = middle
            else:
                low = middle + 1
                if found and proves:
                    self.first = low

    def _below(self):
        """Distances smaller than what is reached, each once."""
        if self.values is None:
            values = np.unique(np.concatenate([[0.0], self.sq.ravel(), self.known]))
            self.values = values[values < self.reached]
        return self.values[: np.searchsorted(self.values, self.reached)]

    def _reach(self, value):
        """Which rows (columns of the matrix) reach each row that has to be covered."""
        return sparse.csr_array(self.sq[self.known > value] <= value, dtype=np.float64)

    def _cover_greedily(self, value):
        reach = self._reach(value)
        open_rows, picks = np.ones(reach.shape[0]), []
        for _ in range(self.n):
            if open_rows.sum() <= self.n_outliers:
                break
            picks.append(int((open_rows @ reach).argmax()))
            open_rows[reach[:, [picks[-1]]].toarray().ravel() > 0] = 0
        enough = open_rows.sum() <= self.n_outliers
        return self._filled(picks) if enough else None

    def _relax(self, value):
        """Tell whether not even fractions of rows could cover the others."""
        result = self._program(value, integral=False)
        if result.status == INFEASIBLE:
            return True
        solved = result.status == 0
        return bool(result.fun > self.n + LP_TOLERANCE) if solved else None

    def _solve(self, value):
        result = self._program(value, integral=True)
        if result.status == INFEASIBLE:
            return True
        if result.x is None:
            return None
        picks = np.flatnonzero(result.x[: len(self.sq)] > 0.5)
        return self._filled(picks) if len(picks) <= self.n else None

    def _program(self, value, *, integral):
        """Cover all rows but the outliers within a distance, by as few as possible.

        One variable for each row, 1 if it is picked, and one for each that has to be
        covered, 1 if it is an outlier: whole if the others are, so not told to be.
        """
        reach = self._reach(value)
        n_open, n_rows = reach.shape
        slack = sparse.eye_array(n_open, format="csr")
        picked = np.repeat([1.0, 0.0], [n_rows, n_open])
        rules = [
            LinearConstraint(sparse.hstack([reach, slack], format="csc"), lb=1),
            LinearConstraint(sparse.csr_array((1 - picked)[None]), ub=self.n_outliers),
        ]
        options = self.limits.options()
        if integral:
            # Any solution will do: the first one closes a gap of 1.
            rules.append(LinearConstraint(sparse.csr_array(picked[None]), ub=self.n))
            options["mip_rel_gap"] = 1.0
        return milp(
            picked,
            integrality=picked if integral else None,
            bounds=Bounds(0, 1),
            constraints=rules,
            options=options,
        )

    def _filled(self, picks):
        """Return n picks: those given, and after them the farthest, outliers apart."""
        picks = list(picks)
        near = self.known.copy()
        if picks:
            np.minimum(near, self.sq[picks].min(axis=0), out=near)
        near[picks] = -1
        while len(picks) < self.n:
            skip = min(self.n_outliers, len(near) - len(picks) - 1)
            at = len(near) - 1 - skip
            picks.append(int(np.argpartition(near, at)[at]))
            np.minimum(near, self.sq[picks[-1]], out=near)
            near[picks[-1]] = -1
        return np.array(picks, dtype=np.intp)

    def order(self):
        """Put those picks first that bring most rows within the radius.

        The solver stops at any solution, in which a pick may be an outlier that covers
        nothing but itself. As soon as a row for each pick is enough, the farthest rows
        but the outliers are taken: those are still too far, and the radius stays.
        """
        within = self.sq[self.picks] <= self.reached
        within &= self.known > self.reached
        ordered, n_open = [], int(np.sum(self.known > self.reached))
        while n_open > self.n_outliers + self.n - len(ordered):
            ordered.append(int(within.sum(axis=1).argmax()))
            n_open -= int(within[ordered[-1]].sum())
            within &= ~within[ordered[-1]]
        self.picks = self._filled(self.picks[ordered])
        self.reached = self.radius(self.picks)
