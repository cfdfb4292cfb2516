"""Nets of a learner that go on from the round before, whatever happens to labels."""

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.learner._going_on import PastNets, goes_on
from skactive.learner._ledger import Ledger
from skactive.utils import seeded_clone
from skactive.utils._answers import ClassAnswers
from skactive.utils._models import last_step

pytest.importorskip("torch", reason="torch is not installed")

from skactive.nets import NetClassifier, NetSegmenter, ShrinkPerturb

pytestmark = pytest.mark.deep

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
START = np.full(150, np.nan)
START[[0, 1, 50, 51, 100, 101]] = Y[[0, 1, 50, 51, 100, 101]]
WARM = {"on": True, "shrunk": ShrinkPerturb()}


def net(warm_start=True, **settings):
    settings = {"max_epochs": 2, "module__hidden": (8,), **settings}
    return NetClassifier(warm_start=warm_start, **settings)


def learner(path=None, *, warm_start=True, **settings):
    settings = {"random_state": 0, "batch_size": 5, **settings}
    return ActiveLearner(net(warm_start), journal=path, **settings)


def taught(one, n_rounds=3):
    """Label some rounds by hand."""
    one.fit(X, START)
    for _ in range(n_rounds):
        rows = one.query(5)
        one.teach(rows, Y[rows])
    return one


def proba(one):
    return one.predict_proba(X)


@pytest.mark.parametrize("warm_start", WARM.values(), ids=WARM)
@pytest.mark.parametrize("steps", [(), (StandardScaler(),)], ids=["alone", "in steps"])
def test_each_round_goes_on_from_the_one_before(warm_start, steps):
    model = make_pipeline(*steps, net(warm_start)) if steps else net(warm_start)
    one = ActiveLearner(
        model, n_initial=9, budget=15, batch_size=5, random_state=0
    ).fit(X, Y)
    # By hand: the seeds are those of the learner, and one net is fitted repeatedly.
    last = None
    for stage in one.stages():
        rows = np.flatnonzero(stage.labeled_mask_)
        twin = clone(stage.estimator_)
        if last is not None:
            last_step(twin)._after(last_step(last))
        last = twin.fit(X[rows], Y[rows])
        assert_array_equal(twin.predict_proba(X), stage.predict_proba(X))
    cold = ActiveLearner(
        seeded_clone(model).set_params(**_param(model, "warm_start", False)),
        n_initial=9,
        budget=15,
        batch_size=5,
        random_state=0,
    ).fit(X, Y)
    first, cold_first = next(one.stages()), next(cold.stages())
    assert_array_equal(first.predict_proba(X), cold_first.predict_proba(X))
    assert not np.array_equal(proba(one), proba(cold))


def _param(model, name, value):
    return {f"netclassifier__{name}" if hasattr(model, "steps") else name: value}


def test_no_net_holds_the_one_before():
    one = taught(learner())
    assert "_round_before" not in vars(one.estimator_)
    few, many = taught(learner(), 1).estimator_, one.estimator_
    assert abs(len(pickle.dumps(many)) - len(pickle.dumps(few))) < 100


def take_back_and_say_again(one):
    rows = one.undo()
    return one.teach(rows, Y[rows])


def take_back_two_rounds(one):
    third, second = one.undo(), one.undo()
    one.teach(second, Y[second])
    return one.teach(third, Y[third])


def correct_and_correct_back(one):
    row = np.flatnonzero(one.labeled_iter_ == 1)[:1]
    one.teach(row, (Y[row] + 1) % 3, relabel="replace")
    return one.teach(row, Y[row], relabel="replace")


def go_on_after_a_pickle(one):
    twin = pickle.loads(pickle.dumps(one))
    rows = twin.undo()
    return twin.teach(rows, Y[rows])


def forget_and_undo(one):
    one.forget(np.flatnonzero(one.labeled_iter_ == 0)[:2])
    one.undo()
    return one


@pytest.mark.parametrize("keep", [True, False], ids=["all kept", "last kept"])
@pytest.mark.parametrize(
    "detour",
    [
        take_back_and_say_again,
        take_back_two_rounds,
        correct_and_correct_back,
        go_on_after_a_pickle,
        forget_and_undo,
        copy.deepcopy,
    ],
)
def test_labels_alone_decide_whatever_happened_in_between(keep, detour):
    def fresh():
        return learner(warm_start=ShrinkPerturb(), keep_estimators=keep)

    straight = taught(fresh())
    other = detour(taught(fresh()))
    assert_array_equal(proba(other), proba(straight))
    for one in (straight, other):
        rows = np.setdiff1d(np.arange(20), np.flatnonzero(one.labeled_mask_))[:4]
        one.teach(rows, Y[rows])
    assert_array_equal(proba(other), proba(straight))


def test_a_label_taken_back_is_gone_from_the_rounds_before():
    """A net that went on from one that saw the label would still know it."""
    one, other = taught(learner()), learner()
    row = np.flatnonzero(one.labeled_iter_ == 1)[0]
    one.forget([row])
    other.fit(X, START)
    for k in (1, 2, 3):
        rows = np.flatnonzero(one.labeled_iter_ == k)
        other.teach(rows, Y[rows])
    assert_array_equal(proba(one), proba(other))


@pytest.mark.parametrize("keep", [True, False], ids=["all kept", "last kept"])
def test_a_journal_brings_the_same_net_back(tmp_path, keep):
    path = tmp_path / "journal"

    def corrected(one):
        row = np.flatnonzero(taught(one).labeled_iter_ == 1)[:1]
        return one.teach(row, (Y[row] + 1) % 3, relabel="replace")

    one = corrected(learner(keep_estimators=keep))
    corrected(learner(path, keep_estimators=keep))
    again = learner(path, keep_estimators=keep).fit(X, START)
    assert_array_equal(proba(again), proba(one))
    assert again.n_iter_ == 3
    if keep:
        *_, last = again.stages()
        assert_array_equal(proba(last), proba(one))
    rows = one.query(5)
    assert_array_equal(again.query(5), rows)
    again.teach(rows, Y[rows])
    assert_array_equal(proba(again), proba(one.teach(rows, Y[rows])))


def test_a_net_begins_fresh_where_a_class_is_seen_first():
    start = np.where(Y < 2, START, np.nan)
    one = ActiveLearner(net(), random_state=0).fit(X, start)
    one.teach([2, 52], Y[[2, 52]])
    two_classes = one.estimator_
    one.teach([100, 101], [2, 2])
    assert list(one.estimator_.classes_) == [0, 1, 2]
    fresh = clone(one.estimator_)
    rows = np.flatnonzero(one.labeled_mask_)
    assert_array_equal(proba(fresh.fit(X[rows], Y[rows])), proba(one))
    one.teach([102], [2])
    assert list(two_classes.classes_) == [0, 1]
    # By hand a net says so; the user may clone it.
    with pytest.raises(ValueError, match="Declare all labels with classes="):
        two_classes.fit(X, Y)


def test_too_few_labels_left_in_a_round_are_no_reason_to_fail():
    one = learner().fit(X, np.where(np.isin(np.arange(150), [0, 50]), START, np.nan))
    one.teach([1, 51], [0, 1]).teach([100, 101], [2, 2]).teach([2, 102], [0, 2])
    one.forget([0, 50])  # the first round is empty
    assert set(one.predict(X)) <= {0, 1, 2}
    one.forget([1])  # and the second has one class
    rows = np.flatnonzero(one.labeled_mask_)
    assert_array_equal(rows, [2, 51, 100, 101, 102])
    assert proba(one).shape == (150, 3)


def test_rounds_without_a_model_are_tried_once():
    ledger = Ledger(ClassAnswers(), np.zeros(4), np.ones(4, dtype=bool))
    ledger.labeled_iter[:] = range(4)
    past, tried = PastNets(), []

    def fit(k):
        tried.append(k)
        assert past.before(k, ledger, fit) is None
        raise ValueError

    assert past.before(4, ledger, fit) is None
    assert tried == [0, 1, 2, 3]


def test_what_goes_on():
    assert goes_on(net()) and goes_on(make_pipeline(StandardScaler(), net()))
    assert goes_on(NetSegmenter(warm_start=ShrinkPerturb()))
    for model in (net(False), StandardScaler(), make_pipeline(net(), StandardScaler())):
        assert not goes_on(model)
    one = taught(learner(warm_start=False))
    assert one._run.past_nets._models == {}


def test_masks_go_on_too():
    rng = np.random.RandomState(0)
    images = rng.normal(size=(12, 1, 8, 8)).astype(np.float32)
    masks = (images[:, 0] > 0).astype(np.int64)
    start = np.full(12, None, dtype=object)
    start[:3] = list(masks[:3])
    model = NetSegmenter(max_epochs=1, module__width=2, warm_start=True, classes=[0, 1])
    one = ActiveLearner(model, random_state=0).fit(images, start)
    first = one.predict_proba(images)
    one.teach([4, 5], masks[[4, 5]])
    straight = one.predict_proba(images)
    one.teach([4], [1 - masks[4]], relabel="replace")
    one.undo()
    assert_array_equal(one.predict_proba(images), straight)
    twin = ActiveLearner(model.set_params(warm_start=False), random_state=0)
    twin.fit(images, start)
    assert_array_equal(twin.predict_proba(images), first)
    assert not np.array_equal(
        twin.teach([4, 5], masks[[4, 5]]).predict_proba(images), straight
    )
