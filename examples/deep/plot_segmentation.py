"""
================
Asking for masks
================

Each pixel of an image is background or belongs to a square, a disk or a diamond, and
diamonds are rare. A learner asks for whole masks; its answers are scored by the mean
over classes of the intersection over union. All pictures are drawn by code; the page
:ref:`segmentation` has the rest.
"""

# %%
# One to three shapes in each image, of any brightness, under noise. A shape may hide
# another.
import matplotlib.pyplot as plt
import numpy as np
import torch

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.inspection import AnswerDisplay
from skactive.metrics import mean_iou
from skactive.nets import HorizontalFlip, NetSegmenter
from skactive.uncertainty import EntropySampling

torch.set_num_threads(1)


def draw_shapes(n, seed, size=24):
    rng = np.random.RandomState(seed)
    i, j = np.mgrid[:size, :size]
    X = rng.normal(0.3, 0.1, (n, 1, size, size)).astype(np.float32)
    y = np.zeros((n, size, size), dtype=np.uint8)
    for image, mask in zip(X[:, 0], y, strict=True):
        for kind in rng.choice([1, 2, 3], rng.randint(1, 4), p=[0.6, 0.3, 0.1]):
            radius = rng.randint(3, 7)
            a, b = rng.randint(radius, size - radius, 2)
            down, right = abs(i - a), abs(j - b)
            far = [np.maximum(down, right), np.hypot(down, right), down + right]
            inside = far[kind - 1] <= radius
            mask[inside] = kind
            image[inside] = rng.uniform(0.5, 0.9) + rng.normal(0, 0.1, inside.sum())
    return X, y


X, y = draw_shapes(150, seed=0)
X_test, y_test = draw_shapes(80, seed=1)

# %%
# A small U-Net. Images and masks are mirrored together.
net = NetSegmenter(
    module__width=12, max_epochs=25, lr=0.01, augment=HorizontalFlip(), random_state=0
)

# %%
# Ten masks to begin with, and two times ten asked for: those with the largest mean
# entropy over the pixels, or random ones.
arms = {"entropy, mean over pixels": EntropySampling(), "random": RandomSampling()}
curves, learners = {name: [] for name in arms}, {}
for name, strategy in arms.items():
    for seed in range(3):
        learners[name] = ActiveLearner(
            net, strategy, n_initial=10, budget=20, batch_size=10, random_state=seed
        ).fit(X, y)
        curves[name].append(list(learners[name].staged_score(X_test, y_test)))
n_labeled = learners["random"].history_["n_labeled"]

fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
for name, curve in curves.items():
    ax.plot(n_labeled, np.mean(curve, axis=0), "o-", label=name)
    for one in curve:
        ax.plot(n_labeled, one, color=ax.lines[-1].get_color(), alpha=0.3, linewidth=1)
ax.set(xlabel="masks", ylabel="mean IoU on the test set", xticks=n_labeled)
ax.legend()
plt.show()

# %%
for name, curve in curves.items():
    print(f"{name:26}", " ".join(f"{v:.3f}" for v in np.mean(curve, axis=0)))
for n, difference in zip(n_labeled, np.subtract(*curves.values()).T, strict=True):
    seeds = " ".join(f"{v:+.3f}" for v in difference)
    print(f"entropy minus random with {n} masks, seed by seed: {seeds}")

# %%
# What the last learner sees in images that it was not trained on.
learner = learners["entropy, mean over pixels"]
AnswerDisplay.from_estimator(learner, X_test, y_test).plot()
plt.show()

# %%
# The mean hides which classes are found. Background, square, disk and diamond:
print(np.round(mean_iou(y_test, learner.predict(X_test), average=None), 2))


# %%
# A mask takes longer to draw if its borders are longer. How long are those of the masks
# asked for after the beginning, in the last seed?
def border(mask):
    return int((mask[1:] != mask[:-1]).sum() + (mask[:, 1:] != mask[:, :-1]).sum())


print(f"a mask of the pool            {np.mean([border(mask) for mask in y]):.0f}")
for name, learner in learners.items():
    asked = learner.queried_indices_[10:]
    print(f"{name:29} {np.mean([border(mask) for mask in y[asked]]):.0f}")

# %%
# Both curves rise, and with three seeds they cannot be told apart: entropy is ahead in
# some seeds and behind in others. What it asks for has longer borders than what random
# sampling does, so its masks would take longer to draw.
