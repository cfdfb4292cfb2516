"""Weights in a file that holds no code."""

import numpy as np
import torch

#: Version of the file format; files of other versions are refused.
FORMAT = 1


class StoredNetsMixin:
    """Save fitted nets as weights and plain data, and load them.

    A subclass writes ``_stored``, which returns a dict of tensors and plain data, and
    ``_restore``, which takes it and makes the object fitted. Where nets are trained
    by one of several recipes, ``_stored`` names it under "recipe".
    """

    def save_params(self, path):
        """Save weights, and what else is needed to predict, to a file.

        Parameters
        ----------
        path : str or path-like
            The file. It holds no code and no samples: torch loads it with
            ``weights_only=True``. Parameters of the object are not in it.

        Raises
        ------
        ValueError
            If something other than a net was fitted too, such as the first steps of
            a pipeline: weights alone would not predict.
        """
        state = self._stored()
        head = {"written_by": type(self).__name__, "format": FORMAT}
        torch.save({**head, **state}, path)

    def load_params(self, path):
        """Load what ``save_params`` wrote; the object is then fitted.

        Parameters
        ----------
        path : str or path-like
            The file. The parameters that nets are built from must be set as they were
            when the file was written; others need not be.

        Returns
        -------
        self : object
            Ready to predict, with the same results.

        Raises
        ------
        ValueError
            If the file was written by something else, in another format, or after
            another kind of training, or if the weights do not fit; the message names
            what was found and what is needed.
        """
        # Loaded on the CPU, so that weights written on a GPU need none.
        name = type(self).__name__
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
        except OSError:
            raise
        except Exception as error:  # torch raises many kinds of errors on other files
            raise ValueError(
                f"{path} cannot be read as a file of weights; it was not written by "
                f"save_params of {name}."
            ) from error
        self._check_file(path, state if isinstance(state, dict) else {})
        self._restore(state)
        return self

    def _readable_recipe(self):
        """Return the name of the recipe whose files can be read, or None."""
        return None

    def _check_file(self, path, state):
        name, writer = type(self).__name__, state.get("written_by")
        if writer != name:
            by = f"written by save_params of {writer}, not" if writer else "not written"
            raise ValueError(f"{path} was {by} by save_params of {name}.")
        number = state.get("format")
        if number != FORMAT:
            was = "no format number" if number is None else f"format {number}"
            raise ValueError(
                f"{path} has {was}, and {name} reads format {FORMAT}. Train again, or "
                "read it with the release that wrote it."
            )
        recipe, readable = state.get("recipe"), self._readable_recipe()
        if recipe != readable:
            raise ValueError(
                f"{path} holds a net that was trained by the recipe {recipe!r}, and "
                f"{name} reads those of {readable!r}. Read it with the class that "
                "trained it."
            )


def load_weights(module, weights):
    """Load weights into a module, or say that they do not fit it."""
    try:
        module.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(
            f"The weights do not fit the module, {type(module).__name__}. Build it "
            f"with the settings it had when the file was written. {error}"
        ) from error
    module.eval()


def features_state(fitted):
    """Return the number and names of the features seen in fit, as plain data."""
    names = getattr(fitted, "feature_names_in_", None)
    return {
        "n_features": int(fitted.n_features_in_),
        "feature_names": None if names is None else names.tolist(),
    }


def restore_features(unfitted, state):
    """Set the attributes that ``features_state`` has saved."""
    unfitted.n_features_in_ = state["n_features"]
    if state["feature_names"] is not None:
        unfitted.feature_names_in_ = np.array(state["feature_names"], dtype=object)
    elif hasattr(unfitted, "feature_names_in_"):
        del unfitted.feature_names_in_
