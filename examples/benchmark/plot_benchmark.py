"""
==================================
Is it better than random, in pairs
==================================

Four strategies and random sampling, on handwritten digits, with ten seeds each. In
every seed all of them have the same split, the same first labels and the same seed of
the model; only the rows they ask for differ. That makes differences of a few hundredths
visible, and shows where there is none.
"""

# %%
# Random sampling is always included, and so is margin sampling if the model has
# probabilities, so neither is listed. The model is a logistic regression on scaled
# features. Each run starts with 20 labels and buys 100 more, ten at a time.
import matplotlib.pyplot as plt

from skactive.benchmark import benchmark_strategies

result = benchmark_strategies(
    ["CoreSet", "entropy", "density"],
    "digits",
    n_initial=20,
    batch_size=10,
    budget=100,
    seeds=10,
)
print(result)

# %%
# The first question is about the area under the learning curve (the mean accuracy over
# the budget), seed by seed: by how much is each strategy ahead of random sampling
# *on the same split and start*? The interval is a bootstrap over the ten differences.


def verdict(low, high):
    if low > 0:
        return "better than random"
    if high < 0:
        return "worse than random"
    return "random within noise"


print(f"{'':20}{'difference':>11}  {'95 % interval':^18}  wins")
for name, found in result.differences()["digits"].items():
    low, high = found.interval
    print(
        f"{name:20}{found.mean:>+11.4f}  [{low:+.4f}, {high:+.4f}]  "
        f"{found.wins:>2} of {found.n}  {verdict(low, high)}"
    )

# %%
# Ten classes and a linear model: margin asks where the model is unsure between two
# classes, core-set covers the pool, and both save labels. Entropy is high where the
# model is unsure between many of the ten, and density asks for such digits in dense
# regions; with so few labels that does not help here.
#
# The curves show when this happens: entropy and density fall behind in the first
# rounds, and catch up with random sampling later.
display = result.curves("digits").plot(band="sem")
display.ax_.set_title("Digits, logistic regression, 10 seeds")
plt.show()

# %%
# Whether two strategies differ from *each other* is another question. Entry (row,
# column) is the share of the rounds in which a paired t-test over the seeds finds the
# row ahead of the column. The first of the eleven rounds is the shared start, so no
# entry reaches one. A low column mean is good: seldom beaten.
display = result.penalties().plot(vmax=1)
plt.show()

# %%
# With 10 pairs of strategies and 11 rounds that is a hundred tests, and some are
# significant by chance. Adjusted for their number:
display = result.penalties(correction="holm").plot(vmax=1)
plt.show()

# %%
# The store keeps the decisions and predictions of each run. Another metric needs no
# second run, and another model no second selection. Do the rows chosen for a logistic
# regression serve another model as well?
from sklearn.ensemble import RandomForestClassifier

forest = result.rescore(RandomForestClassifier(30))
for name, found in forest.differences()["digits"].items():
    print(f"{name:20}{found.mean:>+11.4f}  {verdict(*found.interval)}")

# %%
# All of this is one data set. That a strategy is better *in general* is a statement
# about data sets, and needs as many of them as one can get: see :doc:`the page on
# benchmarks </user_guide/benchmark>` for 34.
