"""What votes say of people and rows, against numbers worked out elsewhere."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skactive.oracles import NoisyOracle, majority
from skactive.oracles._estimates import (
    agreement,
    dawid_skene,
    log_odds,
    records,
    winners,
)
from skactive.oracles._votes import coded

#: Five items and three people, by hand.
FIVE = ["001", "000", "110", "111", "011"]


def said(answers):
    """Return votes on rows 0, 1, ... from one string of answers for each."""
    n_rows, n_people = len(answers), len(answers[0])
    return {
        "row": np.repeat(np.arange(n_rows), n_people).tolist(),
        "who": [str(k) for k in range(n_people)] * n_rows,
        "answer": [int(answer) for row in answers for answer in row],
    }


def crowd(n, seed, right=(0.6, 0.6, 0.95), n_classes=2):
    """Return true classes, and the votes of people who are right at some rates."""
    y = np.random.RandomState(seed).randint(n_classes, size=n)
    y[:n_classes] = range(n_classes)
    told = [
        NoisyOracle(y, noise=1 - p, random_state=1000 * seed + k)(np.arange(n))
        for k, p in enumerate(right)
    ]
    rows = np.tile(np.arange(n), len(right))
    who = np.repeat([str(k) for k in range(len(right))], n)
    return y, {"row": rows, "who": who, "answer": np.concatenate(told)}


def test_the_log_odds_of_a_reliability():
    assert_allclose(log_odds(0.6, 2), 0.405465, atol=5e-7)
    assert_allclose(log_odds(0.6, 10), 2.602690, atol=5e-7)
    assert log_odds(0.5, 2) == 0
    assert_allclose(log_odds([0, 1], 2), np.log([1 / 99, 99]))


def test_five_items_do_not_collapse():
    q, _, mistakes = dawid_skene(coded(said(FIVE)), max_iter=15)
    assert_allclose(q[:, 0], [0.7867, 0.9133, 0.1757, 0.0694, 0.3124], atol=5e-5)
    assert_allclose(mistakes.sum(axis=2), 1)
    assert (np.einsum("ajj->aj", mistakes) > 0.5).all()  # no one is taken for a liar


def test_one_step_of_the_flat_prior_by_hand():
    # One count on and off the diagonal, as published for these votes; the shares of
    # the classes are smoothed here, and were not there.
    q, _, mistakes = dawid_skene(coded(said(FIVE)), prior=1.0, max_iter=1)
    rows = [
        [[0.6923, 0.3077], [0.4286, 0.5714]],
        [[0.6154, 0.3846], [0.2857, 0.7143]],
        [[0.5385, 0.4615], [0.3571, 0.6429]],
    ]
    assert_allclose(mistakes, rows, atol=5e-5)
    theirs = np.array([0.6861, 0.8211, 0.2767, 0.1541, 0.3533])
    odds = theirs / (1 - theirs) * (0.533333 / 0.466667) * ((1 + 7 / 3) / (1 + 8 / 3))
    assert_allclose(q[:, 0], odds / (1 + odds), atol=2e-4)


def test_dawid_skene_is_that_of_a_slow_reference():
    _, votes = crowd(30, 3, right=(0.5, 0.7, 0.9), n_classes=3)
    kept = np.random.RandomState(0).permutation(90)[:70]  # some did not answer
    votes = {name: np.asarray(column)[kept] for name, column in votes.items()}
    found = coded(votes)
    q, shares, mistakes = dawid_skene(found, max_iter=4, tol=0)
    people, n, k = found.names, len(found.rows), 3
    told = {
        (row, who): answer for row, who, answer in zip(*votes.values(), strict=True)
    }
    slow = np.zeros((n, k))
    for (row, _), answer in told.items():
        slow[list(found.rows).index(row), answer] += 1
    slow /= slow.sum(axis=1, keepdims=True)
    for _ in range(4):
        prior = (1 + slow.sum(axis=0)) / (k + n)
        table = {}
        for who in people:
            for j in range(k):
                counts = [2.0 if j == c else 1 / (k - 1) for c in range(k)]
                for i, row in enumerate(found.rows):
                    if (row, who) in told:
                        counts[told[row, who]] += slow[i, j]
                table[who, j] = np.array(counts) / sum(counts)
        for i, row in enumerate(found.rows):
            for j in range(k):
                slow[i, j] = prior[j]
                for who in people:
                    if (row, who) in told:
                        slow[i, j] *= table[who, j][told[row, who]]
            slow[i] /= slow[i].sum()
    assert_allclose(q, slow, atol=1e-12)
    assert_allclose(shares, prior)
    assert_allclose(mistakes[0, 1], table[people[0], 1])


@pytest.mark.parametrize("n", [5, 10])
def test_dawid_skene_is_not_below_majority_where_there_are_few_votes(n):
    right = np.zeros(2)
    for seed in range(100):
        y, votes = crowd(n, seed)
        q, _, _ = dawid_skene(coded(votes))
        right += (q.argmax(axis=1) == y).mean(), (majority(votes)[0] == y).mean()
    assert right[0] / 100 >= right[1] / 100 - 0.04


def test_dawid_skene_knows_who_is_good_where_there_are_many():
    right, n_first = np.zeros(2), 0
    for seed in range(10):
        y, votes = crowd(200, seed)
        q, shares, mistakes = dawid_skene(coded(votes))
        right += (q.argmax(axis=1) == y).mean(), (majority(votes)[0] == y).mean()
        n_first += np.einsum("j,ajj->a", shares, mistakes).argmax() == 2
    assert n_first >= 8
    assert right[0] / 10 > right[1] / 10 + 0.02


def test_dawid_skene_without_votes_or_classes_to_choose_among():
    q, shares, _ = dawid_skene(coded({"row": [], "who": [], "answer": []}, [0, 1]))
    assert q.shape == (0, 2) and shares.tolist() == [0.5, 0.5]
    q, _, _ = dawid_skene(coded({"row": [1, 1], "who": ["A", "B"], "answer": [7, 7]}))
    assert q.tolist() == [[1]]


def test_dawid_skene_at_convergence_finds_what_crowd_kit_finds():
    aggregation = pytest.importorskip("crowdkit.aggregation")
    pd = pytest.importorskip("pandas")
    _, votes = crowd(400, 0)
    columns = {"row": "task", "who": "worker", "answer": "label"}
    frame = pd.DataFrame(votes).rename(columns=columns)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses what pandas is about to drop
        theirs = aggregation.DawidSkene(n_iter=200, tol=1e-9).fit_predict(frame)
    q, _, _ = dawid_skene(coded(votes), max_iter=500, tol=1e-9)
    # They have no prior, so that rows in doubt may differ.
    assert (theirs.loc[np.arange(400)].to_numpy() == q.argmax(axis=1)).mean() > 0.97
    near_none, _, _ = dawid_skene(coded(votes), 1e-9, max_iter=500, tol=1e-9)
    assert (near_none.argmax(axis=1) == theirs.loc[np.arange(400)]).mean() > 0.9


def test_agreement_counts_clear_rows_that_several_answered():
    votes = said(["000", "001", "110"])
    votes["row"] += [7, 8, 8]
    votes["who"] += ["0", "0", "1"]
    votes["answer"] += [1, 0, 1]  # alone, and a tie
    found = coded(votes)
    hits, n_seen = records(found)
    assert n_seen.tolist() == [3, 3, 3] and hits.tolist() == [3, 3, 1]
    assert_allclose(agreement(found), [4 / 5, 4 / 5, 2 / 5])


def test_ties_go_to_the_second_score_and_then_by_chance_and_row():
    votes = coded(
        {"row": range(400), "who": ["A"] * 400, "answer": [0, 1] * 200}, [0, 1]
    )
    even = np.full((400, 2), 0.1 * 3)
    even[:, 0] = 0.3
    drawn = winners(votes, even, even)
    assert 140 < drawn.sum() < 260
    assert (winners(votes, even, np.tile([0.0, 1.0], (400, 1))) == 1).all()
    assert (winners(votes, -np.eye(2)[[0] * 400], even) == 1).all()
    part = votes.part(votes.item >= 390)
    assert (winners(part, even[390:], even[390:]) == drawn[390:]).all()
