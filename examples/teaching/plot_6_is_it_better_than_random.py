"""
==========================================================
Class 6: is it better than random, and how would you know?
==========================================================

Fifteen minutes. All parts before said "in ten seeds". Why ten, why the same seeds for
both, and what may be concluded?
"""

# %%
# Runs in pairs
# -------------
# In seed *k* all strategies have the same split, the same first labels and the same
# seed of the model. What makes one split easier than another is then on both sides, and
# drops out of the difference. The benchmark does that, and adds random and margin
# sampling by itself.
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np

from skactive.benchmark import benchmark_strategies
from skactive.metrics import paired_difference

result = benchmark_strategies(
    ["entropy"], ["digits", "iris"], n_initial=20, batch_size=20, budget=60, seeds=10
)
print(result)

# %%
# The area under the learning curve of each strategy minus that of random sampling, seed
# by seed. The interval is where the mean may well be: 95 %, by bootstrap over the
# seeds.
areas = result.areas()
differences = {
    f"{name.removesuffix('Sampling').lower()}, {dataset}": (
        areas[dataset][name] - areas[dataset]["RandomSampling"]
    )
    for dataset in ("digits", "iris")
    for name in ("MarginSampling", "EntropySampling")
}
fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
for row, values in enumerate(differences.values()):
    found = paired_difference(values, np.zeros(len(values)))
    ax.plot(values, np.full(len(values), row), "o", color="tab:blue", alpha=0.4)
    ax.plot(found.interval, [row, row], color="black", linewidth=3)
ax.axvline(0, color="0.6", linestyle="--")
ax.set(yticks=range(len(differences)), yticklabels=differences, ylim=(-0.6, 3.6))
ax.set(xlabel="AULC minus that of random sampling, ten seeds and 95 % interval")
ax.set_title("Better than random?")
plt.show()
for name, values in differences.items():
    found = paired_difference(values, np.zeros(len(values)))
    low, high = found.interval
    print(
        f"{name:16} {found.mean:+.3f} [{low:+.3f}, {high:+.3f}]   "
        f"ahead in {found.wins} of {found.n}"
    )

# %%
# Three seeds
# -----------
# Many papers show three. Take each choice of three of our ten: how often would the
# *sign* of the mean have been another than that of all ten?
for name, values in differences.items():
    means = [np.mean(three) for three in combinations(values, 3)]
    other = np.mean(np.sign(means) != np.sign(values.mean()))
    print(f"{name:16} another sign in {other:4.0%} of {len(means)} choices")

# %%
# Where the difference is large against its scatter, three seeds show its sign; where it
# is not, they tell a story. You do not know beforehand which case is yours. So decide
# on the number of seeds *before* the first run, and keep the interval in the table.
#
# Exercise
# --------
# Write the verdict: a function of two arrays, the areas of a strategy and those of
# random sampling on the same seeds. It returns "better" or "worse" if the interval of
# :func:`~skactive.metrics.paired_difference` does not hold zero, "within noise" if it
# does, and "too few seeds" below five pairs.
answer = None


def check(answer):
    """Try a verdict on made-up areas."""
    if answer is None:
        return print("No answer yet.")
    rng = np.random.RandomState(0)
    random = rng.uniform(0.6, 0.9, size=10)
    noise = np.tile([0.02, -0.02], 5)
    cases = [
        (random + 0.03 + noise, random, "better"),
        (random - 0.03 + noise, random, "worse"),
        (random + noise, random, "within noise"),
        (random.copy(), random, "within noise"),
        (random[:3] + 0.03, random[:3], "too few seeds"),
    ]
    for mine, theirs, expected in cases:
        said = answer(mine, theirs)
        shown = np.round(mine - theirs, 2).tolist()
        assert said == expected, f"{shown} is {expected!r}, and not {said!r}"
    print(f"Right in {len(cases)} cases.")


check(answer)

# %%
# What to take home
# -----------------
# * Pairs, at least ten seeds, an interval, random sampling always among the candidates.
# * "Within noise" is a result. On 34 tables it was the most frequent one:
#   :doc:`/user_guide/benchmark`.
# * A difference on one data set is about that data set. For "better in general" the
#   data sets are the sample: :doc:`/user_guide/comparing`.
# * The other ways to fool oneself are on one page: :doc:`/common_pitfalls`.

# %%
# Solution
# --------


def answer(mine, random):
    """Return what the pairs say about a strategy."""
    if len(mine) < 5:
        return "too few seeds"
    low, high = paired_difference(mine, random).interval
    return "better" if low > 0 else "worse" if high < 0 else "within noise"


check(answer)
for name, values in differences.items():
    print(f"{name:16} {answer(values, np.zeros(len(values)))}")
