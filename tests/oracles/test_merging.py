"""Votes to labels: majority, weights, Dawid and Skene, and means of numbers."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone

from skactive.oracles import DawidSkene, WeightedMajority, average, majority
from tests.oracles.test_estimates import FIVE, crowd, said

AGGREGATES = [majority, WeightedMajority(), DawidSkene(), DawidSkene(min_rows=50)]
IDS = ["majority", "weighted", "Dawid-Skene", "from 50 rows"]


def table(*votes):
    rows, who, answers = zip(*votes, strict=True)
    return {"row": list(rows), "who": list(who), "answer": list(answers)}


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=IDS)
def test_rows_ascend_and_abstentions_do_not_count(aggregate):
    votes = table(
        (9, "A", "x"), (4, "A", "y"), (4, "B", None), (9, "B", "x"), (7, "B", np.nan)
    )
    labels, confidence = aggregate(votes)
    assert labels.tolist() == ["y", "x"]
    assert ((confidence > 0) & (confidence <= 1)).all()
    labels, confidence = aggregate(table((7, "B", None)), ["x", "y"])
    assert labels.shape == confidence.shape == (0,)


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=IDS)
def test_what_all_say_is_the_label_whatever_there_is_beside(aggregate):
    y = np.random.RandomState(0).randint(4, size=60)
    votes = {"row": np.tile(np.arange(60), 3), "who": np.repeat(list("ABC"), 60)}
    votes["answer"] = np.tile(y, 3)
    labels, confidence = aggregate(votes)
    assert (labels == y).all() and (confidence > 0.9).all()
    one = {name: column[:60] for name, column in votes.items()}
    labels, _ = aggregate(one, range(6))  # alone, among classes that no one named
    assert (labels == y).all()


@pytest.mark.parametrize(("k", "right"), [(1, 0.7), (3, 0.784), (5, 0.83692)])
def test_how_often_a_majority_is_right(k, right):
    y, votes = crowd(4000, 0, right=(0.7,) * k)
    labels, _ = majority(votes)
    assert abs((labels == y).mean() - right) < 4 * np.sqrt(right * (1 - right) / 4000)


def test_a_tie_goes_to_those_who_agreed_elsewhere():
    known = [(r, who, "x") for r in range(5) for who in "ABC"]
    known = [(r, w, "y" if (w, r) == ("C", 3) else a) for r, w, a in known]
    for doubtful, label in (
        (((9, "A", "p"), (9, "C", "q")), "p"),
        (
            ((9, "A", "q"), (9, "C", "p")),
            "q",
        ),
    ):
        labels, confidence = majority(table(*known, *doubtful))
        assert labels[-1] == label and confidence[-1] == 0.5


def test_weights_decide_and_zero_counts_for_nothing():
    votes = table((1, "A", 0), (1, "B", 1), (1, "C", 1), (2, "B", 1), (2, "C", 0))
    labels, confidence = WeightedMajority({"A": 3, "B": 1, "C": 1})(votes)
    assert labels.tolist()[0] == 0 and confidence.tolist() == [0.6, 0.5]
    labels, confidence = WeightedMajority({"A": 3})(votes)
    assert labels[0] == 0 and confidence.tolist() == [1, 0.5]  # row 2: heads count
    labels, confidence = WeightedMajority({"A": 1, "B": 2})(votes)
    assert labels.tolist() == [1, 1] and confidence[1] == 1


def test_estimated_weights_are_log_odds():
    # C agrees with all others in 20 rows, A and B each in 10; then he is alone.
    votes = said(["100", "010"] * 10 + ["110"])
    labels, confidence = WeightedMajority()(votes)
    assert majority(votes)[0].tolist() == [0] * 20 + [1]
    assert labels.tolist() == [0] * 21
    p, q = 21 / 23, 12 / 23  # of 21 rows, one hit and one miss beside
    alone, two = p / (1 - p), (q / (1 - q)) ** 2
    assert_allclose(confidence[-1], alone / (alone + two))


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        ({"A": 0, "B": 0.0}, "sum to 0"),
        ({}, "sum to 0"),
        ({"A": -1, "B": 2}, "at least 0; got -1 for 'A'"),
        ({"A": np.nan}, "got nan"),
        ({"A": np.inf}, "got inf"),
        ({"A": "2"}, "got '2'"),
        ({"A": True}, "got True"),
    ],
    ids=["zeros", "none", "negative", "nan", "inf", "word", "bool"],
)
def test_weights_that_decide_nothing_are_refused(weights, match):
    with pytest.raises(ValueError, match=match):
        WeightedMajority(weights)(table((1, "A", 0)))
    with pytest.raises(ValueError, match=r"name \['Cy'\]"):
        WeightedMajority({"A": 1, "Cy": 2}).check(["A", "B"])


def test_dawid_skene_of_five_items():
    labels, confidence = DawidSkene()(said(FIVE))
    assert labels.tolist() == [0, 0, 1, 1, 1]
    assert_allclose(
        confidence, [0.7867, 0.9133, 1 - 0.1757, 1 - 0.0694, 1 - 0.3124], atol=1e-4
    )
    assert (
        DawidSkene(min_rows=6)(said(FIVE))[1].tolist()
        == majority(said(FIVE))[1].tolist()
    )
    assert DawidSkene(min_rows=5)(said(FIVE))[1].tolist() == confidence.tolist()


def test_reliability_is_of_rows_that_several_answered():
    y, votes = crowd(300, 1, right=(0.6, 0.9), n_classes=5)
    votes = {name: list(column) for name, column in votes.items()}
    votes["row"] += range(1000, 1300)
    votes["who"] += ["2"] * 300
    votes["answer"] += y.tolist()
    reliable = DawidSkene().reliability(votes)
    assert set(reliable) == {"0", "1"}  # "2" answered alone
    y, votes = crowd(300, 1, right=(0.6, 0.6, 0.95), n_classes=10)
    reliable = DawidSkene().reliability(votes)
    # The prior, of two right answers and a wrong one in each class, pulls them down.
    assert_allclose([reliable[k] for k in "012"], [0.6, 0.6, 0.85], atol=0.06)


def test_who_answered_alone_is_believed_as_far_as_he_is_known():
    votes = said(["000", "111", "010", "111", "000", "111", "010", "000"] * 5)
    votes["row"] += [90, 91]
    votes["who"] += ["0", "1"]
    votes["answer"] += [1, 1]
    labels, confidence = DawidSkene()(votes)
    assert labels[-2:].tolist() == [1, 1] and confidence[-2] > 0.9 > confidence[-1]
    # A rare class, said once, is not taken for the frequent one.
    rare = {"row": range(12), "who": ["A", "B", "C"] * 4, "answer": [0] * 11 + [1]}
    labels, confidence = DawidSkene()(rare)
    assert labels.tolist() == rare["answer"] and (confidence > 0).all()


@pytest.mark.parametrize("settings", [{"prior": 0}, {"max_iter": 0}, {"min_rows": -1}])
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        DawidSkene(**settings)(said(FIVE))


@pytest.mark.parametrize("aggregate", AGGREGATES[1:], ids=IDS[1:])
def test_they_are_cloned_and_pickled(aggregate):
    one = pickle.loads(pickle.dumps(clone(aggregate)))
    assert one.get_params() == aggregate.get_params()
    assert one(said(FIVE))[0].tolist() == aggregate(said(FIVE))[0].tolist()


def test_numbers_are_averaged():
    votes = table(
        (1, "A", 1.0), (1, "B", 2.0), (3, "A", 5.0), (3, "A", 6.0), (4, "B", None)
    )
    values, confidence = average(votes)
    assert values.tolist() == [1.5, 6.0] and confidence.tolist() == [1.0, 0.5]
    assert average(table((1, "A", None)))[0].size == 0
