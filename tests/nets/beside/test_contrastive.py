"""The contrastive loss, the momentum and the queues, by hand."""

from math import exp, log

import pytest
import torch
from torch import tensor

from skactive.nets.beside._contrastive import (
    KeyQueues,
    contrastive_loss,
    follow,
    key_momentum_at,
)

pytestmark = pytest.mark.deep

QUERIES = tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
KEYS = tensor([[1.0, 0.0], [0.6, 0.8]], dtype=torch.float64)
QUEUE = tensor([[0.0, 1.0], [-1.0, 0.0], [0.6, 0.8]], dtype=torch.float64)


def close(value, expected, atol=1e-8):
    torch.testing.assert_close(
        value, tensor(expected, dtype=value.dtype), rtol=0, atol=atol
    )


# --------------------------------------------------------------------------- the loss


def test_loss_by_hand():
    # First query: cosines 1 with its key, 0, -1 and 0.6 with the queue.
    first = -log(exp(1) / (exp(1) + 1 + exp(-1) + exp(0.6)))
    second = -log(exp(0.8) / (exp(0.8) + exp(1) + 1 + exp(0.8)))
    losses = contrastive_loss(QUERIES, KEYS, QUEUE, temperature=1.0)
    close(losses, [first, second])
    close(losses, [0.77635477, 1.30039102])
    close(contrastive_loss(QUERIES, KEYS, QUEUE, 0.2), [0.13288499, 1.55531904])


def test_gradient_of_the_first_query():
    queries = QUERIES.clone().requires_grad_()
    contrastive_loss(queries, KEYS, QUEUE, 0.2)[0].backward()
    close(queries.grad[0], [-0.2669, 0.5035], atol=1e-4)


def test_negatives_like_the_key_leave_a_guess():
    close(contrastive_loss(QUERIES[:1], KEYS[:1], KEYS[:1]), [log(2)])
    close(contrastive_loss(QUERIES[:1], KEYS[:1], KEYS[:1].expand(7, 2)), [log(8)])
    close(contrastive_loss(QUERIES[:1], KEYS[:1], QUERIES[1:]), [log(1 + exp(-5))])


def test_large_similarities_do_not_overflow():
    loss = contrastive_loss(QUERIES.float(), KEYS.float(), QUEUE.float(), 1e-4)
    assert torch.isfinite(loss).all()


# ----------------------------------------------------------------------- the momentum


@pytest.mark.parametrize(
    "n_steps, expected",
    [
        (4, [0.99, 0.991464466, 0.995, 0.998535534, 1.0]),
        (10, [0.99, 0.990244717, 0.990954915, 0.992061074, 0.993454915, 0.995]),
    ],
)
def test_momentum_rises_to_one_on_a_cosine(n_steps, expected):
    values = [key_momentum_at(k, n_steps) for k in range(len(expected))]
    assert values == pytest.approx(expected, abs=1e-9)


def test_momentum_stays_one_at_and_beyond_the_end():
    assert key_momentum_at(10, 10) == key_momentum_at(11, 10) == 1.0


def test_follower_takes_a_share_of_the_way():
    key, leader = tensor([2.0], dtype=torch.float64), tensor([1.0]).double()
    seen = []
    for k in range(3):
        follow([key], [leader], key_momentum_at(k, 4))
        seen.append(key.item())
    assert seen == pytest.approx([1.99, 1.98154982, 1.97664207], abs=1e-8)
    assert leader.item() == 1.0


def test_who_is_there_already_does_not_move():
    key = torch.randn(1000)
    leader = key.clone()
    follow([key], [leader], 0.9935)
    assert torch.equal(key, leader)


# ------------------------------------------------------------------------- the queues


def tags(values):
    return tensor(values, dtype=torch.float32)[:, None]


@pytest.mark.parametrize(
    "size, batch, last, expected, pointer",
    [
        (8, 3, 9, [9, 2, 3, 4, 5, 6, 7, 8], 1),
        (6, 2, 8, [7, 8, 3, 4, 5, 6], 2),
        (4, 4, 8, [5, 6, 7, 8], 0),
    ],
)
def test_oldest_keys_are_overwritten(size, batch, last, expected, pointer):
    queues = KeyQueues(size, 1)
    for first in range(1, last + 1, batch):
        keys = tags(range(first, first + batch))
        queues.enqueue(keys, -keys)
    assert queues.strong[:, 0].tolist() == expected
    assert queues.weak[:, 0].tolist() == [-value for value in expected]
    assert int(queues.pointer) == pointer


def test_of_a_batch_larger_than_the_queue_the_last_keys_stay():
    queues = KeyQueues(3, 1)
    queues.enqueue(tags([1, 2]), tags([1, 2]))
    queues.enqueue(tags([3, 4, 5, 6, 7]), tags([3, 4, 5, 6, 7]))
    # Seven keys in three places: the next goes where the fifth is.
    assert int(queues.pointer) == 1
    assert queues.strong[:, 0].tolist() == [7, 5, 6]


def test_queues_begin_with_directions_and_are_stored():
    queues = KeyQueues(50, 16)
    for queue in (queues.strong, queues.weak):
        torch.testing.assert_close(queue.norm(dim=1), torch.ones(50))
    assert not torch.equal(queues.strong, queues.weak)
    assert set(queues.state_dict()) == {"strong", "weak", "pointer", "step"}
    assert not list(queues.parameters())
