"""Views of samples: batches of tensors, augmented at random without changing classes.

Callables on a batch that draw from torch's generator, for each sample separately; any
other callable on a batch can take their place.
"""

from math import log, pi

import torch
from torch.nn import functional as F

#: Weights of red, green and blue in luminance.
LUMA = (0.299, 0.587, 0.114)


def default_views(sample_shape):
    """Return a weak and a strong view for tables or for images."""
    if len(sample_shape) == 1:
        return ColumnNoise(), ColumnSwap()
    if len(sample_shape) == 3:
        return ImageShift(), ImageDistortion()
    raise ValueError(
        f"There are default views of tables, (n, n_features), and of images, (n, "
        f"channels, height, width), but X holds samples of shape {sample_shape}. Pass "
        "weak= and strong=, callables from a batch to another of the same shape."
    )


class ColumnNoise:
    """Add noise to each number of a table: a weak view of rows.

    Parameters
    ----------
    scale : float, default=0.05
        Standard deviation of the noise, in standard deviations of the column within
        the batch.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets import ColumnNoise
    >>> ColumnNoise()(torch.zeros(4, 3)).shape
    torch.Size([4, 3])
    """

    def __init__(self, scale=0.05):
        self.scale = scale

    def __call__(self, X):
        """Return the view of a batch, a Tensor of shape (n, n_features)."""
        return X + self.scale * X.std(dim=0, correction=0) * torch.randn_like(X)


class ColumnSwap:
    """Take some numbers of each row from other rows: a strong view of rows.

    Each replaced number comes from the same column of a row of the batch that is
    drawn at random, so that columns of any kind keep their values.

    Parameters
    ----------
    share : float, default=0.3
        Probability for each number to be replaced.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets import ColumnSwap
    >>> X = torch.arange(6.0).reshape(3, 2)
    >>> bool(torch.isin(ColumnSwap(1.0)(X)[:, 0], X[:, 0]).all())
    True
    """

    def __init__(self, share=0.3):
        self.share = share

    def __call__(self, X):
        """Return the view of a batch, a Tensor of shape (n, n_features)."""
        others = torch.randint(len(X), X.shape, device=X.device)
        swapped = torch.rand(X.shape, device=X.device) < self.share
        return torch.where(swapped, X.gather(0, others), X)


class ImageShift:
    """Shift images by a few pixels, and mirror them: a weak view of images.

    Parameters
    ----------
    pad : int or None, default=None
        Largest shift in pixels; zeros come in from outside. None: an eighth of the
        image, at least 1, which is 4 of 32.
    flip : bool or None, default=None
        Whether to mirror half of the images, at random. None: if they have three
        channels. Mirrored digits and letters are no longer the same class.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets import ImageShift
    >>> ImageShift()(torch.zeros(4, 3, 32, 32)).shape
    torch.Size([4, 3, 32, 32])
    """

    def __init__(self, pad=None, flip=None):
        self.pad = pad
        self.flip = flip

    def __call__(self, X):
        """Return the view of a batch, a Tensor of shape (n, channels, h, w)."""
        n, _, height, width = X.shape
        pad = max(1, min(height, width) // 8) if self.pad is None else self.pad
        moves = torch.randint(2 * pad + 1, (2, n, 1), device=X.device)
        rows = moves[0] + torch.arange(height, device=X.device)
        columns = moves[1] + torch.arange(width, device=X.device)
        columns = torch.where(_mirrored(X, self.flip), columns.flip(1), columns)
        samples = torch.arange(n, device=X.device)[:, None, None]
        # Indexed with channels last, so that each pixel is taken as a whole.
        padded = F.pad(X, (pad, pad, pad, pad)).permute(0, 2, 3, 1)
        shifted = padded[samples, rows[:, :, None], columns[:, None, :]]
        return shifted.permute(0, 3, 1, 2)


class ImageDistortion:
    """Cut out, recolor, blur and solarize images: a strong view of images.

    As published for MoBYv2AL, batched: a random crop of the image is resized to full
    size; of 100 images, 80 are changed in brightness, contrast, saturation and hue, 20
    become gray, 10 are blurred, and 20 are solarized: what is bright becomes dark. If
    there are not three channels, saturation and hue are left out.

    Parameters
    ----------
    scale : (float, float) or None, default=None
        Range of the fraction of the area that the crop takes. None: (0.2, 1), and
        (0.6, 1) for images of less than 16 pixels.
    flip : bool or None, default=None
        Whether to mirror half of the images, at random. None: if they have three
        channels.

    Notes
    -----
    Values stay between the smallest and the largest of the batch, which are taken as
    black and white.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets import ImageDistortion
    >>> ImageDistortion()(torch.rand(4, 1, 28, 28)).shape
    torch.Size([4, 1, 28, 28])
    """

    def __init__(self, scale=None, flip=None):
        self.scale = scale
        self.flip = flip

    def __call__(self, X):
        """Return the view of a batch, a Tensor of shape (n, channels, h, w)."""
        black, white = X.amin(), X.amax()
        X = self._part(X)
        jittered = _jitter(X - black, white - black) + black
        X = torch.where(_some(X, 0.8), jittered, X)
        if X.shape[1] == 3:
            X = torch.where(_some(X, 0.2), _gray(X).expand_as(X), X)
        X = _blur(X, 0.1)
        bright = (black + white) / 2 < X
        return torch.where(_some(X, 0.2) & bright, black + white - X, X)

    def _part(self, X):
        n, _, height, width = X.shape
        scale = self.scale
        if scale is None:
            scale = (0.2, 1.0) if min(height, width) >= 16 else (0.6, 1.0)
        area = torch.empty(n, device=X.device).uniform_(*scale)
        aspect = torch.empty(n, device=X.device).uniform_(-log(4 / 3), log(4 / 3)).exp()
        # As fractions of the image, which the grid maps to -1 .. 1.
        wide, high = ((area * a).sqrt().clamp(max=1) for a in (aspect, 1 / aspect))
        moves = torch.empty(2, n, device=X.device).uniform_(-1, 1)
        theta = torch.zeros(n, 2, 3, device=X.device)
        mirror = torch.where(_mirrored(X, self.flip)[:, 0], -1.0, 1.0)
        theta[:, 0, 0], theta[:, 0, 2] = wide * mirror, (1 - wide) * moves[0]
        theta[:, 1, 1], theta[:, 1, 2] = high, (1 - high) * moves[1]
        grid = F.affine_grid(theta, list(X.shape), align_corners=False).to(X.dtype)
        # What lies half a pixel beyond the edge is the edge.
        return F.grid_sample(X, grid, padding_mode="border", align_corners=False)


def _some(X, share):
    return torch.rand(len(X), 1, 1, 1, device=X.device) < share


def _mirrored(X, flip):
    flip = X.shape[1] == 3 if flip is None else flip
    return torch.rand(len(X), 1, device=X.device) < (0.5 if flip else 0.0)


def _factor(X, change):
    return torch.empty(len(X), 1, 1, 1, device=X.device).uniform_(
        1 - change, 1 + change
    )


def _gray(X):
    return (X * X.new_tensor(LUMA)[:, None, None]).sum(dim=1, keepdim=True)


def _jitter(X, white):
    """Change brightness, contrast and color of images between 0 and `white`."""
    X = (X * _factor(X, 0.4)).clamp(X.new_zeros(()), white)
    color = X.shape[1] == 3
    mean = (_gray(X) if color else X).mean(dim=(1, 2, 3), keepdim=True)
    X = (mean + (X - mean) * _factor(X, 0.4)).clamp(X.new_zeros(()), white)
    if color:
        gray = _gray(X)
        X = gray + (X - gray) * _factor(X, 0.2)
        X = torch.einsum("nij,njhw->nihw", _hue_turns(X, 0.1).to(X.dtype), X)
        X = X.clamp(X.new_zeros(()), white)
    return X


def _hue_turns(X, share):
    """Return rotations of color space about the gray axis, of shape (n, 3, 3)."""
    angle = torch.empty(len(X), 1, 1, device=X.device).uniform_(-share, share) * 2 * pi
    axis = 3**-0.5
    cross = X.new_tensor([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) * axis
    along = X.new_full((3, 3), 1 / 3)
    eye = torch.eye(3, device=X.device)
    return angle.cos() * eye + angle.sin() * cross + (1 - angle.cos()) * along


def _blur(X, share):
    """Blur a fraction of the images by a Gaussian of 0.1 to 2 pixels."""
    rows = torch.nonzero(torch.rand(len(X), device=X.device) < share)[:, 0]
    if len(rows) == 0:
        return X
    sigma = torch.empty(len(rows), 1, device=X.device).uniform_(0.1, 2.0)
    reach = 2
    places = torch.arange(-reach, reach + 1, device=X.device)
    weights = (-0.5 * (places / sigma).square()).softmax(dim=1)
    part = X[rows]
    for axis in (2, 3):
        size = part.shape[axis]
        # The edge is repeated beyond the image.
        near = (torch.arange(size, device=X.device)[:, None] + places).clamp(
            0, size - 1
        )
        part = sum(
            weights[:, k, None, None, None] * part.index_select(axis, near[:, k])
            for k in range(len(places))
        )
    return X.index_copy(0, rows, part.to(X.dtype))
