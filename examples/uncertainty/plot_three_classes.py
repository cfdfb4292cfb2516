"""
===========================
Four ways of being in doubt
===========================

With two classes all measures of doubt ask for the same samples. With three they part.
Each point of a triangle is a prediction: at a corner one class is certain, in the
middle all three are as probable, and on a side one is ruled out.
"""

# %%
# Predictions of three classes, from the corners of a triangle.
import matplotlib.pyplot as plt
import numpy as np

from skactive.uncertainty import entropy, least_confidence, margin

corners = np.array([[0, 0], [1, 0], [0.5, np.sqrt(3) / 2]])
steps = np.linspace(0, 1, 101)
first, second = (part.ravel() for part in np.meshgrid(steps, steps))
inside = first + second <= 1 + 1e-9
proba = np.c_[first, second, 1 - first - second][inside].clip(0, 1)
places = proba @ corners

# %%
# Colors are ranks, since a strategy takes the highest and asks no more of a score than
# its order. Two predictions are marked: a race of two (a circle), and a favorite with
# two others behind it (a square).
marked = np.array([[0.5, 0.5, 0.0], [0.5, 0.25, 0.25]])


def draw(ax, measure, name):
    """Draw the ranks of a measure, and what it says of the marked predictions."""
    _, ranks = np.unique(measure(proba).round(9), return_inverse=True)
    ax.tricontourf(*places.T, ranks / ranks.max(), levels=12, cmap="cividis")
    for marker, at in zip("os", marked @ corners):
        style = {"color": "white", "markeredgecolor": "black", "clip_on": False}
        ax.plot(*at, marker, markersize=9, **style)
    scores = " and ".join(f"{score:.2f}" for score in measure(marked))
    ax.set_title(f"{name}\ncircle and square: {scores}", fontsize="medium")
    ax.set_aspect("equal")
    ax.axis("off")


fig, axes = plt.subplots(1, 3, figsize=(9, 3.4), layout="constrained")
draw(axes[0], entropy, "entropy")
draw(axes[1], margin, "margin")
draw(axes[2], least_confidence, "least confidence")
fig.suptitle("Bright is asked for first")
plt.show()

# %%
# Entropy puts the square first, margin the circle, and to least confidence, which looks
# at the largest probability alone, both are the same.
#
# :class:`~skactive.deep.SRAAL` has a measure of its own, which needs PyTorch. Where all
# but the largest probability are equal it is least confidence; a strong runner-up makes
# it larger.
from skactive.deep import uncertainty_indicator

fig, axes = plt.subplots(1, 2, figsize=(6, 3.4), layout="constrained")
draw(axes[0], least_confidence, "least confidence")
draw(axes[1], uncertainty_indicator, "indicator of SRAAL")
fig.suptitle("Bright is asked for first")
plt.show()
