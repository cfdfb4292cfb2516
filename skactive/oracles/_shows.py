"""How samples are shown to a person: pictures, texts. Objects, so that they pickle."""

import numpy as np

from skactive.utils._documented import BaseEstimator


class ShowText(BaseEstimator):
    """Print a text, or a row of a table with the names of its columns.

    Parameters
    ----------
    columns : list or None, default=None
        Of rows of a data frame, the columns that are shown. None: all.
    output_fn : callable, default=None
        ``output_fn(text)`` shows a text. None: the builtin ``print``.

    Examples
    --------
    >>> from skactive.oracles import ShowText
    >>> ShowText()(3, "The plot is thin, the music is not.")
    row 3
    The plot is thin, the music is not.
    """

    def __init__(self, columns=None, *, output_fn=None):
        self.columns = columns
        self.output_fn = output_fn

    def __call__(self, row, x):
        """Show a sample.

        Parameters
        ----------
        row : int
            Its row.
        x : str, or row of a table
            The sample.
        """
        if hasattr(x, "items"):
            wanted = None if self.columns is None else set(self.columns)
            cells = ((k, v) for k, v in x.items() if wanted is None or k in wanted)
            text = "\n".join(f"{name}: {value}" for name, value in cells)
        else:
            text = str(x)
        say = print if self.output_fn is None else self.output_fn
        say(f"row {row}\n{text}")


class ShowImage(BaseEstimator):
    """Draw a picture with matplotlib: in a window, or below the cell of a notebook.

    Parameters
    ----------
    shape : tuple of int or None, default=None
        The shape of a picture whose pixels are a row of a table, such as ``(8, 8)``.
        None: samples are (height, width) or have channels first or last.
    cmap : str, default="gray"
        Colors of pictures with one channel.
    ax : matplotlib.axes.Axes or None, default=None
        Where to draw. None: a figure of its own, the same for all pictures.

    Notes
    -----
    Without a display, as over ssh, save pictures to a file and look at that.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("agg")
    >>> from sklearn.datasets import load_digits
    >>> from skactive.oracles import InteractiveOracle, ShowImage
    >>> X, y = load_digits(return_X_y=True)
    >>> oracle = InteractiveOracle(range(10), show=ShowImage((8, 8)))
    >>> oracle.show(3, X[3])
    """

    _figure = None

    def __init__(self, shape=None, *, cmap="gray", ax=None):
        self.shape = shape
        self.cmap = cmap
        self.ax = ax

    def __getstate__(self):
        state = super().__getstate__()
        return {key: value for key, value in state.items() if key != "_figure"}

    def __call__(self, row, x):
        """Show a sample.

        Parameters
        ----------
        row : int
            Its row.
        x : array-like of shape (height, width), (channels, height, width), \
(height, width, channels) or (n_pixels,)
            The picture: uint8, or floats, which are stretched to what a screen shows.

        Raises
        ------
        ImportError
            If matplotlib is not there.
        ValueError
            If ``x`` is no picture.
        """
        picture = as_picture(x, self.shape)
        ax = self.ax
        if ax is None:
            ax = self._own_axes()
        ax.clear()
        gray = {"cmap": self.cmap} if picture.ndim == 2 else {}
        ax.imshow(picture, **gray)
        ax.set_title(f"row {row}")
        ax.set_axis_off()
        if self.ax is None:
            self._show(ax.figure)

    def _own_axes(self):
        try:
            import matplotlib.pyplot as plt
        except ImportError as error:
            raise ImportError(
                'ShowImage draws with matplotlib: pip install "skactive[plot]".'
            ) from error
        if self._figure is None or not plt.fignum_exists(self._figure.number):
            self._figure = plt.figure()
        self._figure.clear()
        return self._figure.add_subplot()

    def _show(self, figure):
        import matplotlib.pyplot as plt

        if "inline" in plt.get_backend():  # notebooks show what is displayed
            from IPython.display import display

            display(figure)
            plt.close(figure)
        elif plt.get_backend().lower() != "agg":
            plt.show(block=False)
            plt.pause(0.01)


def as_picture(x, shape=None):
    """Return a picture as matplotlib draws it: (height, width) or with 3 or 4 channels.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.oracles._shows import as_picture
    >>> as_picture(np.zeros((3, 5, 7))).shape, as_picture(np.zeros(6), (2, 3)).shape
    ((5, 7, 3), (2, 3))
    """
    picture = np.asarray(x.detach().cpu() if hasattr(x, "detach") else x)
    if shape is not None:
        if picture.size != np.prod(shape):
            raise ValueError(
                f"A sample of shape {picture.shape} has {picture.size} numbers, and a "
                f"picture of shape={tuple(shape)} {np.prod(shape)}."
            )
        picture = picture.reshape(shape)
    channels_first = picture.ndim == 3 and picture.shape[0] in (1, 3, 4)
    if channels_first and picture.shape[2] not in (3, 4):
        picture = np.moveaxis(picture, 0, 2)
    if picture.ndim == 3 and picture.shape[2] == 1:
        picture = picture[:, :, 0]
    fine = picture.ndim == 2 or (picture.ndim == 3 and picture.shape[2] in (3, 4))
    if not fine or picture.dtype.kind not in "uifb":
        raise ValueError(
            "A picture has shape (height, width), or 1, 3 or 4 channels first or last; "
            f"got {picture.dtype} of shape {picture.shape}. If its pixels are a row of "
            "a table, say shape=(height, width)."
        )
    if picture.dtype.kind == "f" and picture.ndim == 3:
        low, high = picture.min(), picture.max()
        if low < 0 or high > 1:
            picture = (picture - low) / (high - low)
    return picture
