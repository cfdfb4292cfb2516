"""Whom to ask, against numbers worked out by hand."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone

from skactive.oracles import (
    BestValue,
    CommitteeOracle,
    IntervalThreshold,
    NoisyOracle,
    everybody,
    one_at_random,
)
from skactive.oracles._asking import value_of
from skactive.oracles._votes import Votes, table_of

NAMES = "Ada", "Ben", "Cy"
Y = np.random.RandomState(0).randint(2, size=400)
POLICIES = [everybody, one_at_random, BestValue(), IntervalThreshold()]
IDS = ["everybody", "one at random", "best value", "IEthresh"]


def votes(answers=(), prices=None, seed=0):
    """Return votes of three people on rows 0, 1, ...; a dash is no vote, a dot none."""
    each = [
        (row, name, None if said == "." else int(said))
        for row, told in enumerate(answers)
        for name, said in zip(NAMES, told, strict=True)
        if said != "-"
    ]
    rows, who, said = zip(*each, strict=True) if each else ((), (), ())
    table = table_of(rows, who, said, np.ones(len(rows)))
    return Votes(table, NAMES, prices, None, seed)


def people(*noise, **more):
    return {
        name: NoisyOracle(Y, noise=share, random_state=k, **more)
        for k, (name, share) in enumerate(zip(NAMES, noise, strict=False))
    }


@pytest.mark.parametrize("policy", POLICIES, ids=IDS)
def test_someone_is_asked_for_each_row_even_at_first(policy):
    for known in (votes(), votes(["1.0", "---"]), votes(["000"] * 20)):
        names = policy(known, np.arange(50, 60))
        assert len(names) == 10 and all(set(each) <= set(NAMES) for each in names)
        assert any(names)


def test_chance_goes_by_row_and_spares_nobody():
    names = one_at_random(votes(seed=3), range(600))
    assert [one_at_random(votes(seed=3), [k]) for k in (9, 4)] == [
        [names[9]],
        [names[4]],
    ]
    assert names != one_at_random(votes(seed=4), range(600))
    counts = [names.count([name]) for name in NAMES]
    assert min(counts) > 200 - 4 * np.sqrt(600 * 2 / 9)


# ------------------------------------------------------------------------ best value


def test_what_an_answer_is_worth():
    assert_allclose(value_of(0.95, 10, 3), 0.283333, atol=1e-6)
    assert_allclose(value_of(0.6, 10, 1), 0.5)
    assert_allclose([value_of(0.95, 2, 3), value_of(0.6, 2, 1)], [0.15, 0.1])
    assert value_of(0.4, 2, 5) == value_of(0.4, 2, 1) < 0  # a price helps no loser
    assert value_of(0.9, 2, 0) > value_of(0.8, 2, 0) > value_of(1, 2, 0.01)
    assert value_of(0.9, 2, 1, answers=0.5) == value_of(0.9, 2, 1) / 2


@pytest.mark.parametrize(
    ("prices", "best"), [((3, 1, 1), "Cy"), ((1, 1, 3), "Ada"), ((9, 1, 9), "Ben")]
)
def test_after_the_trial_the_best_for_the_money_is_asked(prices, best):
    # Ada and Cy agree always, Ben in three rows of four.
    known = votes(["000", "111", "010", "111"] * 4, prices)
    assert BestValue()(known, [70, 71]) == [[best], [best]]
    values = BestValue().values(known)
    assert_allclose(values["Ada"] * prices[0], values["Cy"] * prices[2])


def test_the_trial_is_as_long_as_it_was_said_to_be():
    oracle = CommitteeOracle(people(0.05, 0.4, 0.4), ask=BestValue(7), random_state=0)
    oracle(np.arange(5))
    assert len(oracle.votes_) == 15
    oracle(np.arange(5, 20))  # two of the trial, then thirteen by one
    _, counts = np.unique(oracle.votes_["row"], return_counts=True)
    assert counts.tolist() == [3] * 7 + [1] * 13
    assert set(oracle.votes_["who"][-13:]) == {"Ada"}


def test_who_never_answers_is_not_chosen():
    three = people(0.4, 0.3)
    three["Cy"] = NoisyOracle(Y, abstain=1.0)
    oracle = CommitteeOracle(
        three, ask=BestValue(30), cost=[1, 1, 0.01], random_state=0
    )
    answers = oracle(np.arange(60))
    assert sum(answer is None for answer in answers) == 0
    assert "Cy" not in oracle.votes_["who"][90:]


# -------------------------------------------------------------------------- IEthresh


def test_upper_ends_by_hand():
    t = IntervalThreshold(bound="t")
    assert_allclose(t.upper_ends([4, 2], [5, 5]), [1.355289, 1.080087], atol=1e-6)
    assert t.upper_ends([1, 0, 5], [1, 0, 5]).tolist() == [1, 1, 1]
    b = IntervalThreshold()
    assert_allclose(
        b.upper_ends([4, 2, 5, 0], [5, 5, 5, 0]),
        [0.956728, 0.777222, 0.995789, 0.975],
        atol=1e-6,
    )


def test_who_never_erred_is_dismissed_as_published_and_not_here():
    # Ada is always with the majority; Ben four times of five; Cy never against both.
    told = ["000", "111", "000", "110", "101"]
    known = votes(told)
    published = IntervalThreshold(bound="t")(known, [9])[0]
    assert published == ["Ben", "Cy"]
    assert IntervalThreshold()(known, [9])[0] == ["Ada", "Ben", "Cy"]
    # After twenty more of which Ben and Cy err in turn, there is no doubt.
    many = votes(told + ["100", "011"] * 12 + ["001", "110", "010", "101"] * 12)
    assert "Ada" in IntervalThreshold(0.95)(many, [9])[0]


def test_the_unreliable_are_asked_no_more():
    oracle = CommitteeOracle(
        people(0.02, 0.05, 0.45), ask=IntervalThreshold(), random_state=0
    )
    for start in range(0, 200, 10):
        oracle(np.arange(start, start + 10))
    who, counts = np.unique(oracle.votes_["who"], return_counts=True)
    counts = dict(zip(who, counts, strict=True))
    assert counts["Ada"] == counts["Ben"] == 200 and counts["Cy"] < 100


@pytest.mark.parametrize(
    "policy",
    [
        BestValue(0),
        BestValue(estimate=3),
        IntervalThreshold(2),
        IntervalThreshold(bound="z"),
    ],
    ids=["trial", "estimate", "epsilon", "bound"],
)
def test_settings_out_of_range_are_refused_before_anyone_is_asked(policy):
    asked = []
    oracle = CommitteeOracle([lambda rows, X: asked.append(rows)], ask=policy)
    with pytest.raises(ValueError, match=f"parameter of {type(policy).__name__}"):
        oracle([0])
    assert not asked


@pytest.mark.parametrize("policy", POLICIES[2:], ids=IDS[2:])
def test_they_are_cloned_and_pickled(policy):
    one = pickle.loads(pickle.dumps(clone(policy)))
    known = votes(["001", "110", "000", "111"] * 5)
    assert one(known, [50, 51]) == policy(known, [50, 51])
