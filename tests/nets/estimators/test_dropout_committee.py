"""DropoutCommittee: one mask per member for all samples, and nothing else moved."""

import pickle

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone, is_classifier
from sklearn.datasets import make_classification
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from skactive import ActiveLearner
from skactive.disagreement import (
    BALD,
    BatchBALD,
    PowerBALD,
    QueryByCommittee,
    consensus_entropy,
    kl_to_consensus,
    vote_entropy,
)
from skactive.metrics import mean_iou
from skactive.nets import DropoutCommittee, NetClassifier, NetDetector, NetSegmenter
from skactive.nets.modules import UNet
from skactive.uncertainty import EntropySampling
from skactive.utils._dense_answers import MaskAnswers


def tabular_net(**settings):
    module = nn.Sequential(
        nn.Linear(5, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.4)
    )
    module.append(nn.Linear(16, 3))
    return NetClassifier(module, max_epochs=3, **settings)


@pytest.fixture(scope="module")
def data():
    X, y = make_classification(
        90, 5, n_informative=4, n_redundant=0, n_classes=3, random_state=0
    )
    return X.astype(np.float32), np.array(["a", "b", "c"])[y]


@pytest.fixture
def committee(data):
    return DropoutCommittee(tabular_net(), n_members=6, random_state=0).fit(*data)


def test_members_differ_and_predictions_are_their_mean(committee, data):
    X, y = data
    proba = committee.predict_proba_members(X)
    assert proba.shape == (6, 90, 3)
    assert proba.dtype == np.float32
    assert_allclose(proba.sum(axis=2), 1, atol=1e-6)
    assert (np.ptp(proba, axis=0).max(axis=1) > 0).all()
    assert_allclose(committee.predict_proba(X), proba.mean(axis=0), atol=1e-6)
    winners = committee.classes_[proba.mean(axis=0).argmax(axis=1)]
    assert_array_equal(committee.predict(X), winners)
    assert committee.score(X, y) == (winners == y).mean()


def test_a_member_is_the_same_model_for_all_samples(committee, data):
    X, _ = data
    proba = committee.predict_proba_members(X)
    # Beyond one batch, in another order, and alone.
    large = committee.predict_proba_members(np.tile(X, (50, 1)))
    assert_allclose(large, np.tile(proba, (1, 50, 1)), atol=1e-6)
    assert_allclose(committee.predict_proba_members(X[::-1]), proba[:, ::-1], atol=1e-6)
    assert_allclose(committee.predict_proba_members(X[7:8]), proba[:, 7:8], atol=1e-6)


def test_a_member_is_the_net_with_some_units_silent(committee, data):
    X, _ = data
    module = committee.estimator_.net_.module_
    with torch.no_grad():
        hidden = module[:3](torch.from_numpy(X))
        last = module[4]
        for proba in committee.predict_proba_members(X):
            # Which units are on is told by solving for the mask of all samples.
            logits = torch.from_numpy(np.log(proba.astype(np.float64)))
            logits -= logits.mean(dim=1, keepdim=True)
            weight, bias = last.weight.double(), last.bias.double()
            weight, bias = weight - weight.mean(dim=0), bias - bias.mean()
            design = (hidden.double()[:, None] * weight).reshape(-1, 16)
            target = (logits - bias).reshape(-1, 1)
            mask = torch.linalg.lstsq(design, target, driver="gelsd").solution
            used = hidden.max(dim=0).values > 1e-3
            found = mask[used].flatten()
            nearest = torch.where(found > 0.8, 1 / 0.6, 0.0)
            assert_allclose(found, nearest, atol=0.05)


def test_prediction_moves_no_buffer_no_mode_and_no_generator(committee, data):
    X, _ = data
    net = committee.estimator_
    module = net.net_.module_
    plain = net.predict_proba(X)
    before = {k: v.clone() for k, v in module.state_dict().items()}
    torch.manual_seed(5)
    state = torch.random.get_rng_state()
    committee.predict_proba_members(1000 * X)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert not any(m.training for m in module.modules())
    for name, value in module.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert_array_equal(net.predict_proba(X), plain)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in module.modules())


def test_an_error_in_prediction_leaves_no_hook(committee):
    with pytest.raises(ValueError, match="features"):
        committee.predict_proba_members(np.zeros((3, 4), np.float32))
    module = committee.estimator_.net_.module_
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in module.modules())


def test_one_seed_gives_one_committee(committee, data):
    X, y = data
    expected = committee.predict_proba_members(X)
    assert_array_equal(committee.predict_proba_members(X), expected)
    again = clone(committee).fit(X, y)
    assert_array_equal(again.predict_proba_members(X), expected)
    copy = pickle.loads(pickle.dumps(committee))
    assert_array_equal(copy.predict_proba_members(X), expected)
    other = clone(committee).set_params(random_state=1).fit(X, y)
    assert not np.allclose(other.predict_proba_members(X), expected)


def test_a_frozen_net_is_asked_and_not_trained(data):
    X, y = data
    net = tabular_net(random_state=0).fit(X, y)
    net.predict_proba(X)  # skorch switches its loss, too, to evaluation
    before = pickle.dumps(net)
    committee = DropoutCommittee(FrozenEstimator(net), n_members=3, random_state=0)
    committee.fit(X[:9], y[:9]).predict_proba(X)
    assert committee.estimator_.estimator is net
    assert pickle.dumps(net) == before


@pytest.mark.parametrize("dropout", [nn.Dropout2d, nn.Dropout])
def test_channels_fall_silent_as_a_whole(dropout):
    X = np.random.RandomState(0).uniform(0.5, 1, (12, 2, 4, 4)).astype(np.float32)
    seen = []

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.drop = nn.Conv2d(2, 8, 1), dropout(0.5)
            self.last = nn.Linear(8, 2)

        def forward(self, X):
            Z = self.drop(torch.sigmoid(self.conv(X)))
            seen.append(Z.detach() == 0)
            return self.last(Z.mean(dim=(2, 3)))

    net = NetClassifier(Net, max_epochs=1)
    committee = DropoutCommittee(net, n_members=4, random_state=0)
    committee.fit(X, np.arange(12) % 2)
    seen.clear()
    committee.predict_proba_members(X)
    silent = torch.cat(seen)
    assert 0 < silent.float().mean() < 1
    assert (silent[:12] == silent[:1]).all()  # of one member, in all samples
    per_channel = silent.float().mean(dim=(2, 3))
    whole = ((per_channel == 0) | (per_channel == 1)).all()
    assert whole == (dropout is nn.Dropout2d)


def test_strategies_ask_all_members(data):
    X, y = data
    committee = DropoutCommittee(tabular_net(), n_members=6)
    for cls in (BALD, BatchBALD):
        strategy = cls(committee, random_state=0).fit(X[:40], y[:40], X[40:])
        assert strategy._members_proba(X[40:]).shape == (6, 50, 3)
        picks = strategy.query(50)
        assert_array_equal(np.sort(picks), np.arange(50))
        assert_array_equal(strategy.query(50), picks)
    model = make_pipeline(StandardScaler(), committee)
    learner = ActiveLearner(model, BALD(), n_initial=20, budget=4, random_state=0)
    learner.fit(X, y)
    assert learner.strategy_._members_proba(X).shape == (6, 90, 3)


def test_what_has_no_dropout_layer_is_refused(data):
    X, y = data
    with pytest.raises(ValueError, match="no layer of torch.nn.Dropout"):
        DropoutCommittee(NetClassifier(max_epochs=1)).fit(X, y)
    module = nn.Sequential(nn.Dropout(0.0), nn.Linear(5, 3))
    with pytest.raises(ValueError, match="rate above 0"):
        DropoutCommittee(NetClassifier(module, max_epochs=1)).fit(X, y)
    with pytest.raises(TypeError, match="needs a NetClassifier"):
        DropoutCommittee(LogisticRegression()).fit(X, y)
    for n, error in [(1, ValueError), (2.5, TypeError), (True, TypeError)]:
        with pytest.raises(error, match="n_members must be"):
            DropoutCommittee(tabular_net(), n_members=n).fit(X, y)


def test_all_units_may_be_silent(data):
    X, y = data
    module = nn.Sequential(nn.Linear(5, 8), nn.Dropout(1.0), nn.Linear(8, 3))
    net = NetClassifier(module, max_epochs=1)
    proba = DropoutCommittee(net, n_members=2).fit(X, y).predict_proba_members(X)
    assert_allclose(proba, np.broadcast_to(proba[:1, :1], proba.shape), atol=1e-6)


# ------------------------------------------------------------------------------ masks


def squares(n=13, seed=0, size=10):
    rng = np.random.RandomState(seed)
    y = np.zeros((n, size, size), np.uint8)
    for mask, (i, j) in zip(y, rng.randint(0, size - 4, (n, 2))):
        mask[i : i + 4, j : j + 4] = 3
    return (y[:, None] / 3 + rng.normal(0, 0.3, (n, 1, size, size))).astype("f4"), y


SQUARES = squares()


def segmenter(module=None, **settings):
    settings = {"module__width": 4, "module__depth": 2, "max_epochs": 4, **settings}
    settings = {"iterator_valid__batch_size": 6, **settings}  # of a block
    return NetSegmenter(module, batch_size=4, random_state=0, **settings)


def of_masks(net=None, n_members=4, **settings):
    net = segmenter() if net is None else net
    return DropoutCommittee(net, n_members=n_members, random_state=0, **settings)


@pytest.fixture(scope="module")
def painters():
    return of_masks().fit(*SQUARES)


def test_a_committee_of_a_segmenter_predicts_masks(painters):
    X, y = SQUARES
    assert painters.estimator_.net_.module_.dropout.p == 0.2  # nobody gave it
    proba = painters.predict_proba_members(X)
    assert proba.shape == (4, 13, 2, 10, 10) and proba.dtype == np.float32
    assert (np.ptp(proba, axis=0).max(axis=(1, 2, 3)) > 1e-3).all()
    mean = painters.predict_proba(X)
    assert mean.dtype == np.float32
    assert_allclose(mean, proba.mean(axis=0), atol=1e-6)
    assert_array_equal(np.concatenate(list(painters.iter_proba(X))), mean)
    predicted = painters.predict(X)
    assert_array_equal(predicted, painters.classes_[mean.argmax(axis=1)])
    assert set(np.unique(predicted)) <= {0, 3}
    assert painters.score(X, y) == mean_iou(y, predicted)
    with pytest.raises(ValueError, match="without sample_weight"):
        painters.score(X, y, np.ones(13))
    assert painters.answers_kind is MaskAnswers
    assert not is_classifier(painters) and is_classifier(
        DropoutCommittee(tabular_net())
    )
    with pytest.raises(NotFittedError):
        of_masks().predict(X)


def test_a_member_is_one_segmenter_for_all_images(painters):
    X, _ = SQUARES
    # Beyond one batch, in another order, alone, and block by block.
    X = np.concatenate([X] * 5)
    proba = painters.predict_proba_members(X)
    near = {"atol": 1e-6}  # torch rounds by the place in a batch
    assert_allclose(painters.predict_proba_members(X[::-1]), proba[:, ::-1], **near)
    assert_allclose(painters.predict_proba_members(X[7:8]), proba[:, 7:8], **near)
    for member, answer in zip(painters.members_, proba):
        blocks = list(member.iter_proba(X))
        assert len(blocks) > 1
        assert_array_equal(np.concatenate(blocks), answer)
        assert_allclose(member.predict_proba(X[60:]), answer[60:], **near)


def test_members_asked_in_turns_are_who_they_are(painters):
    """Between two blocks of one member, another is asked, or the net itself."""
    X = SQUARES[0]
    net = painters.estimator_
    plain = net.predict_proba(X[:3])
    expected = painters.predict_proba_members(X)
    turns = [member.iter_proba(X) for member in painters.members_]
    found = [[] for _ in turns]
    for blocks in zip(*turns):
        assert_array_equal(net.predict_proba(X[:3]), plain)
        for of_member, block in zip(found, blocks):
            of_member.append(block)
    assert len(found[0]) > 1
    assert_array_equal([np.concatenate(f) for f in found], expected)
    module = net.net_.module_
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in module.modules())


def test_bald_of_a_segmenter_is_that_of_its_members(painters):
    X, y = SQUARES
    frozen = FrozenEstimator(painters)
    proba = painters.predict_proba_members(X).astype(float)
    pixels = np.moveaxis(proba, 2, -1).reshape(4, -1, 2)
    expected = kl_to_consensus(pixels).reshape(13, 100)
    for how, each in ((None, expected.mean(1)), ("max", expected.max(1))):
        strategy = BALD(frozen, aggregate=how, random_state=0).fit(X[:2], y[:2], X)
        assert_allclose(strategy.score_samples(X), each, atol=1e-6)
    by_votes = QueryByCommittee(frozen, random_state=0).fit(X[:2], y[:2], X)
    votes = vote_entropy(pixels).reshape(13, 100).mean(axis=1)
    assert_allclose(by_votes.score_samples(X), votes, atol=1e-6)
    entropy = EntropySampling(frozen).fit(X[:2], y[:2], X).score_samples(X)
    consensus = QueryByCommittee(frozen, disagreement=consensus_entropy)
    consensus = consensus.fit(X[:2], y[:2], X).score_samples(X)
    assert_allclose(entropy, consensus, atol=1e-6)


@pytest.mark.parametrize("as_model", [True, False])
def test_masks_in_the_loop(as_model):
    X, y = SQUARES
    committee = of_masks(segmenter(max_epochs=1))
    model, strategy = segmenter(max_epochs=1), PowerBALD(committee)
    if as_model:
        model, strategy = committee, PowerBALD()
    settings = {"n_initial": 4, "budget": 4, "batch_size": 2, "random_state": 0}
    run = ActiveLearner(model, strategy, **settings).fit(X, y)
    assert len(set(run.queried_indices_)) == 8
    again = pickle.loads(pickle.dumps(ActiveLearner(model, strategy, **settings)))
    assert_array_equal(again.fit(X, y).queried_indices_, run.queried_indices_)
    assert run.predict(X).shape == y.shape and 0 <= run.score(X, y) <= 1
    known = np.full(13, None, dtype=object)
    for row in run.queried_indices_[:4]:
        known[row] = y[row]
    taught = ActiveLearner(model, strategy, **settings).fit(X, known)
    assert_array_equal(taught.query(2), run.queried_indices_[4:6])


def test_the_same_seed_and_copies_of_masks(painters):
    X, y = SQUARES
    expected = painters.predict_proba(X)
    for other in (clone(painters).fit(X, y), pickle.loads(pickle.dumps(painters))):
        assert_array_equal(other.predict_proba(X), expected)


@pytest.mark.parametrize(
    "net, match",
    [
        (segmenter(module__dropout=0.0), "UNet has no layer.*module__dropout=0.2"),
        (segmenter(UNet), "UNet has no layer"),  # a module that was chosen
    ],
)
def test_a_segmenter_without_dropout_is_refused(net, match):
    with pytest.raises(ValueError, match=match):
        of_masks(net).fit(*SQUARES)


def test_rates_that_were_given_stay():
    committee = of_masks(segmenter(module__dropout=0.5, max_epochs=1)).fit(*SQUARES)
    assert committee.estimator_.net_.module_.dropout.p == 0.5
    assert "module__dropout" not in segmenter().get_params()


def test_a_committee_of_a_detector_is_refused_before_an_answer_is_paid_for():
    def oracle(rows, X_rows):
        raise AssertionError("an answer was paid for")

    committee = DropoutCommittee(NetDetector())
    learner = ActiveLearner(committee, BALD(), n_initial=3, oracle=oracle)
    with pytest.raises(ValueError, match="boxes of its own"):
        learner.fit(SQUARES[0])
    with pytest.raises(TypeError, match="needs a NetClassifier or a NetSegmenter"):
        committee.fit(*SQUARES)
