"""A small detector that finds objects by their centers."""

import math

import torch
from torch import nn
from torch.nn import functional as F

#: Pixels along a side of a cell.
STRIDE = 4


class CenterNet(nn.Module):
    """Find objects as peaks of a map of centers, one map per class.

    A heat map per class has a peak at the center of each object, and beside it are the
    place of the center within its cell and the logarithm of width and height [1]_.
    Cells are 4 x 4 pixels. Peaks are drawn as ellipses, in proportion to it [2]_.

    Parameters
    ----------
    in_channels : int
        Channels of an image.
    n_classes : int
        Number of heat maps.
    width : int, default=48
        Channels of the maps at a quarter of the size.

    Attributes
    ----------
    fine, coarse : Sequential
        Maps at a quarter and an eighth of the size.
    tap_names : tuple of str
        These two, as names for :class:`Taps`.

    Notes
    -----
    A detector for :class:`~skactive.nets.NetDetector` has the methods ``forward``,
    ``losses``, ``decode`` and ``embed`` of this one. Where found objects are compared,
    as by :class:`~skactive.diversity.PPAL`, it also has ``forward_with_features``, and
    its ``decode`` takes the features.

    The loss of an image is the sum of a focal loss of its heat maps and of absolute
    errors of places and logarithms of sizes at the centers, divided by the number of
    its objects. Two objects of a class with their centers in one cell are one.

    References
    ----------
    .. [1] X. Zhou, D. Wang and P. Krahenbuhl. "Objects as Points." 2019.
       arXiv:1904.07850.
    .. [2] Z. Liu, T. Zheng, G. Xu, Z. Yang, H. Liu and D. Cai. "Training-Time-Friendly
       Network for Real-Time Object Detection." AAAI 2020. arXiv:1909.00700.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets.modules import CenterNet
    >>> net = CenterNet(in_channels=3, n_classes=2).eval()
    >>> maps = net(torch.zeros(1, 3, 30, 40))
    >>> maps.shape  # two heat maps, two places, two sizes
    torch.Size([1, 6, 8, 10])
    >>> found = net.decode(maps, (30, 40), score_threshold=0.05)[0]
    >>> sorted(found), found["boxes"].shape[1]
    (['boxes', 'labels', 'probas', 'scores'], 4)
    """

    def __init__(self, in_channels, n_classes, width=48):
        super().__init__()
        self.n_classes = n_classes
        self.stem = _conv(in_channels, width // 2, stride=2)
        self.fine = nn.Sequential(
            _conv(width // 2, width, stride=2), _conv(width, width), _conv(width, width)
        )
        self.coarse = nn.Sequential(
            _conv(width, 2 * width, stride=2), _conv(2 * width, 2 * width)
        )
        self.lateral = _conv(2 * width, width)
        self.neck = _conv(width, width)
        self.head = nn.Conv2d(width, n_classes + 4, 1)
        # Most cells hold no center: the heat begins near 0.1.
        nn.init.constant_(self.head.bias[:n_classes], -math.log(9))
        self.tap_names = ("fine", "coarse")

    def forward(self, X):
        """Return the maps: heat of each class (logits), place, and log of the size.

        Parameters
        ----------
        X : Tensor of shape (n, in_channels, height, width)
            Images.

        Returns
        -------
        maps : Tensor of shape (n, n_classes + 4, ceil(height / 4), ceil(width / 4))
            Sizes are in cells.
        """
        return self.forward_with_embedding(X)[0]

    def embed(self, X):
        """Return one row per image: means of both maps over the image.

        Parameters
        ----------
        X : Tensor of shape (n, in_channels, height, width)
            Images.

        Returns
        -------
        Z : Tensor of shape (n, 3 * width)
            The embedding.
        """
        return self.forward_with_embedding(X)[1]

    def forward_with_embedding(self, X):
        """Return ``forward(X)`` and ``embed(X)`` by one pass.

        Parameters
        ----------
        X : Tensor of shape (n, in_channels, height, width)
            Images.

        Returns
        -------
        maps : Tensor of shape (n, n_classes + 4, ceil(height / 4), ceil(width / 4))
            As from ``forward``.
        Z : Tensor of shape (n, 3 * width)
            As from ``embed``.
        """
        fine, coarse, features = self._layers(X)
        Z = torch.cat([fine.mean(dim=(2, 3)), coarse.mean(dim=(2, 3))], dim=1)
        return self.head(features), Z

    def forward_with_features(self, X):
        """Return ``forward(X)`` and what its last layer sees of each cell.

        Parameters
        ----------
        X : Tensor of shape (n, in_channels, height, width)
            Images.

        Returns
        -------
        maps : Tensor of shape (n, n_classes + 4, ceil(height / 4), ceil(width / 4))
            As from ``forward``.
        features : Tensor of shape (n, width, ceil(height / 4), ceil(width / 4))
            For ``decode``.
        """
        features = self._layers(X)[2]
        return self.head(features), features

    def losses(self, maps, targets):
        """Return the loss of each image.

        Parameters
        ----------
        maps : Tensor of shape (n, n_classes + 4, height, width)
            What ``forward`` returned.
        targets : Tensor of shape (n, m, 5)
            Boxes in pixels (left, top, right, bottom) and class; a class of -1 is no
            box.

        Returns
        -------
        losses : Tensor of shape (n,)
            Divided by the number of boxes of the image, or by 1.
        """
        heat, place, size = self._split(maps)
        true = self._cells(targets, heat.shape[2:])
        wanted = self._drawn(true, heat.shape)
        peak = wanted == 1
        log_p, log_q = F.logsigmoid(heat), F.logsigmoid(-heat)
        p = heat.sigmoid()
        focal = torch.where(
            peak, (1 - p) ** 2 * log_p, (1 - wanted) ** 4 * p**2 * log_q
        )
        image, i, j = true["image"], true["i"], true["j"]
        error = (place[image, :, i, j] - true["place"]).abs().sum(dim=1)
        error = error + (size[image, :, i, j] - true["size"]).abs().sum(dim=1)
        at_centers = heat.new_zeros(len(maps)).index_add(0, image, error)
        count = torch.bincount(image, minlength=len(maps)).clamp(min=1)
        return (at_centers - focal.sum(dim=(1, 2, 3))) / count

    def decode(
        self,
        maps,
        image_size,
        *,
        score_threshold=0.05,
        iou_threshold=0.5,
        max_boxes=100,
        features=None,
    ):
        """Return the objects that the maps show.

        Parameters
        ----------
        maps : Tensor of shape (n, n_classes + 4, height, width)
            What ``forward`` returned.
        image_size : tuple (height, width)
            In pixels; boxes are cut at the border.
        score_threshold : float, default=0.05
            Peaks of less heat are none.
        iou_threshold : float, default=0.5
            Of two boxes of a class that overlap by more, the hotter stays.
        max_boxes : int, default=100
            Most boxes in an image.
        features : Tensor of shape (n, d, height, width) or None, default=None
            As from ``forward_with_features``, if those of the objects are wanted.

        Returns
        -------
        found : list of dict
            "boxes" (m, 4), "labels" (m,), "scores" (m,), descending, and "probas"
            (m, n_classes), the heat of each class at the center; with ``features`` also
            "features" (m, d), those at the center. On the CPU.
        """
        heat, place, size = self._split(maps.float())
        heat = heat.sigmoid()
        peaks = heat * (heat == F.max_pool2d(heat, 3, stride=1, padding=1))
        found = []
        for image in range(len(maps)):
            flat = peaks[image].flatten()
            scores, at = flat.topk(min(max_boxes, len(flat)))
            hot, n_cells = scores >= score_threshold, peaks[image, 0].numel()
            at, scores = at[hot], scores[hot]
            labels, cell = at // n_cells, at % n_cells
            i, j = cell // heat.shape[3], cell % heat.shape[3]
            boxes = self._boxes(place[image, :, i, j], size[image, :, i, j], i, j)
            boxes = _clipped(boxes, image_size)
            kept = _nms(boxes, labels, iou_threshold)
            some = {"boxes": boxes, "labels": labels, "scores": scores}
            some["probas"] = heat[image][:, i, j].T
            if features is not None:
                some["features"] = features[image][:, i, j].T.float()
            found.append({name: part[kept].cpu() for name, part in some.items()})
        return found

    def _layers(self, X):
        """Return the maps of both sizes, and what the head is given."""
        fine = self.fine(self.stem(X))
        coarse = self.coarse(fine)
        up = F.interpolate(self.lateral(coarse), fine.shape[2:], mode="nearest")
        return fine, coarse, self.neck(fine + up)

    def _split(self, maps):
        return maps.split([self.n_classes, 2, 2], dim=1)

    def _cells(self, targets, cells):
        """Return where the boxes of a batch are, in cells."""
        image, which = torch.nonzero(targets[..., 4] >= 0, as_tuple=True)
        boxes = targets[image, which]
        center = (boxes[:, :2] + boxes[:, 2:4]) / 2 / STRIDE
        size = (boxes[:, 2:4] - boxes[:, :2]) / STRIDE
        last = center.new_tensor([cells[1] - 1, cells[0] - 1])
        corner = center.floor().clamp(min=0).minimum(last)
        j, i = corner.long().T
        return {
            "image": image,
            "label": boxes[:, 4].long(),
            "i": i,
            "j": j,
            "center": center,
            "place": center - corner,
            "size": size.log(),
            "spread": (0.09 * size).clamp(min=0.3),
        }

    def _drawn(self, true, shape):
        """Return heat maps as they should be: 1 at centers, ellipses around them."""
        heat = true["center"].new_zeros(shape)
        y = torch.arange(shape[2], device=heat.device)
        x = torch.arange(shape[3], device=heat.device)
        dy = (y - true["i"][:, None]) / true["spread"][:, 1:]
        dx = (x - true["j"][:, None]) / true["spread"][:, :1]
        drawn = torch.exp(-(dy[:, :, None] ** 2 + dx[:, None, :] ** 2) / 2)
        flat = heat.view(shape[0] * shape[1], *shape[2:])
        where = true["image"] * shape[1] + true["label"]
        index = where[:, None, None].expand_as(drawn)
        return flat.scatter_reduce(0, index, drawn, "amax").view(shape)

    def _boxes(self, place, size, i, j):
        center = torch.stack([j + place[0], i + place[1]])
        half = size.exp() / 2
        return torch.cat([center - half, center + half]).T * STRIDE


def _conv(n_in, n_out, stride=1):
    # The batch normalization that follows has a bias of its own.
    conv = nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(n_out), nn.ReLU())


def _clipped(boxes, image_size):
    height, width = image_size
    limit = boxes.new_tensor([width, height, width, height])
    return boxes.clamp(min=0).minimum(limit)


def _nms(boxes, labels, iou_threshold):
    """Return which boxes, in order, stay; those of other classes do not compete."""
    size = (boxes[:, 2:] - boxes[:, :2]).clamp(min=0)
    area = size.prod(dim=1)
    low = torch.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = torch.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = (high - low).clamp(min=0).prod(dim=2)
    union = (area[:, None] + area - shared).clamp(min=torch.finfo(area.dtype).tiny)
    beaten_by = (shared / union > iou_threshold) & (labels[:, None] == labels)
    beaten_by, kept = beaten_by.cpu(), []
    for k in torch.nonzero(area > 0).flatten().tolist():
        if not beaten_by[k, kept].any():
            kept.append(k)
    return torch.tensor(kept, dtype=torch.long, device=boxes.device)
