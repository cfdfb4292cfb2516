"""Weights in a file that holds no code."""

import numpy as np
import torch

from skactive.nets._seeded import seeded_torch


def save_params(classifier, path):
    """Write what a classifier needs to predict, beside its settings."""
    names = getattr(classifier, "feature_names_in_", None)
    torch.save(
        {
            "weights": classifier.net_.module_.state_dict(),
            "classes": classifier.classes_.tolist(),
            "classes_dtype": classifier.classes_.dtype.str,
            "sample_shape": list(classifier.sample_shape_),
            "feature_names": None if names is None else names.tolist(),
            "predict_seed": classifier._predict_seed,
            "pixels": classifier._pixels,
        },
        path,
    )


def load_params(classifier, path, device):
    """Set up a classifier from what ``save_params`` wrote, and return it."""
    # Loaded by the CPU, so that weights written on a GPU need none.
    state = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(state, dict) or "sample_shape" not in state:
        raise ValueError(f"{path} was not written by save_params.")
    classes = np.array(state["classes"], dtype=state["classes_dtype"])
    shape = tuple(state["sample_shape"])
    seed = state["predict_seed"]
    # The new module draws weights before it is given those of the file.
    with seeded_torch(seed, device):
        net = classifier._initialized_net(
            classifier._fresh_module(shape, classes), classes
        )
    try:
        net.module_.load_state_dict(state["weights"])
    except RuntimeError as error:
        raise ValueError(
            f"The weights in {path} do not fit the module. Set module and its "
            f"settings as they were when the file was written. {error}"
        ) from error
    net.module_.eval()
    classifier._set_fitted(net, classes, shape, seed, state["pixels"])
    classifier.n_features_in_ = shape[0]
    if state["feature_names"] is not None:
        names = np.array(state["feature_names"], dtype=object)
        classifier.feature_names_in_ = names
    elif hasattr(classifier, "feature_names_in_"):
        del classifier.feature_names_in_
    return classifier
