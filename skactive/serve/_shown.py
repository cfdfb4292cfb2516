"""What people are shown of each sample."""

import numpy as np

from skactive.io.label_studio import to_tasks
from skactive.io.label_studio._items import as_items
from skactive.io.label_studio._pictures import picture_size


class Shown:
    """The data of all samples, as tasks.

    Parameters
    ----------
    data, config, control, image_size, root
        As :class:`LabelStudioRun` takes them; the control itself.
    predict : callable or None, default=None
        ``predict(rows)``.

    Examples
    --------
    >>> from skactive.io.label_studio import LabelConfig
    >>> from skactive.serve._shown import Shown
    >>> config = LabelConfig.make("numbers", of="text")
    >>> shown = Shown(["one", "two"], config, config.control())
    >>> tasks = shown.tasks(["b"], [1], batch="r0", round=0)
    >>> tasks[0]["data"]["text"], tasks[0]["data"]["skactive_id"]
    ('two', 'b')
    """

    def __init__(
        self, data, config, control, *, predict=None, image_size=None, root=None
    ):
        self.items = as_items(data, config)
        self.config = config
        self.control = control
        self.predict = predict
        self.image_size = image_size
        self.root = root

    def tasks(self, names, rows, *, batch, round, has_model=False):
        """Return tasks for some rows.

        Parameters
        ----------
        names : list of int or str
            Their ids.
        rows : list of int
            The rows.
        batch : str
            Name of the batch.
        round : int
            Its number.
        has_model : bool, default=False
            Whether predictions can be shown.
        """
        predictions = scores = None
        if self.predict is not None and has_model:
            predictions = self.predict(np.array(rows, dtype=np.intp))
            if isinstance(predictions, tuple):
                predictions, scores = predictions
        sizes = [self._given_size(row) for row in rows]
        return to_tasks(
            names,
            [self.items[row] for row in rows],
            config=self.config,
            control=self.control.name,
            predictions=predictions,
            scores=scores,
            batch=batch,
            round=round,
            image_size=None if self.image_size is None else sizes,
            root=self.root,
        )

    def size_of(self, row):
        """Return (height, width) of a picture if it is known, else None."""
        size, item = self._given_size(row), self.items[row]
        tag, key = next(iter(self.config.objects.values()), (None, None))
        if isinstance(item, dict):
            item = item.get(key)
        if size is None and tag == "Image" and hasattr(item, "__array__"):
            return picture_size(item)
        return None if size is None else tuple(int(side) for side in size)

    def _given_size(self, row):
        """Return the size that was given for all pictures, or for one."""
        size = self.image_size
        if size is None or (len(size) == 2 and not np.ndim(size[0])):
            return size
        return size[row]
