"""What a fitted net says, whatever batch a sample is in."""

import numpy as np
import pytest
import torch

from skactive.nets import NetClassifier
from skactive.nets.modules import ResNet

pytestmark = pytest.mark.deep


def test_prediction_is_in_evaluation_mode_whatever_was_done_to_the_module(iris):
    X, y = iris
    net = NetClassifier(module__dropout=0.5, max_epochs=2, random_state=0).fit(X, y)
    assert not net.net_.module_.training
    proba, Z = net.predict_proba(X), net.transform(X)
    net.net_.module_.train()
    assert np.array_equal(net.transform(X), Z)
    net.net_.module_.train()
    assert np.array_equal(net.predict_proba(X), proba)


def test_decision_and_probabilities_agree(iris):
    X, y = iris
    net = NetClassifier(max_epochs=3, random_state=0).fit(X, y)
    logits = net.decision_function(X)
    odds = np.exp(logits)
    assert net.predict_proba(X) == pytest.approx(odds / odds.sum(1, keepdims=True))
    two = NetClassifier(max_epochs=3, random_state=0).fit(X, y > 0)
    margin = two.decision_function(X)
    assert two.predict_proba(X)[:, 1] == pytest.approx(1 / (1 + np.exp(-margin)))


def test_what_is_said_of_a_sample_does_not_depend_on_its_company(digits):
    X, y = digits
    net = NetClassifier(max_epochs=1, batch_size=16, random_state=0).fit(X, y)
    proba, Z = net.predict_with_embedding(X)
    for rows in ([0], [3, 100, 7], np.arange(150, 187)):
        alone = net.predict_with_embedding(X[rows])
        assert np.array_equal(alone[0], proba[rows])
        assert np.array_equal(alone[1], Z[rows])


def test_set_output_names_the_columns_of_the_embedding(iris):
    pytest.importorskip("pandas")
    net = NetClassifier(max_epochs=1, module__hidden=(2,)).fit(*iris)
    frame = net.set_output(transform="pandas").transform(iris[0])
    assert list(frame.columns) == ["netclassifier0", "netclassifier1"]


@pytest.mark.parametrize(
    "shape, settings, size",
    [
        ((4,), {}, 512),
        ((64,), {}, 256),
        ((3, 32, 32), {}, 64),
        ((4,), {"batch_size": 1000}, 1000),
        ((4,), {"iterator_valid__batch_size": 3}, 3),
    ],
)
def test_small_samples_are_predicted_many_at_once(shape, settings, size):
    seen = []

    class Spy(torch.nn.Module):
        def __init__(self, n_features):
            super().__init__()
            self.head = torch.nn.Linear(n_features, 2)

        def forward(self, X):
            seen.append(len(X))
            return self.head(X.flatten(1))

    X = np.zeros((2, *shape), np.float32)
    net = NetClassifier(Spy, max_epochs=1, **settings).fit(X, [0, 1])
    seen.clear()
    net.predict(X)
    assert seen == [size]


def test_rows_in_reverse_order_are_taken(iris):
    X, y = iris
    net = NetClassifier(max_epochs=2, random_state=0).fit(X[::-1], y[::-1])
    ahead = net.predict_proba(X)
    np.testing.assert_array_equal(net.predict_proba(X[::-1]), ahead[::-1])
    images = np.arange(2 * 64, dtype=np.uint8).reshape(2, 1, 8, 8)
    net = NetClassifier(module=ResNet, max_epochs=1, random_state=0).fit(images, [0, 1])
    flipped = net.predict_proba(images[..., ::-1])
    np.testing.assert_array_equal(
        flipped, net.predict_proba(np.ascontiguousarray(images[..., ::-1]))
    )
