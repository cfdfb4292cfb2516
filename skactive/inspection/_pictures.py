"""Images as matplotlib takes them, and masks and boxes drawn over them."""

import numpy as np

from skactive.inspection._plotting import COLORS, as_it_is
from skactive.utils import as_labels
from skactive.utils._boxes import as_boxes
from skactive.utils._labels import _is_absent


def as_pictures(X):
    """Return images as matplotlib takes them.

    Parameters
    ----------
    X : array-like of n images
        Of shape (height, width), (channels, height, width) or (height, width, channels)
        each; of one size, or of several in a list or an object array.

    Returns
    -------
    pictures : list of ndarray of shape (height, width), or (height, width, 3)
        From 0 to 1: bytes are divided by 255, other numbers are stretched, all images
        alike. Three channels are colors, a fourth after them is left out; of other
        numbers of channels there is no color, and they are averaged.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.inspection._pictures import as_pictures
    >>> as_pictures(np.array([[[0, 2], [4, 1]]]))[0].tolist()
    [[0.0, 0.5], [1.0, 0.25]]
    """
    images = [np.asarray(image) for image in X]
    for image in images:
        if image.ndim not in (2, 3) or image.dtype.kind not in "fiub":
            raise ValueError(
                "X must hold images, shape (n, channels, height, width), (n, height, "
                "width, channels) or (n, height, width); got one of the shape "
                f"{image.shape} and dtype {image.dtype}."
            )
    if all(image.dtype == np.uint8 for image in images):
        images = [image / 255.0 for image in images]
    else:
        images = [image.astype(float) for image in images]
        low = min(np.nanmin(image) for image in images)
        high = max(np.nanmax(image) for image in images)
        images = [(image - low) / (high - low or 1.0) for image in images]
    return [_one_picture(image) for image in images]


def _one_picture(image):
    if image.ndim == 2:
        return image
    if image.shape[0] not in (1, 3) and image.shape[2] in (1, 3, 4):
        image = image.transpose(2, 0, 1)[:3]  # nets have the channels first
    if image.shape[0] == 3:
        return image.transpose(1, 2, 0)
    return image.mean(axis=0)


def draw_picture(ax, image):
    """Draw an image of :func:`as_pictures`."""
    ax.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")


def all_classes(answers, boxes, declared=None, ignored=None):
    """Return the classes declared, and after them others that are in the answers."""
    present = [each for each in answers if not _is_absent(each)]
    if boxes:
        present = [as_boxes(each, "An answer")["labels"] for each in present]
    seen = [np.unique(each) for each in present if np.size(each)]
    known = [] if declared is None else as_labels(declared).tolist()
    seen = np.unique(as_labels(np.concatenate(seen))).tolist() if seen else []
    return known + [c for c in seen if c not in known and c != ignored]


def class_colors(cmap, n_classes):
    """Return a color for each class."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb

    if cmap is None and n_classes <= len(COLORS):
        return [(*to_rgb(color), 1.0) for color in COLORS[:n_classes]]
    if cmap is None:
        cmap = "tab10" if n_classes <= 10 else "tab20"
    cmap = colormaps[cmap] if isinstance(cmap, str) else cmap
    if cmap.N < 256:  # a list of colors, used again where there are too few
        return [cmap(k % cmap.N) for k in range(n_classes)]
    return [cmap(k / max(1, n_classes - 1)) for k in range(n_classes)]


def class_legend(ax, classes, colors):
    """Draw which color is which class beside an image, and return the legend."""
    from matplotlib.patches import Patch

    patches = [
        Patch(color=color, label=as_it_is(str(label)))
        for label, color in zip(classes, colors)
    ]
    # Beside the image: inside, it would lie on what is drawn.
    return ax.legend(
        handles=patches,
        loc="upper left",
        bbox_to_anchor=(1.02, 1.0),
        fontsize="small",
        frameon=False,
    )


def colored_mask(mask, classes, colors, alpha=None):
    """Return a mask in the colors of its classes; pixels of no class are white.

    With ``alpha`` there is a fourth channel, and these pixels are seen through.
    """
    mask = np.asarray(mask)
    picture = np.ones((*mask.shape, 3 if alpha is None else 4))
    if alpha is not None:
        picture[..., 3] = 0
    for label, color in zip(classes, colors):
        picture[mask == label] = color[:3] if alpha is None else (*color[:3], alpha)
    return picture


def draw_boxes(ax, answer, classes, colors, min_score):
    """Draw the boxes of an image, those of known scores from ``min_score`` on."""
    from matplotlib.patches import Rectangle

    read = as_boxes(answer, "An answer")
    scores = answer.get("scores")
    for k, ((left, top, right, bottom), label) in enumerate(
        zip(read["boxes"], read["labels"].tolist())
    ):
        if scores is not None and scores[k] < min_score:
            continue
        color = colors[classes.index(label)]
        # A pixel is drawn around its number, and a corner lies between pixels.
        place = (left - 0.5, top - 0.5), right - left, bottom - top
        ax.add_patch(Rectangle(*place, fill=False, edgecolor=color, linewidth=1.5))
        if scores is not None:
            text = f"{scores[k]:.2f}"
            ax.text(left, top, text, color=color, fontsize=7, va="top", clip_on=True)
