"""
================
Asking for boxes
================

An image holds none to three objects, bright squares and dark disks, and a learner asks
for the boxes of whole images. Images are not equally dear: more objects take longer.
All pictures are drawn by code; the page :ref:`detection` has the rest.
"""

# %%
# ``draw_objects`` returns images and, for each, a dict of boxes and labels. No boxes
# are an answer too.
import matplotlib.pyplot as plt
import numpy as np
import torch

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.inspection import AnswerDisplay
from skactive.nets import HorizontalFlip, NetDetector
from skactive.uncertainty import EntropySampling

torch.set_num_threads(1)


def draw_objects(n, seed, size=32):
    rng = np.random.RandomState(seed)
    i, j = np.mgrid[:size, :size]
    X = rng.normal(0.5, 0.1, (n, 1, size, size)).astype(np.float32)
    y = []
    for image in X[:, 0]:
        boxes, labels = [], []
        # At most one in each quarter, so that none hides another.
        for quarter in rng.permutation(4)[: rng.randint(4)]:
            radius = rng.randint(3, 7)
            corner = np.array(divmod(quarter, 2)) * 16
            a, b = corner + rng.randint(radius, 16 - radius, 2)
            label = rng.choice(["square", "disk"], p=[0.7, 0.3])
            far = np.maximum if label == "square" else np.hypot
            inside = far(abs(i - a), abs(j - b)) <= radius
            image[inside] += 0.3 if label == "square" else -0.3
            boxes.append([b - radius, a - radius, b + radius + 1, a + radius + 1])
            labels.append(label)
        y.append({"boxes": boxes, "labels": labels})
    return X, y


X, y = draw_objects(150, seed=0)
X_test, y_test = draw_objects(80, seed=1)

# %%
# The score of an image is the sum of the entropies of the boxes found in it. The
# threshold of the detector says what is found: with a low one most would be noise.
net = NetDetector(
    module__width=24,
    max_epochs=50,
    lr=0.01,
    score_threshold=0.2,
    augment=HorizontalFlip(),
    random_state=0,
)
arms = {"entropy, sum over boxes": EntropySampling(), "random": RandomSampling()}
curves, paid, learners = {name: [] for name in arms}, {name: [] for name in arms}, {}
for name, strategy in arms.items():
    for seed in range(3):
        learners[name] = learner = ActiveLearner(
            net, strategy, n_initial=10, budget=20, batch_size=10, random_state=seed
        ).fit(X, y)
        curves[name].append(list(learner.staged_score(X_test, y_test)))
        boxes = np.cumsum([len(y[row]["boxes"]) for row in learner.queried_indices_])
        n_labeled = np.asarray(learner.history_["n_labeled"])
        paid[name].append(boxes[n_labeled - 1])

# %%
# The same curves twice: over images, and over boxes, which are what is drawn by hand.
fig, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
for name, curve in curves.items():
    mean = np.mean(curve, axis=0)
    axes[0].plot(n_labeled, mean, "o-", label=name)
    axes[1].plot(np.mean(paid[name], axis=0), mean, "o-", label=name)
    for one, boxes in zip(curve, paid[name], strict=True):
        light = {"color": axes[0].lines[-1].get_color(), "alpha": 0.3, "linewidth": 1}
        axes[0].plot(n_labeled, one, **light)
        axes[1].plot(boxes, one, **light)
axes[0].set(xlabel="images", ylabel="mean average precision at .5", xticks=n_labeled)
axes[1].set(xlabel="boxes")
axes[0].legend()
plt.show()

# %%
for name, curve in curves.items():
    scores = " ".join(f"{v:.3f}" for v in np.mean(curve, axis=0))
    boxes = " ".join(f"{v:.0f}" for v in np.mean(paid[name], axis=0))
    print(f"{name:24} {scores}   boxes {boxes}")
for n, difference in zip(n_labeled, np.subtract(*curves.values()).T, strict=True):
    seeds = " ".join(f"{v:+.3f}" for v in difference)
    print(f"entropy minus random with {n} images, seed by seed: {seeds}")

# %%
# What the last learner finds in images that it was not trained on.
AnswerDisplay.from_estimator(
    learners["entropy, sum over boxes"], X_test, y_test, rows=range(6)
).plot()
plt.show()

# %%
# Over images, entropy is ahead with twenty, in the mean, and about level with thirty.
# But it asks for full images, as a sum over boxes will, and buys more than half as many
# boxes again as random sampling does. Over boxes its curve is not above that of random
# sampling. Three seeds on drawn pictures say nothing about others.
