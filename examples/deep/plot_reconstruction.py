"""
==========================================
What an autoencoder rebuilds, and what not
==========================================

An autoencoder that was trained on the digits 0 to 6 is shown all ten.
:class:`~skactive.deep.ReconstructionSampling` asks for those that it rebuilds worst.
"""

# %%
# 200 labeled digits, none of them a 7, an 8 or a 9.
import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits

from skactive.deep import ReconstructionSampling
from skactive.nets import VAEEmbedding

torch.set_num_threads(1)
digits = load_digits()
X, y = (digits.images[:, None] / 16).astype(np.float32), digits.target
known = np.flatnonzero(y < 7)[:200]
pool = np.setdiff1d(np.arange(800), known)
coder = VAEEmbedding(latent_dim=16, width=8, lr=1e-3, n_iterations=200)
strategy = ReconstructionSampling(autoencoder=coder, random_state=0)
strategy.fit(X[known], y[known], X[pool])
scores = strategy.score_samples(X[pool])
for name, rows in {"0 to 6": y[pool] < 7, "7 to 9": y[pool] > 6}.items():
    print(f"digits {name}: mean error {scores[rows].mean():.3f}")

# %%
# What it makes of the five that it rebuilds best and of the five that it rebuilds
# worst. The net sees pixels from -1 to 1.
order = strategy.query(len(pool))
rows = pool[np.concatenate([order[::-1][:5], order[:5]])]
with torch.no_grad():
    vae = strategy.net_.vae
    latent = vae.encode(torch.from_numpy(2 * X[rows] - 1))[0]
    rebuilt = (vae.decode(latent).numpy() + 1) / 2
error = scores[np.searchsorted(pool, rows)]
fig, axes = plt.subplots(2, 10, figsize=(10, 2.7), layout="constrained")
for column, row, made, score in zip(axes.T, rows, rebuilt, error, strict=True):
    for ax, image in zip(column, (X[row], made), strict=True):
        ax.imshow(image[0], cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
    column[0].set_title(f"{y[row]}\n{score:.2f}", fontsize="medium")
axes[0, 0].set_ylabel("sample")
axes[1, 0].set_ylabel("rebuilt")
fig.suptitle("rebuilt best, and rebuilt worst; below the digit its error")
plt.show()
