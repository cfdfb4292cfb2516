"""Training on a graph: its loss, its optimum, and what it refuses."""

import numpy as np
import pytest
import torch
from scipy.special import logit

from skactive.nets.graphs._graph_net import labeled_or_not, train_graph_net
from skactive.nets.graphs._graph_operator import CosineOperator, unit_rows
from skactive.nets.modules import GCN

pytestmark = pytest.mark.deep

SETTINGS = {"max_epochs": 30, "lr": 1e-2, "weight_decay": 0.0}


def total(logits, n_unlabeled, weight=1.2):
    logits = torch.as_tensor(logits, dtype=torch.float64).reshape(-1, 1)
    return sum(labeled_or_not(logits, n_unlabeled, weight).values()).item()


def losses(logits):
    return labeled_or_not(logits, 6, 1.2)


def problem():
    Z = unit_rows(np.random.RandomState(0).rand(10, 4))
    return torch.tensor(Z).float(), CosineOperator(Z)


def test_loss_by_hand():
    """Two unlabeled nodes, then a labeled one."""
    logits = [2.414285714, 3.685714286, 1.271428571]
    assert total(logits, 2) == pytest.approx(3.973451913, abs=1e-8)


def test_the_best_constant_answer_is_one_in_one_plus_the_weight():
    p = np.linspace(0.01, 0.99, 981)
    values = [total([logit(x)] * 5, 3) for x in p]
    assert p[np.argmin(values)] == pytest.approx(1 / 2.2, abs=1e-3)
    assert total([logit(1 / 2.2)] * 5, 3) == pytest.approx(1.515820, abs=1e-6)
    assert total([0.0] * 5, 3) == pytest.approx(1.524924, abs=1e-6)


def test_nodes_that_cannot_be_told_apart_learn_that_answer():
    torch.manual_seed(0)
    Z = unit_rows(np.ones((7, 3)))
    X, operator = torch.tensor(Z).float(), CosineOperator(Z)
    net = GCN(3, hidden=8, dropout=0)
    history = train_graph_net(
        net, X, operator, losses, max_epochs=300, lr=0.01, weight_decay=0
    )
    proba = torch.sigmoid(net(X, operator)).detach().numpy()
    np.testing.assert_allclose(proba, 1 / 2.2, atol=1e-3)
    last = history["labeled"][-1] + history["unlabeled"][-1]
    assert last == pytest.approx(1.515820, abs=1e-4)


def test_certain_answers_have_a_finite_loss():
    """Through probabilities, -log(1 - sigmoid(200)) would be infinite."""
    assert total([200.0, -200.0, 200.0], 1) == pytest.approx(1.2 * 200 + 100)


def test_a_second_loop_finds_the_same():
    """The features are mixed once for all epochs, which changes nothing."""
    X, operator = problem()
    torch.manual_seed(0)
    net = GCN(4, hidden=5, dropout=0)
    twin = GCN(4, hidden=5, dropout=0)
    twin.load_state_dict(net.state_dict())
    history = train_graph_net(net, X, operator, losses, **SETTINGS)
    optimizer = torch.optim.Adam(twin.parameters(), lr=1e-2)
    for epoch in range(30):
        logits = twin(X, operator)[:, 0]
        p = torch.sigmoid(logits)
        loss = -p[6:].log().mean() - 1.2 * (1 - p[:6]).log().mean()
        recorded = history["labeled"][epoch] + history["unlabeled"][epoch]
        assert loss.item() == pytest.approx(recorded, rel=1e-4)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    for ours, theirs in zip(net.parameters(), twin.parameters()):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)


def test_weights_decay_by_name():
    X, operator = problem()

    def norms(decay):
        torch.manual_seed(0)
        net = GCN(4, hidden=5, dropout=0)
        settings = {**SETTINGS, "weight_decay": decay}
        train_graph_net(net, X, operator, losses, **settings)
        return {k: p.norm().item() for k, p in net.named_parameters()}

    free, named = norms(0.0), norms({"first.weight": 10.0})
    everywhere = norms(10.0)
    assert named["first.weight"] < free["first.weight"]
    assert everywhere["second.weight"] < named["second.weight"]
    assert norms({"first.weight": 0.0}) == free


def test_a_trained_net_is_in_evaluation_mode_and_without_gradients():
    X, operator = problem()
    net = GCN(4, hidden=5)
    history = train_graph_net(net, X, operator, losses, **SETTINGS)
    assert not net.training
    assert all(p.grad is None for p in net.parameters())
    assert [len(values) for values in history.values()] == [30, 30]


def test_a_loss_that_is_no_number_is_named_with_its_epoch():
    X, operator = problem()

    def broken(logits):
        broken.epoch += 1
        terms = labeled_or_not(logits, 6, 1.2)
        if broken.epoch == 3:
            terms["unlabeled"] = terms["unlabeled"] * float("nan")
        return terms

    broken.epoch = 0
    net = GCN(4, hidden=5)
    with pytest.raises(FloatingPointError, match=r"epoch 3: unlabeled \(nan\)"):
        train_graph_net(net, X, operator, broken, **SETTINGS)
    assert all(torch.isfinite(p).all() for p in net.parameters())
    assert not net.training
