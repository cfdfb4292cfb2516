"""Oracles: what they answer, and what they refuse."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner
from skactive.oracles import NoisyOracle, SimulatedOracle
from skactive.utils import is_missing

pd = pytest.importorskip("pandas")


# ------------------------------------------------------------------ SimulatedOracle


def test_simulated_oracle_answers_in_the_order_of_asking():
    oracle = SimulatedOracle(np.array([10, 20, 30, 40]))
    answers = oracle(np.array([3, 0, 3]), None)
    assert answers.tolist() == [40, 10, 40]
    assert answers.dtype.kind == "i"


def test_simulated_oracle_goes_by_position_and_not_by_pandas_index():
    y = pd.Series(["a", "b", "c"], index=[2, 0, 1])
    assert SimulatedOracle(y)([0, 1, 2]).tolist() == ["a", "b", "c"]


def test_simulated_oracle_leaves_missing_answers_missing():
    answers = SimulatedOracle(["a", None, np.nan])([0, 1, 2])
    assert answers[0] == "a"
    assert answers[1] is None
    assert np.isnan(answers[2])


@pytest.mark.parametrize("oracle", [SimulatedOracle([0, 1, 1]), NoisyOracle([0, 1, 1])])
@pytest.mark.parametrize("rows", [[-1], [3], [0.0], [[0]]])
def test_rows_outside_the_data_are_refused(oracle, rows):
    with pytest.raises(ValueError, match="rows must"):
        oracle(rows)


def test_y_of_more_axes_than_masks_have_is_refused():
    with pytest.raises(ValueError, match="1-d"):
        SimulatedOracle(np.zeros((3, 2, 2, 2)))([0])


@pytest.mark.parametrize("oracle", [SimulatedOracle([0, 1, 1]), NoisyOracle([0, 1, 1])])
def test_oracles_count_what_they_were_asked_and_a_clone_begins_anew(oracle):
    oracle = clone(oracle)
    assert oracle.n_asked_ == 0
    oracle([0, 2])
    assert len(oracle([])) == 0
    oracle([0])
    assert oracle.n_asked_ == 3
    assert pickle.loads(pickle.dumps(oracle)).n_asked_ == 3
    assert clone(oracle).n_asked_ == 0


# ---------------------------------------------------------------------- NoisyOracle


@pytest.mark.parametrize(
    "y", [[3, 5, 9, 5], ["b", "a", "a", "c"], [0.0, 2.0, 2.0, 0.0]]
)
def test_without_noise_the_truth_is_told(y):
    answers = NoisyOracle(y, random_state=0)([3, 0, 1, 2])
    assert answers.tolist() == [y[3], y[0], y[1], y[2]]
    assert answers.dtype == np.asarray(y).dtype


def test_symmetric_noise_has_its_rate_and_spares_no_other_class():
    n, noise = 20_000, 0.3
    y = np.arange(n) % 4
    answers = NoisyOracle(y, noise=noise, random_state=1)(np.arange(n))
    n_wrong = np.sum(answers != y)
    assert abs(n_wrong - noise * n) < 4 * np.sqrt(n * noise * (1 - noise))
    shift = np.bincount((answers - y) % 4, minlength=4)[1:]
    assert np.all(np.abs(shift - n_wrong / 3) < 4 * np.sqrt(n_wrong * 2 / 9))


def test_noise_of_one_never_tells_the_truth():
    y = np.arange(600) % 3
    assert not np.any(NoisyOracle(y, noise=1.0, random_state=0)(np.arange(600)) == y)


def test_confusion_gives_each_answer_its_probability_and_impossible_ones_never():
    confusion = np.array([[0.7, 0.3, 0.0], [0.0, 1.0, 0.0], [0.25, 0.5, 0.25]])
    n = 30_000
    y = np.array(["a", "b", "c"])[np.arange(n) % 3]
    answers = NoisyOracle(y, confusion=confusion, random_state=3)(np.arange(n))
    for i, true in enumerate("abc"):
        for j, told in enumerate("abc"):
            count, p = np.sum(answers[y == true] == told), confusion[i, j]
            assert abs(count - n / 3 * p) <= 4 * np.sqrt(n / 3 * p * (1 - p))


@pytest.mark.parametrize("draw", [0.0, np.nextafter(1.0, 0.0)])
def test_an_impossible_answer_is_not_given_even_at_the_edge_of_the_draws(draw):
    class Edge(NoisyOracle):
        def _draws(self, nth, n_rows):
            return np.full((2, n_rows), draw)

    sevenths = [0, *[1 / 7] * 7, 0]  # impossible first and last; sums to 1 - 1e-16
    oracle = Edge(np.arange(9), confusion=[sevenths] * 9)
    assert oracle(np.arange(9)).tolist() == [1 if draw == 0 else 7] * 9


def test_answers_are_those_of_a_slow_reference():
    y = np.array([2, 0, 1, 1, 0, 2, 2, 1])
    confusion = [[0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.0, 0.6, 0.4]]
    mistakes, silences = np.random.RandomState([7, 0]).random_sample((2, 8))
    expected = []
    for i in range(8):
        total, answer = 0.0, None
        for k in range(3):
            total += confusion[y[i]][k]
            if answer is None and mistakes[i] < total:
                answer = k
        expected.append(None if silences[i] < 0.3 else answer)
    oracle = NoisyOracle(y, confusion=confusion, abstain=0.3, random_state=7)
    assert oracle(np.arange(8)).tolist() == expected
    assert None in expected
    assert any(e not in (None, t) for e, t in zip(expected, y.tolist(), strict=True))


def test_answers_depend_neither_on_the_order_nor_on_the_batch():
    y = np.arange(50) % 5
    make = NoisyOracle(y, noise=0.5, abstain=0.2, random_state=0)
    at_once = clone(make)(np.arange(50))
    order = np.random.RandomState(1).permutation(50)
    one_by_one = clone(make)
    for row in order:
        assert one_by_one([row])[0] == at_once[row]
    assert make(order).tolist() == at_once[order].tolist()
    assert make(order).tolist() == at_once[order].tolist()  # persistent


def test_not_persistent_answers_are_drawn_anew_for_each_asking_of_a_row():
    y = np.arange(200) % 5
    make = NoisyOracle(y, noise=0.5, persistent=False, random_state=0)
    rows = np.arange(200)
    first, other = clone(make), clone(make)
    once, twice = first(rows), first(rows)
    assert np.any(once != twice)
    # The k-th asking of a row is the k-th draw, whatever else was asked between.
    assert other(rows[::-1]).tolist() == once[::-1].tolist()
    halves = [*other(rows[100:]), *other(rows[:100])]
    assert halves == [*twice[100:], *twice[:100]]
    both = clone(make)(np.repeat(rows, 2))
    assert both[::2].tolist() == once.tolist()
    assert both[1::2].tolist() == twice.tolist()
    # The first asking is the same as that of a persistent oracle.
    persistent = clone(make).set_params(persistent=True)
    assert persistent(rows).tolist() == once.tolist()


def test_abstention_has_its_share_and_does_not_change_the_other_answers():
    n = 10_000
    y = np.arange(n) % 3
    full = NoisyOracle(y, noise=0.2, random_state=5)(np.arange(n))
    part = NoisyOracle(y, noise=0.2, abstain=0.25, random_state=5)(np.arange(n))
    silent = np.array([answer is None for answer in part])
    assert abs(silent.sum() - 0.25 * n) < 4 * np.sqrt(n * 0.25 * 0.75)
    assert part[~silent].tolist() == full[~silent].tolist()
    all_silent = NoisyOracle(y, abstain=1.0, random_state=5)(np.arange(20))
    assert all_silent.tolist() == [None] * 20


def test_rows_without_a_label_are_never_answered():
    answers = NoisyOracle(["a", None, "b", np.nan], random_state=0)([0, 1, 2, 3])
    assert answers.tolist() == ["a", None, "b", None]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"noise": -0.1}, "noise"),
        ({"noise": 1.5}, "noise"),
        ({"abstain": np.nan}, "abstain"),
        ({"abstain": 2}, "abstain"),
        ({"persistent": "yes"}, "persistent"),
        ({"confusion": [[1.0]]}, "shape"),
        ({"confusion": [[0.5, 0.4], [0, 1]]}, "sum to 1"),
        ({"confusion": [[1.5, -0.5], [0, 1]]}, "sum to 1"),
        ({"confusion": [[np.nan, 1], [0, 1]]}, "sum to 1"),
        ({"confusion": [[1, 0], [0, 1]], "noise": 0.1}, "not both"),
    ],
)
def test_wrong_parameters_are_refused(params, message):
    with pytest.raises(ValueError, match=message):
        NoisyOracle([0, 1, 1], **params)([0])


def test_noise_without_another_class_is_refused():
    with pytest.raises(ValueError, match="two classes"):
        NoisyOracle([1, 1], noise=0.1)([0])


def test_labels_that_are_all_missing_or_continuous_are_refused():
    with pytest.raises(ValueError, match="no label"):
        NoisyOracle([None, None])([0])
    with pytest.raises(ValueError, match="continuous"):
        NoisyOracle([0.3, 1.7, 2.9])([0])


def test_without_a_seed_oracles_differ_and_the_global_generator_is_left_alone():
    y = np.arange(300) % 3
    before = np.random.get_state()[1].copy()
    one, two = NoisyOracle(y, noise=0.5), NoisyOracle(y, noise=0.5)
    answers = one(np.arange(300))
    assert np.any(answers != two(np.arange(300)))
    assert np.array_equal(answers, one(np.arange(300)))
    assert np.array_equal(np.random.get_state()[1], before)


def test_a_seed_set_later_takes_effect():
    y = np.arange(300) % 3
    oracle = NoisyOracle(y, noise=0.5)
    drawn = oracle(np.arange(300))
    seeded = oracle.set_params(random_state=4)(np.arange(300))
    assert np.any(drawn != seeded)
    expected = NoisyOracle(y, noise=0.5, random_state=4)(np.arange(300))
    assert seeded.tolist() == expected.tolist()


# ------------------------------------------------------------------- in the learner


@pytest.fixture
def blobs():
    return make_blobs(120, centers=3, cluster_std=2.0, random_state=0)


def test_learner_with_a_truthful_oracle_does_as_in_a_simulation(blobs):
    X, y = blobs
    simulated = ActiveLearner(LogisticRegression(), budget=20, random_state=0).fit(X, y)
    asked = clone(simulated).set_params(oracle=NoisyOracle(y, random_state=9)).fit(X)
    assert asked.queried_indices_.tolist() == simulated.queried_indices_.tolist()
    assert np.array_equal(asked.predict_proba(X), simulated.predict_proba(X))
    assert asked.oracle.n_asked_ == 30


def test_learner_pays_for_abstentions_and_learns_from_mistakes(blobs):
    X, y = blobs
    oracle = NoisyOracle(y, noise=0.3, abstain=0.3, random_state=0)
    learner = ActiveLearner(
        LogisticRegression(),
        oracle=oracle,
        budget=40,
        classes=[0, 1, 2],
        random_state=0,
    ).fit(X)
    assert oracle.n_asked_ == 50
    answers = clone(oracle)(np.arange(120))
    rows = np.flatnonzero(learner.labeled_mask_)
    assert 0 < len(rows) < 50
    assert learner.labels_[rows].tolist() == answers[rows].tolist()


@pytest.mark.parametrize("oracle", [SimulatedOracle, NoisyOracle])
def test_what_is_masked_is_not_answered(oracle):
    y = np.ma.MaskedArray([0, 1, 2, 1], mask=[0, 1, 0, 0])
    answers = oracle(y)([1, 2])
    assert is_missing(answers).tolist() == [True, False]
    assert answers[1] == 2


def test_the_truth_may_have_several_columns():
    sets = np.array([[1, 0], [0, 0], [1, 1]])
    assert SimulatedOracle(sets)([2, 0]).tolist() == [[1, 1], [1, 0]]
    assert SimulatedOracle(sets.tolist())([1]).tolist() == [[0, 0]]
    with_gap = SimulatedOracle([[1, 0], None, [1, 1]])([1, 2])
    assert with_gap.tolist() == [None, [1, 1]]
    assert SimulatedOracle(sets[:, :1])([2, 1]).tolist() == [1, 0]
