"""check_strategy and parametrize_with_checks."""

import numpy as np
import pytest
from sklearn.preprocessing import FunctionTransformer

from skactive.base import QueryStrategy
from skactive.diversity import CoreSet, RandomSampling
from skactive.testing import check_strategy, parametrize_with_checks, strategy_checks


class AlwaysTheLast(QueryStrategy):
    """Ask for the last samples, and count wrongly."""

    def _query(self, n):
        return np.arange(self.n_pool_ - n, self.n_pool_ + 1)


def test_results_list_every_check_once():
    results = check_strategy(RandomSampling())
    names = [result["check_name"] for result in results]
    assert names == [name for name, _ in strategy_checks(RandomSampling())]
    assert len(names) == len(set(names))
    assert all(result["exception"] is None for result in results)


def test_a_failing_check_raises_by_default():
    with pytest.raises(RuntimeError, match="AlwaysTheLast was asked for 1 samples"):
        check_strategy(AlwaysTheLast())


def test_a_failing_check_is_reported_on_demand():
    results = check_strategy(AlwaysTheLast(), on_fail=None)
    by_status = {r["check_name"]: r["status"] for r in results}
    assert by_status["check_answer_is_distinct_positions"] == "failed"
    assert by_status["check_constructor"] == "passed"
    failed = [r for r in results if r["status"] == "failed"]
    assert all(isinstance(r["exception"], Exception) for r in failed)


def test_a_failing_check_warns_on_demand():
    with pytest.warns(UserWarning, match="AlwaysTheLast fails check_"):
        results = check_strategy(AlwaysTheLast(), on_fail="warn")
    assert len(results) == len(list(strategy_checks(AlwaysTheLast())))


def test_an_unknown_on_fail_is_refused():
    with pytest.raises(ValueError, match="on_fail"):
        check_strategy(RandomSampling(), on_fail="ignore")


def test_the_strategy_given_is_not_changed():
    strategy = RandomSampling(random_state=7)
    check_strategy(strategy)
    assert vars(strategy) == {"random_state": 7}


def test_one_test_per_strategy_and_check():
    strategies = [RandomSampling(), RandomSampling(random_state=1)]
    names, params = parametrize_with_checks(strategies).args
    assert names == "strategy, check"
    assert len(params) == 2 * len(list(strategy_checks(RandomSampling())))
    assert len({param.id for param in params}) == len(params)
    assert params[0].id.startswith("RandomSampling()-check_")


def test_an_expected_failure_is_strict_and_has_its_reason():
    mark = parametrize_with_checks(
        [RandomSampling()],
        expected_failed_checks=lambda strategy: {"check_pool_of_one": "a reason"},
    )
    marked = [param for param in mark.args[1] if param.marks]
    assert [param.id for param in marked] == ["RandomSampling()-check_pool_of_one"]
    assert marked[0].marks[0].kwargs == {"strict": True, "reason": "a reason"}


def test_a_misspelt_expected_failure_is_refused():
    with pytest.raises(ValueError, match="check_pool_of_won"):
        parametrize_with_checks(
            [RandomSampling()],
            expected_failed_checks=lambda strategy: {"check_pool_of_won": "a reason"},
        )


def test_a_class_in_place_of_an_instance_is_refused():
    with pytest.raises(TypeError, match=r"RandomSampling\(\)"):
        parametrize_with_checks([RandomSampling])


def test_ids_are_the_same_in_every_process():
    model = FunctionTransformer(lambda X: X)
    marked = parametrize_with_checks([CoreSet(embedding=model)])
    ids = [param.id for param in marked.args[1]]
    assert not [each for each in ids if "0x" in each]
