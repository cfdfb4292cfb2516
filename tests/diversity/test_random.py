"""RandomSampling: uniform, without replacement, of anything that has a length."""

import numpy as np
from numpy.testing import assert_array_equal
from scipy import sparse

from skactive.diversity import RandomSampling


def queries(n, n_pool, n_seeds):
    pool = np.zeros((n_pool, 1))
    return np.array(
        [RandomSampling(random_state=s).fit(pool).query(n) for s in range(n_seeds)]
    )


def test_without_replacement():
    assert all(len(set(row)) == 6 for row in queries(6, n_pool=7, n_seeds=50))


def test_every_pair_is_drawn_equally_often():
    """20 ordered pairs, 4,000 draws: 200 each, give or take."""
    drawn = queries(2, n_pool=5, n_seeds=4000)
    counts = np.bincount(drawn[:, 0] * 5 + drawn[:, 1], minlength=25).reshape(5, 5)
    assert_array_equal(np.diag(counts), 0)
    others = counts[~np.eye(5, dtype=bool)]
    chi2 = ((others - 200.0) ** 2 / 200.0).sum()
    assert chi2 < 43.8  # 19 degrees of freedom, p = 0.001


def test_a_small_query_is_the_beginning_of_a_large_one():
    fitted = RandomSampling(random_state=0).fit(np.zeros((30, 1)))
    assert_array_equal(fitted.query(5), fitted.query(20)[:5])


def test_labels_and_features_do_not_matter():
    pool = np.random.RandomState(0).standard_normal((9, 3))
    expected = RandomSampling(random_state=3).fit(pool).query(9)
    other = RandomSampling(random_state=3).fit(pool[:2], ["a", "b"], np.zeros((9, 3)))
    assert_array_equal(other.query(9), expected)


def test_anything_of_known_length_will_do():
    pools = [
        ["some", "texts", "here"],
        [{"any": "thing"}, {"at": "all"}, {}],
        sparse.csr_array((3, 4)),
        np.full((3, 2, 2, 2), np.nan),
    ]
    for pool in pools:
        assert sorted(RandomSampling().fit(pool).query(3)) == [0, 1, 2]


def test_the_global_seed_is_honored_without_a_seed_of_its_own():
    """As everywhere in scikit-learn: random_state=None is numpy's global state."""
    state = np.random.get_state()
    try:
        answers = []
        for _ in range(2):
            np.random.seed(4)
            answers.append(RandomSampling().fit(np.zeros((50, 1))).query(5))
    finally:
        np.random.set_state(state)
    assert_array_equal(*answers)
