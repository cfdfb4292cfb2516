"""Strategies that train a net of their own, on masks and on boxes."""

import pickle
import subprocess
import sys
from copy import deepcopy
from functools import partial

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone
from torch import nn

from skactive import ActiveLearner
from skactive.compose import PoolSubsampling
from skactive.deep import LL4AL, SRAAL, MoBYv2AL, TaskAwareViT
from skactive.metrics import mean_average_precision, mean_iou
from skactive.nets import HorizontalFlip, NetDetector, NetSegmenter, VAEEmbedding

pytestmark = pytest.mark.deep


def drawn(n=16, seed=0):
    """Squares on noise, none to two in an image: images, masks, and boxes."""
    rng = np.random.RandomState(seed)
    X = rng.normal(0, 0.1, (n, 1, 16, 16)).astype(np.float32)
    masks, boxes = np.zeros((n, 16, 16), np.uint8), []
    for k, (image, mask) in enumerate(zip(X[:, 0], masks)):
        corners = [[j, j, j + 6, j + 6] for j in (1, 9)[: k % 3]]
        for left, top, right, bottom in corners:
            image[top:bottom, left:right] += 1
            mask[top:bottom, left:right] = 1
        boxes.append({"boxes": corners, "labels": ["square"] * len(corners)})
    return X, {"masks": masks, "boxes": boxes}


X, ANSWERS = drawn()
SMALL = {"max_epochs": 2, "batch_size": 4, "random_state": 0}
NETS = {
    "masks": NetSegmenter(module__width=2, module__depth=2, classes=range(2), **SMALL),
    "boxes": NetDetector(module__width=4, classes=["square"], **SMALL),
}
JOINT = {
    "LL4AL": LL4AL(random_state=0),
    "TaskAwareViT": TaskAwareViT(random_state=0),
    **{
        f"TaskAwareViT {mode}": TaskAwareViT(
            detach=False, bottleneck=mode, random_state=0
        )
        for mode in ("sample", "channel")
    },
}
each_kind = pytest.mark.parametrize("kind", ["masks", "boxes"])
each_joint = pytest.mark.parametrize("joint", JOINT.values(), ids=JOINT.keys())


def fitted(joint, kind, y=None, *, X=X, n=9, **settings):
    """Return a strategy that was fitted to the first n images."""
    y = ANSWERS[kind] if y is None else y
    net = clone(NETS[kind]).set_params(**settings)
    return clone(joint).set_params(estimator=net).fit(X[:n], y[:n], X[n:])


def bits(answers):
    """Return answers in a form that == compares, to the last bit."""
    return pickle.dumps([answers[k] for k in range(len(answers))])


@each_kind
@each_joint
def test_it_asks_predicts_and_scores_as_the_net(joint, kind):
    y, given = deepcopy(ANSWERS[kind]), X.copy()
    strategy = fitted(joint, kind, y)
    rows = strategy.query(5)
    assert len(set(rows)) == 5 and rows.max() < 7
    assert strategy.score_samples(X).shape == (16,)
    found, Z = strategy.predict(X), strategy.transform(X)
    assert bits(found) == bits(strategy.estimator_.predict(X))
    assert_array_equal(Z, strategy.estimator_.transform(X))
    module = strategy.estimator_.net_.module_
    with torch.no_grad():
        torch.testing.assert_close(torch.from_numpy(Z), module.embed(torch.tensor(X)))
    of_kind = mean_iou if kind == "masks" else mean_average_precision
    assert strategy.score(X, y) == of_kind(y, found)
    said, of_pass, _ = strategy.predict_all(X)
    assert_array_equal(of_pass, Z)
    if kind == "masks":
        assert_array_equal(said, strategy.predict_proba(X))
    else:
        assert bits(said) == bits(found) and not hasattr(strategy, "predict_proba")
    assert_array_equal(X, given)
    assert bits(y) == bits(ANSWERS[kind])


@each_kind
@each_joint
def test_same_seed_same_answer_also_from_a_pickle_or_a_file(joint, kind, tmp_path):
    strategy = fitted(joint, kind)
    twin = fitted(joint, kind)
    read = pickle.loads(pickle.dumps(strategy))
    strategy.save_params(tmp_path / "nets")
    stored = clone(strategy).load_params(tmp_path / "nets")
    assert not hasattr(clone(strategy), "estimator_")
    assert_array_equal(twin.query(7), strategy.query(7))
    for other in (twin, read, stored):
        assert_array_equal(other.score_samples(X), strategy.score_samples(X))
        assert bits(other.predict(X)) == bits(strategy.predict(X))
    other = fitted(clone(joint).set_params(random_state=1), kind)
    assert not np.array_equal(other.score_samples(X), strategy.score_samples(X))


@each_kind
@each_joint
def test_an_image_has_one_score_whatever_its_company(joint, kind):
    strategy = fitted(joint, kind)
    scores = strategy.score_samples(X)
    alone = np.concatenate([strategy.score_samples(X[k : k + 1]) for k in range(16)])
    assert_array_equal(alone, scores)
    assert_array_equal(strategy.score_samples(X[::-1].copy()), scores[::-1])


PROGRAM = """
from test_joint_on_masks_and_boxes import JOINT, NETS, X, fitted
for kind in NETS:
    for joint in JOINT.values():
        strategy = fitted(joint, kind)
        print(*strategy.query(7), strategy.score_samples(X).tobytes().hex())
"""


def test_same_seed_same_bits_in_a_fresh_process(request):
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        check=True,
        capture_output=True,
        text=True,
        cwd=request.path.parent,
    )
    lines = iter(run.stdout.splitlines())
    for kind in NETS:
        for joint in JOINT.values():
            strategy = fitted(joint, kind)
            *rows, scores = next(lines).split()
            assert [int(row) for row in rows] == strategy.query(7).tolist()
            assert bytes.fromhex(scores) == strategy.score_samples(X).tobytes()


NOTHING = {
    "masks": np.full((16, 16), 255, np.uint8),
    "boxes": {"boxes": [], "labels": []},
}


@each_kind
@each_joint
def test_batches_of_images_without_any_answer(joint, kind):
    # With one image in a batch, most batches hold nothing.
    y = [ANSWERS[kind][1], *[NOTHING[kind]] * 15]
    strategy = fitted(joint, kind, y, batch_size=1)
    assert np.isfinite(strategy.history_["task_loss"]).all()
    assert np.isfinite(strategy.score_samples(X)).all()
    assert len(set(strategy.query(3))) == 3


@each_kind
@each_joint
def test_one_class_is_enough(joint, kind):
    classes = [0] if kind == "masks" else None
    y = np.zeros_like(ANSWERS["masks"]) if kind == "masks" else ANSWERS[kind]
    strategy = fitted(joint, kind, y, classes=classes)
    assert len(strategy.classes_) == 1 and len(set(strategy.query(3))) == 3
    assert 0 <= strategy.score(X, y) <= 1


@each_kind
@each_joint
@pytest.mark.parametrize("settings", [{}, {"augment": HorizontalFlip()}])
def test_a_learner_simulates_and_asks_by_hand(joint, kind, settings):
    y = ANSWERS[kind]
    net = clone(NETS[kind]).set_params(**settings)
    run = ActiveLearner(
        net, joint, n_initial=6, budget=4, batch_size=2, random_state=0
    ).fit(X, y)
    assert run.history_["n_labeled"] == [6, 8, 10]
    asked = run.queried_indices_
    assert len(set(asked)) == 10 and 0 <= run.score(X, y) <= 1
    known = [y[k] if k in asked[:6] else None for k in range(16)]
    taught = ActiveLearner(net, joint, random_state=0).fit(X, known)
    rows = taught.query(2)
    assert_array_equal(rows, asked[6:8])
    taught.teach(rows, [y[row] for row in rows])
    assert_array_equal(taught.query(2), asked[8:])
    alone = ActiveLearner(
        strategy=clone(joint).set_params(estimator=net),
        n_initial=6,
        budget=2,
        batch_size=2,
        random_state=0,
    ).fit(X, y)
    assert_array_equal(alone.queried_indices_[:6], asked[:6])
    assert len(alone.predict(X)) == 16


@each_kind
@each_joint
def test_on_a_part_of_the_pool_it_asks_and_predicts_alike(joint, kind):
    y, settings = ANSWERS[kind], {"n_initial": 6, "budget": 2, "random_state": 0}
    part = PoolSubsampling(joint, max_pool=8)
    run = ActiveLearner(NETS[kind], part, **settings).fit(X, y)
    assert len(set(run.queried_indices_)) == 8
    own = clone(joint).set_params(estimator=NETS[kind])
    alone = ActiveLearner(strategy=PoolSubsampling(own, max_pool=8), **settings)
    assert len(alone.fit(X, y).predict(X)) == 16 and 0 <= alone.score(X, y) <= 1
    with pytest.raises(ValueError, match="MoBYv2AL needs a model that gives"):
        ActiveLearner(NETS[kind], PoolSubsampling(MoBYv2AL())).fit(X, y)


@each_kind
@pytest.mark.parametrize("cls", [LL4AL, TaskAwareViT, partial(SRAAL, stl_weight=0)])
def test_outside_a_learner_the_net_is_to_be_given(cls, kind):
    y = ANSWERS[kind]
    with pytest.raises(ValueError, match="Take a NetSegmenter or a NetDetector"):
        cls().fit(X[:9], y[:9], X[9:])


# ------------------------------------------------------- what the bottleneck changes


@each_kind
def test_the_sampler_alone_sees_what_the_bottleneck_makes(kind):
    vit = JOINT["TaskAwareViT sample"]
    strategy = fitted(vit, kind)
    net = strategy.estimator_.net_
    maps, logits = next(net.iterate(X)), strategy.predict_labeled(X)
    with torch.no_grad():
        for weight in net.bottleneck_.parameters():
            weight.add_(1)
    assert torch.equal(next(net.iterate(X)), maps)
    assert not np.allclose(strategy.predict_labeled(X), logits)


@each_kind
def test_the_pool_trains_the_sampler_and_the_embedding(kind):
    vit = clone(JOINT["TaskAwareViT sample"])
    with_pool = fitted(vit, kind)
    assert np.isfinite(with_pool.history_["sampler_loss"]).all()
    y = ANSWERS[kind]
    alone = clone(vit).set_params(estimator=NETS[kind]).fit(X[:9], y[:9])
    assert np.isnan(alone.history_["sampler_loss"]).all()
    idle = fitted(clone(vit).set_params(sampler_weight=1e-12), kind)
    assert not np.array_equal(idle.transform(X), with_pool.transform(X))


@each_kind
def test_a_kind_of_image_without_answers_is_asked_for(kind):
    X, answers = drawn(48)
    X[36:] = -X[36:]  # dark squares, none of them labeled
    vit = clone(JOINT["TaskAwareViT sample"])
    width = {"module__width": 8}
    strategy = fitted(vit, kind, answers[kind], X=X, n=24, max_epochs=30, **width)
    assert (strategy.query(8) >= 12).mean() > 0.8


class OwnSegmenter(nn.Module):
    """Has an embedding and a head, which is not given that embedding but a map."""

    tap_names = ("body",)

    def __init__(self, in_channels, n_classes):
        super().__init__()
        self.body = nn.Conv2d(in_channels, 4, 3, padding=1)
        self.head = nn.Conv2d(4, n_classes, 1)

    def embed(self, X):
        return self.body(X).relu().mean(dim=(2, 3))

    def forward(self, X):
        return self.head(self.body(X).relu())


class WithoutEmbedding(OwnSegmenter):
    embed = None


@each_joint
def test_a_segmenter_of_ones_own_needs_an_embedding(joint):
    net = NetSegmenter(OwnSegmenter, **SMALL)
    strategy = clone(joint).set_params(estimator=net)
    y = ANSWERS["masks"]
    strategy.fit(X[:8], y[:8], X[8:])
    assert strategy.transform(X).shape == (16, 4)
    assert strategy.estimator_.fit(X, y).transform(X).shape == (16, 4)
    if isinstance(joint, TaskAwareViT):
        with pytest.raises(ValueError, match="WithoutEmbedding has neither.*embed"):
            strategy.set_params(estimator__module=WithoutEmbedding)
            strategy.fit(X[:8], y[:8], X[8:])


# ------------------------------------------------------------------ SRAAL, which asks


def sraal(net=None, **settings):
    coder = VAEEmbedding(2, n_iterations=3)
    settings = {"stl_weight": 0, "autoencoder": coder, "random_state": 0, **settings}
    return SRAAL(net, **settings)


def test_sraal_takes_the_mean_of_the_indicator_over_pixels():
    y = ANSWERS["masks"]
    strategy = sraal(NETS["masks"]).fit(X[:9], y[:9], X[9:])
    largest = strategy.estimator_.predict_proba(X[9:]).max(axis=1)
    expected = (1 - largest).mean(axis=(1, 2))  # what it is of two classes
    np.testing.assert_allclose(strategy.indicator_, expected, rtol=1e-4)
    assert len(set(strategy.query(5))) == 5
    again = sraal(NETS["masks"]).fit(X[:9], y[:9], X[9:])
    assert_array_equal(again.score_samples(X), strategy.score_samples(X))
    read = pickle.loads(pickle.dumps(strategy))
    assert_array_equal(read.score_samples(X), strategy.score_samples(X))


def test_sraal_in_a_learner_reads_its_segmenter():
    y = ANSWERS["masks"]
    settings = {"n_initial": 6, "budget": 4, "batch_size": 2, "random_state": 0}
    run = ActiveLearner(NETS["masks"], sraal(), **settings).fit(X, y)
    assert run.history_["n_labeled"] == [6, 8, 10]
    again = ActiveLearner(NETS["masks"], sraal(), **settings).fit(X, list(y))
    assert_array_equal(run.queried_indices_, again.queried_indices_)


def test_sraal_is_told_that_one_class_leaves_nothing_to_learn():
    net = clone(NETS["masks"]).set_params(classes=[0])
    y = np.zeros_like(ANSWERS["masks"])
    with pytest.warns(UserWarning, match="so sure of the pool"):
        strategy = sraal(net).fit(X[:9], y[:9], X[9:])
    assert len(set(strategy.query(3))) == 3


def test_sraal_on_boxes_takes_an_indicator_of_ones_own():
    def doubt(detector, X):
        return np.array([1 - max([*f["scores"], 0]) for f in detector.predict(X)])

    y = ANSWERS["boxes"]
    strategy = sraal(NETS["boxes"], indicator=doubt).fit(X[:9], y[:9], X[9:])
    assert len(set(strategy.query(3))) == 3


@pytest.mark.parametrize(
    "kind, settings, words",
    [
        ("masks", {"stl_weight": 5}, "stl_weight=0"),
        ("masks", {"stl_weight": 5, "indicator": len}, "stl_weight=0"),
        ("boxes", {"stl_weight": 5, "indicator": len}, "stl_weight=0"),
        ("boxes", {}, "indicator=.*stl_weight=0"),
    ],
)
def test_sraal_refuses_before_an_answer_is_paid_for(kind, settings, words):
    def oracle(rows, X_rows):
        raise AssertionError("an answer was paid for")

    with pytest.raises(ValueError, match=f"(?s)SRAAL needs.*{words}"):
        ActiveLearner(NETS[kind], sraal(**settings), oracle=oracle).fit(X)
    y = ANSWERS[kind]
    with pytest.raises(ValueError, match=f"(?s)SRAAL needs.*{words}"):
        sraal(NETS[kind], **settings).fit(X[:9], y[:9], X[9:])
