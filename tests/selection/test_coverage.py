"""max_coverage: against counting anew at each pick."""

import numpy as np
import pytest
from scipy import sparse

from skactive.selection import max_coverage

# Balls of radius 1 around 0, 1, 2, 3, 10, 11, 20.
LINE = np.array([0.0, 1.0, 2.0, 3.0, 10.0, 11.0, 20.0])
BALLS = sparse.csr_array(np.abs(LINE[:, None] - LINE) <= 1)


def random_graph(seed, shape=(60, 45), density=0.1):
    return sparse.random_array(shape, density=density, random_state=seed, format="csr")


def covers_anew(W, n, covered, rank):
    """Count what each row would cover, at each pick, from the whole graph."""
    dense, covered = W.toarray() != 0, covered.copy()
    picks = []
    for _ in range(n):
        counts = (dense & ~covered).sum(axis=1)
        counts[picks] = -1
        ties = np.flatnonzero(counts == counts.max())
        picks.append(ties[np.argmin(rank[ties])])
        covered |= dense[picks[-1]]
    return picks, covered.mean()


def test_first_picks_cover_five_of_seven():
    for seed in range(5):
        positions, coverage = max_coverage(
            BALLS, 2, random_state=seed, return_coverage=True
        )
        assert positions[0] in (1, 2) and positions[1] in (1, 2, 4, 5)
        assert coverage == pytest.approx(5 / 7)


def test_ties_are_decided_by_lot():
    firsts = [max_coverage(BALLS, 1, random_state=s)[0] for s in range(200)]
    # Rows 1 and 2 both cover three: 100 each, give or take four standard deviations.
    assert set(firsts) == {1, 2}
    assert 70 <= firsts.count(1) <= 130


@pytest.mark.parametrize("seed", range(6))
def test_falling_counts_give_the_picks_of_counting_anew(seed):
    W = random_graph(seed)
    covered = np.random.RandomState(seed).uniform(size=45) < 0.2
    rank = np.random.RandomState(seed).permutation(60)
    expected, coverage = covers_anew(W, 60, covered, rank)
    positions, ours = max_coverage(
        W, 60, covered=covered, random_state=seed, return_coverage=True
    )
    assert positions.tolist() == expected
    assert ours == coverage


@pytest.mark.parametrize("step", [1, 7, 10**6])
def test_picks_do_not_depend_on_the_step(step, monkeypatch):
    W = random_graph(0)
    expected = max_coverage(W, 30, random_state=0)
    monkeypatch.setattr("skactive.selection._coverage.STEP", step)
    np.testing.assert_array_equal(max_coverage(W, 30, random_state=0), expected)


def test_fewer_picks_are_the_beginning_of_more():
    W = random_graph(1)
    every = max_coverage(W, 60, random_state=3)
    for n in (1, 5, 20):
        np.testing.assert_array_equal(max_coverage(W, n, random_state=3), every[:n])


def test_what_covers_nothing_new_comes_last_and_never_twice():
    W = sparse.csr_array(np.ones((9, 4)))
    positions = max_coverage(W, 9, random_state=0)
    assert sorted(positions) == list(range(9))
    positions = max_coverage(W, 9, covered=np.ones(4, dtype=bool), random_state=0)
    assert sorted(positions) == list(range(9))


def test_stored_zeros_cover_nothing():
    W = sparse.csr_array(np.array([[1.0, 1.0, 1.0], [2.0, 3.0, 0.0]]))
    W.data[:3] = 0
    assert max_coverage(W, 1).tolist() == [1]


def test_arguments_are_left_alone():
    W, covered = random_graph(2), np.zeros(45, dtype=bool)
    before = W.copy()
    max_coverage(W, 10, covered=covered)
    assert not covered.any()
    np.testing.assert_array_equal(W.toarray(), before.toarray())


@pytest.mark.parametrize(
    ("W", "kwargs", "match"),
    [
        (np.eye(3), {}, "sparse matrix of shape"),
        (sparse.eye_array(3), {"n": 4}, "between 1 and 3"),
        (sparse.eye_array(3), {"covered": [True]}, "each of the 3 columns"),
        (sparse.eye_array(3), {"covered": [0, 1, 0]}, "got int64"),
    ],
)
def test_bad_arguments_are_refused(W, kwargs, match):
    with pytest.raises(ValueError, match=match):
        max_coverage(W, **{"n": 1, **kwargs})
