"""
====================================
A folder of pictures, asked by path
====================================

Samples may be paths: pictures are read where a model or an embedding looks at them,
and what a learner asks for is a list of files. Some have a class, as they lie in its
folder; the others wait in a folder of their own.
"""

# %%
# Digits as files, forty in folders of their classes and 260 without one.
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skactive import ActiveLearner
from skactive.datasets import load_image_folder
from skactive.nets import ImageReader
from skactive.uncertainty import MarginSampling

digits = load_digits()
home = Path(tempfile.mkdtemp())
for k in range(300):
    folder = home / (str(digits.target[k]) if k < 40 else "later")
    folder.mkdir(exist_ok=True)
    pixels = (digits.images[k] * 15).astype(np.uint8)
    Image.fromarray(pixels).save(folder / f"digit_{k:03}.png")
found = load_image_folder(home, unlabeled="later")
print(len(found.data), "paths, classes", *found.target_names)


# %%
# The reader is a step of the model. Here it is followed by a logistic regression on the
# pixels; a net would do without the step in the middle.
def flat(images):
    return images.reshape(len(images), -1) / 255


model = make_pipeline(
    ImageReader(8), FunctionTransformer(flat), LogisticRegression(max_iter=300)
)
learner = ActiveLearner(model, MarginSampling(), random_state=0)
learner.fit(found.data, found.target)
rows = learner.query(10)

# %%
# Ten files to look at, with what the model takes them for.
paths = [Path(found.data[row]) for row in rows]
guesses = learner.predict([found.data[row] for row in rows])
fig, axes = plt.subplots(2, 5, figsize=(8, 4), layout="constrained")
for ax, path, guess in zip(axes.flat, paths, guesses, strict=True):
    ax.imshow(Image.open(path), cmap="gray")
    ax.set_title(f"{path.relative_to(home)}\n{guess}?", fontsize="small")
    ax.set(xticks=[], yticks=[])
fig.suptitle("Files that are asked for, and what the model takes them for")
plt.show()
