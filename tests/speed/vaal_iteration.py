"""One iteration of VAAL against a plain loop in the published order.

Run this script on an otherwise idle machine; it prints a table in a few minutes. Both
train the same networks, begun from the same weights, on batches of the same size, with
two steps of the autoencoder and one of the discriminator. All that stands in one line
was timed in one process, in turn; a ratio above 1 says that ours is faster.

The plain loop is what the paper's released code does, without its task net, which has
no part in the game: each pool passes through the autoencoder by itself, and the step of
the discriminator runs the whole autoencoder again, decoder included.
"""

import argparse
import statistics
import time
from copy import deepcopy

import torch
from torch import nn

from skactive.nets._pool import PairedBatches
from skactive.nets.latent._adversarial import AdversarialNet
from skactive.nets.modules import MLPVAE, VAE, Discriminator


class PublishedLoop:
    """The released order of updates, written as one would write it first."""

    def __init__(self, vae, discriminator, lr=5e-4):
        self.vae, self.discriminator = vae.train(), discriminator.train()
        self.vae_optimizer = torch.optim.Adam(vae.parameters(), lr=lr)
        self.discriminator_optimizer = torch.optim.Adam(
            discriminator.parameters(), lr=lr
        )
        self.mse, self.bce = nn.MSELoss(), nn.BCELoss()

    def judge(self, mu):
        return torch.sigmoid(self.discriminator(mu))

    def vae_loss(self, X, reconstruction, mu, log_var):
        kl = -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())
        return self.mse(reconstruction, X) + kl

    def iteration(self, batches):
        X, X_pool = batches.draw()
        ones, zeros = torch.ones(len(X)), torch.zeros(len(X))
        for step in range(2):
            recon, _, mu, log_var = self.vae(X)
            recon_pool, _, mu_pool, log_var_pool = self.vae(X_pool)
            loss = self.vae_loss(X, recon, mu, log_var)
            loss = loss + self.vae_loss(X_pool, recon_pool, mu_pool, log_var_pool)
            adversarial = self.bce(self.judge(mu), ones)
            adversarial = adversarial + self.bce(self.judge(mu_pool), ones)
            self.vae_optimizer.zero_grad()
            (loss + adversarial).backward()
            self.vae_optimizer.step()
            if step == 0:
                X, X_pool = batches.draw()
        with torch.no_grad():
            _, _, mu, _ = self.vae(X)
            _, _, mu_pool, _ = self.vae(X_pool)
        loss = self.bce(self.judge(mu), ones) + self.bce(self.judge(mu_pool), zeros)
        self.discriminator_optimizer.zero_grad()
        loss.backward()
        self.discriminator_optimizer.step()


# name: (shape of a sample, function that builds its autoencoder, batch, iterations)
PROBLEMS = {
    "table 64, B=64": ((64,), lambda: MLPVAE(64), 64, 20),
    "8x8x1 width 32, B=64": ((1, 8, 8), lambda: VAE(1, 8, width=32), 64, 20),
    "32x32x3 width 32, B=64": ((3, 32, 32), lambda: VAE(3, 32, width=32), 64, 4),
    "32x32x3 width 128, B=128": ((3, 32, 32), lambda: VAE(3, 32), 128, 1),
}

OURS = {
    "released": {
        "fused": False,
        "recon_reduction": "mean",
        "kl_reduction": "sum",
        "channels_last": False,
    },
    "default": {"channels_last": False},
    "default, c.last": {},
    "default, bf16": {"precision": "bf16"},
}


def seconds(steps, n_iterations, n_repeats):
    """Median over repeats of the time per iteration of each; all take turns."""
    times = {name: [] for name in steps}
    for repeat in range(n_repeats + 1):
        for name, step in steps.items():
            start = time.perf_counter()
            for _ in range(n_iterations):
                step()
            if repeat:  # the first one warms up
                times[name].append((time.perf_counter() - start) / n_iterations)
    return {name: statistics.median(taken) for name, taken in times.items()}


def contestants(shape, build_vae, batch_size, names):
    """Yield the name and the step of the plain loop, then of ours."""
    torch.manual_seed(0)
    vae, discriminator = build_vae(), Discriminator(32)
    X, X_pool = torch.rand(1000, *shape) * 2 - 1, torch.rand(3000, *shape) * 2 - 1
    batches = PairedBatches(X, X_pool, batch_size)
    published = PublishedLoop(deepcopy(vae), deepcopy(discriminator))
    yield "published", lambda: published.iteration(batches)
    for name in names:
        one = torch.ones(1) if len(shape) == 1 else torch.ones(1, 1, 1)
        net = AdversarialNet(
            deepcopy(vae),
            deepcopy(discriminator),
            shift=0 * one,
            scale=one,
            **OURS[name],
        )
        net.start()
        yield name, lambda net=net: net.iteration(batches)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--problems", nargs="+", default=list(PROBLEMS))
    parser.add_argument("--ours", nargs="+", default=list(OURS))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    row = "{:<26}{:<16}{:>14}{:>8}"
    print(row.format("problem", "loop", "ms/iteration", "ratio"), flush=True)
    for problem in args.problems:
        *settings, n_iterations = PROBLEMS[problem]
        steps = dict(contestants(*settings, args.ours))
        taken = seconds(steps, n_iterations, args.repeats)
        for name, took in taken.items():
            ratio = f"{taken['published'] / took:.2f}"
            print(row.format(problem, name, f"{1e3 * took:.1f}", ratio), flush=True)


if __name__ == "__main__":
    main()
