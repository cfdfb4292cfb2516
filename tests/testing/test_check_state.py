"""Checks of state: generators that are lent and given back, and who used them."""

import random
import subprocess
import sys
from unittest import SkipTest

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from skactive.base import QueryStrategy
from skactive.testing import _check_state as checks
from skactive.testing._problem import N_POOL


class Orders(QueryStrategy):
    """Ask in an order drawn from the seed."""

    def __init__(self, *, random_state=None):
        self.random_state = random_state

    def _query(self, n):
        return self._query_random_state().permutation(self.n_pool_)[:n]


# ------------------------------------------------------------ generators


def draws():
    return random.random(), np.random.rand()


def test_global_generators_begin_alike_and_are_given_back():
    expected_state = random.getstate(), np.random.get_state()[1].copy()
    with checks._GlobalGenerators(5):
        first = draws()
    with checks._GlobalGenerators(5):
        assert draws() == first
    with checks._GlobalGenerators(6):
        assert draws() != first
    assert random.getstate() == expected_state[0]
    np.testing.assert_array_equal(np.random.get_state()[1], expected_state[1])


def test_generators_are_given_back_after_an_error_too():
    before = random.getstate(), np.random.get_state()[1].copy()
    with (
        pytest.raises(RuntimeError, match="in the middle"),
        checks._GlobalGenerators(0),
    ):
        draws()
        raise RuntimeError("in the middle")
    assert random.getstate() == before[0]
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])


@pytest.mark.deep
def test_torch_is_lent_and_given_back_where_it_is_loaded():
    torch = pytest.importorskip("torch")
    before = torch.get_rng_state()
    with checks._GlobalGenerators(3) as generators:
        assert set(generators.states()) == {"random", "numpy", "torch"}
        first = torch.rand(1).item()
    assert bool((torch.get_rng_state() == before).all())
    with checks._GlobalGenerators(3):
        assert torch.rand(1).item() == first


def test_torch_is_not_loaded_to_look_at_its_generator():
    code = (
        "import sys\n"
        "from skactive.testing._check_state import _GlobalGenerators\n"
        "with _GlobalGenerators(0) as generators:\n"
        "    assert set(generators.states()) == {'random', 'numpy'}\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_answer_is_the_whole_pool_by_its_seed():
    first = checks._answer(Orders())
    assert sorted(first) == list(range(N_POOL))
    np.testing.assert_array_equal(checks._answer(Orders(random_state=8)), first)
    assert not np.array_equal(checks._answer(Orders(), seed=1), first)


def test_the_global_state_is_another_for_each_of_two_answers(monkeypatch):
    seen = []

    class Looks(Orders):
        def _query(self, n):
            seen.append(draws())
            return super()._query(n)

    checks.check_same_seed_same_query(Looks())
    assert len(set(seen)) == 2
    with pytest.raises(AssertionError, match="a global generator was used"):
        checks.check_global_generators_are_left_alone(Looks())


# ------------------------------------------------------------ fitted or not


@pytest.mark.parametrize(
    "error, passes",
    [(NotFittedError("no"), True), (None, False)],
)
def test_unfitted_is_what_says_so(error, passes):
    class Asked:
        def query(self, n):
            if error is not None:
                raise error

    if passes:
        checks._assert_unfitted(Asked(), "before fit")
    else:
        with pytest.raises(AssertionError, match="query before fit must raise NotFit"):
            checks._assert_unfitted(Asked(), "before fit")


def test_another_error_than_not_fitted_is_passed_on():
    class Asked:
        def query(self, n):
            raise ValueError("no pool")

    with pytest.raises(ValueError, match="no pool"):
        checks._assert_unfitted(Asked(), "before fit")


def test_a_fit_that_takes_anything_cannot_show_what_a_refused_one_leaves():
    class TakesAll(Orders):
        def fit(self, X, y=None, X_pool=None):
            return super().fit(X_pool)

    with pytest.raises(AssertionError, match="a pool of another width must be refused"):
        checks.check_failed_fit_is_not_a_fit(TakesAll())


# ------------------------------------------------------------ arguments


class Keywords(Orders):
    def __init__(self, first=1, *, second=2, random_state=None):
        super().__init__(random_state=random_state)
        self.first, self.second = first, second


class Loose(Orders):
    def __init__(self, first=1, second=2, *, random_state=None):
        super().__init__(random_state=random_state)
        self.first, self.second = first, second


def test_all_arguments_but_the_first_are_keyword_only():
    checks.check_constructor(Keywords())
    with pytest.raises(AssertionError, match=r"make \['second'\] of Loose keyw"):
        checks.check_constructor(Loose())


def test_a_write_that_is_undone_is_caught_by_read_only_data():
    class Restores(Orders):
        def _fit(self, X, y, X_pool):
            X_pool[0] += 1
            X_pool[0] -= 1

    with pytest.raises(ValueError, match="read-only"):
        checks.check_read_only_inputs(Restores())
    checks.check_read_only_inputs(Orders())


@pytest.mark.parametrize("part", [0, 1, 2])
def test_each_array_that_is_written_to_is_seen(part):
    class Writes(Orders):
        def fit(self, X, y=None, X_pool=None):
            super().fit(X, y, X_pool)
            (X, y, X_pool)[part][0] += 1
            return self

    with pytest.raises(AssertionError, match="the data was written to; copy first"):
        checks.check_inputs_are_left_alone(Writes())


def test_a_class_that_is_not_at_the_top_of_its_module_is_not_pickled():
    class Inside(Orders):
        pass

    with pytest.raises(SkipTest, match="Inside is not at the top"):
        checks.check_pickle_gives_the_same_query(Inside())
    checks.check_pickle_gives_the_same_query(Orders())


def test_other_data_are_of_other_sizes_before_a_refit():
    sizes = []

    class Counts(Orders):
        def fit(self, X, y=None, X_pool=None):
            sizes.append((len(X), len(X_pool)))
            return super().fit(X, y, X_pool)

    checks.check_refit_forgets(Counts())
    assert sizes == [(12, 20), (18, 14), (18, 14)]
