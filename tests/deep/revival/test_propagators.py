"""Which propagator is meant, by a word or an object, and how it is seeded."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.utils import Bunch

from skactive.deep import REVIVAL, GCNPropagator, LGCPropagator, SGCPropagator
from skactive.deep.revival._propagators import (
    affinity_of,
    as_propagator,
    seeded_propagator,
)
from skactive.graph import KNNAffinity

pytestmark = pytest.mark.deep


class Always(BaseEstimator):
    """Say the same of all nodes; a step changes nothing."""

    def __init__(self, proba=(0.5, 0.3, 0.2), random_state=None):
        self.proba = proba
        self.random_state = random_state

    def fit(self, Z, W, rows, y, n_classes):
        self.proba_ = np.tile(self.proba, (len(Z), 1))
        return self

    def adversary(self, rows, *, eps, symmetrize):
        self.asked_ = list(rows), eps, symmetrize
        n = len(rows)
        return Bunch(kl=np.arange(n) / n, flipped=np.zeros(n, bool), eps=1.5)


class OfParts(Always):
    """One with a part that has a seed of its own."""

    def __init__(self, part=None):
        self.part = part


def blobs():
    y = np.arange(30) % 3
    X = 3.0 * np.eye(3, 4)[y] + np.random.RandomState(0).standard_normal((30, 4))
    return X[:9], y[:9], X[9:]


def test_words_stand_for_defaults():
    made = {word: as_propagator(word) for word in ("lgc", "gcn", "sgc")}
    classes = [LGCPropagator, GCNPropagator, SGCPropagator]
    assert [type(each) for each in made.values()] == classes
    for each in made.values():
        assert each.get_params() == type(each)().get_params()
    own = GCNPropagator(hidden=3)
    assert as_propagator(own) is own


@pytest.mark.parametrize("word", ["lgc", "gcn", "sgc"])
def test_a_word_and_its_object_answer_the_same(word):
    by_word, by_object = (
        REVIVAL(propagator=given, oversample=3, random_state=0).fit(*blobs())
        for given in (word, as_propagator(word))
    )
    assert by_word.kl_.max() > 0
    np.testing.assert_array_equal(by_word.kl_, by_object.kl_)
    np.testing.assert_array_equal(by_word.query(5), by_object.query(5))


def test_an_object_is_copied_and_seeded_and_left_alone():
    own = GCNPropagator(hidden=3, max_epochs=2, random_state=11)
    before = own.get_params()
    strategy = REVIVAL(propagator=own, random_state=0).fit(*blobs())
    assert strategy.propagator_ is not own and strategy.propagator_.hidden == 3
    assert own.get_params() == before and not hasattr(own, "proba_")


def test_the_seed_of_the_strategy_goes_before_that_of_the_propagator():
    own = GCNPropagator(random_state=11)
    assert seeded_propagator(own, 3, seed_for_all=True).random_state == 3
    assert seeded_propagator(own, 3, seed_for_all=False).random_state == 11
    assert seeded_propagator("gcn", 3, seed_for_all=False).random_state == 3
    assert seeded_propagator("lgc", 3, seed_for_all=True).get_params() == (
        LGCPropagator().get_params()
    )
    parts = OfParts(GCNPropagator(random_state=1))
    kept = seeded_propagator(parts, 3, seed_for_all=False).part.random_state
    new = {
        seeded_propagator(parts, seed, seed_for_all=True).part.random_state
        for seed in (3, 4)
    }
    assert kept == 1 and len(new) == 2 and 1 not in new


def test_a_propagator_has_no_say_in_the_seeds_of_the_others():
    """Its seed is not listed, so a learner draws as many as for a word."""
    names = REVIVAL(propagator=GCNPropagator()).get_params()
    assert "propagator__hidden" in names and "propagator__random_state" not in names


def test_a_propagator_of_ones_own_is_asked():
    strategy = REVIVAL(
        propagator=Always(), eps=0.7, symmetrize=False, limitator=None, random_state=0
    )
    strategy.set_params(diversity="none", component_fraction=0).fit(*blobs())
    assert strategy.propagator_.asked_ == (list(range(9, 30)), 0.7, False)
    assert strategy.query(3).tolist() == [20, 19, 18]
    assert strategy.eps_ == 1.5 and strategy.reached_.all()
    np.testing.assert_allclose(strategy.virtual_labels_[0], [0.5, 0.3, 0.2])


def test_one_that_answers_for_other_classes_is_refused():
    with pytest.raises(ValueError, match=r"each of the 3 classes; got shape \(30, 2\)"):
        REVIVAL(propagator=Always((0.5, 0.5))).fit(*blobs())
    with pytest.raises(ValueError, match="finite"):
        REVIVAL(propagator=Always((0.5, 0.5, np.nan))).fit(*blobs())


def test_the_graph_is_the_propagators_own_unless_it_has_none():
    assert affinity_of("gcn").affinity == "binary"
    assert affinity_of(Always()).get_params() == KNNAffinity().get_params()


@pytest.mark.parametrize(
    "given, error, text",
    [
        ("gat", ValueError, "one of 'lgc', 'gcn', 'sgc', or an object .* got 'gat'"),
        (None, TypeError, r"fit\(Z, W, rows, y, n_classes\).* None lacks fit, adv"),
        (3, TypeError, r"adversary\(rows, eps=..., symmetrize=...\)"),
        (KNNAffinity(), TypeError, r"KNNAffinity\(\) lacks adversary\."),
        (GCNPropagator, TypeError, "pass an object of it"),
    ],
)
def test_what_is_no_propagator_is_refused_with_the_interface(given, error, text):
    with pytest.raises(error, match=text):
        REVIVAL(propagator=given).fit(*blobs())
