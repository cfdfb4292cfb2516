"""Faster R-CNN of torchvision, with the methods that NetDetector asks for."""

import math

import torch
from torch import nn
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import batched_nms, clip_boxes_to_image, remove_small_boxes

from skactive.nets.modules.adapters._torchvision_models import (
    check_two_stages,
    features_of,
    means,
)

#: Numbers before the maps: size of the image as resized, and of the one given; size of
#: the canvas of the batch.
PLACES = 6
#: Of a box in pixels, as torchvision has it.
LEAST_SIDE = 1e-2


class TwoStageDetector(nn.Module):
    """Find objects by a Faster R-CNN of torchvision.

    The first stage proposes boxes, the second says what is in them. The model is used
    as it is, with its weights, its anchors and its normalization and resizing of
    images.

    Parameters
    ----------
    model : FasterRCNN
        Of :mod:`torchvision.models.detection`, built with ``num_classes=n_classes + 1``
        since it counts the background as class 0. In targets and answers, classes are
        counted from 0.

    Attributes
    ----------
    n_classes : int
        Number of classes, without background.
    levels : ModuleList
        One Identity for each level of the backbone, through which its maps pass.
    tap_names : tuple of str
        These, as names for :class:`Taps`.

    Raises
    ------
    TypeError
        If `model` is anything else, or learns from masks or key points.

    See Also
    --------
    TorchvisionDetector : The same of FCOS, RetinaNet and SSD.

    Notes
    -----
    What :class:`TorchvisionDetector` says of ``min_size``, gray images and settings of
    the model that are not used holds here too (``box_score_thresh``, ``box_nms_thresh``
    and ``box_detections_per_img``; those of the proposals are used).

    The maps are those of the backbone, one after the other, and both stages run on them
    in ``losses`` and ``decode``: in training the second stage is shown the true boxes.
    They are large, 75 MB per image of 800 x 1088 pixels with a ResNet50-FPN, and copied
    once. Under ``precision="bf16"`` only the backbone runs in that precision.

    The loss of an image is that of torchvision for a batch of one. The stages draw at
    random which anchors and proposals they learn from.

    References
    ----------
    .. [1] S. Ren, K. He, R. Girshick and J. Sun. "Faster R-CNN: towards real-time
       object detection with region proposal networks." NIPS 2015. arXiv:1506.01497.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from torchvision.models.detection import FasterRCNN
    >>> from torchvision.models.detection.anchor_utils import AnchorGenerator
    >>> from torchvision.ops import MultiScaleRoIAlign
    >>> from skactive.nets.modules import TwoStageDetector
    >>> backbone = nn.Sequential(nn.Conv2d(3, 8, 8, stride=8), nn.ReLU())
    >>> backbone.out_channels = 8
    >>> model = FasterRCNN(
    ...     backbone,
    ...     num_classes=3,
    ...     min_size=32,
    ...     rpn_anchor_generator=AnchorGenerator(((12,),), ((1.0,),)),
    ...     box_roi_pool=MultiScaleRoIAlign(["0"], 3, 2),
    ... )
    >>> net = TwoStageDetector(model).eval()
    >>> maps = net(torch.zeros(1, 3, 32, 32))
    >>> net.n_classes, maps.shape  # 4 x 4 cells of 8 numbers, and nine about sizes
    (2, torch.Size([1, 137]))
    >>> found = net.decode(maps, (32, 32), score_threshold=0.0)[0]
    >>> sorted(found), found["probas"].shape[1]
    (['boxes', 'labels', 'probas', 'scores'], 2)
    """

    def __init__(self, model):
        super().__init__()
        check_two_stages(model)
        self.model = model
        self.n_classes = model.roi_heads.box_predictor.cls_score.out_features - 1
        per_cell = model.rpn.anchor_generator.num_anchors_per_location()
        self.levels = nn.ModuleList(nn.Identity() for _ in per_cell)
        self.tap_names = tuple(f"levels.{k}" for k in range(len(per_cell)))
        self._names = None  # of the levels, as the second stage knows them

    def forward(self, X):
        """Return the maps of the backbone, and how the images were resized.

        Parameters
        ----------
        X : Tensor of shape (n, channels, height, width)
            Images, floats.

        Returns
        -------
        maps : Tensor of shape (n, n_numbers)
            Sizes of the image and of the maps, then these, level after level.
        """
        return self.forward_with_embedding(X)[0]

    def embed(self, X):
        """Return one row per image: means of the maps of all levels over the image.

        Parameters
        ----------
        X : Tensor of shape (n, channels, height, width)
            Images, floats.

        Returns
        -------
        Z : Tensor of shape (n, n_levels * out_channels)
            The embedding.
        """
        return self.forward_with_embedding(X)[1]

    def forward_with_embedding(self, X):
        """Return ``forward(X)`` and ``embed(X)`` by one pass.

        Parameters
        ----------
        X : Tensor of shape (n, channels, height, width)
            Images, floats.

        Returns
        -------
        maps : Tensor of shape (n, n_numbers)
            As from ``forward``.
        Z : Tensor of shape (n, n_levels * out_channels)
            As from ``embed``.
        """
        images, features = features_of(self.model, X)
        self._names = list(features)
        pairs = zip(self.levels, features.values(), strict=True)
        features = [level(of_level) for level, of_level in pairs]
        sizes = [
            [*size, *X.shape[2:], *images.tensors.shape[2:]]
            for size in images.image_sizes
        ]
        # Whole numbers up to 2 ** 24, and bfloat16 holds those up to 256.
        sizes = X.new_tensor(sizes, dtype=torch.float32)
        shapes = [side for of_level in features for side in of_level.shape[1:]]
        shapes = sizes.new_tensor(shapes).expand(len(X), -1)
        flat = [of_level.flatten(1).float() for of_level in features]
        return torch.cat([sizes, shapes, *flat], dim=1), means(features)

    def forward_with_features(self, X):
        """Return ``forward(X)``, twice: the maps hold what the features are made of.

        Parameters
        ----------
        X : Tensor of shape (n, channels, height, width)
            Images, floats.

        Returns
        -------
        maps, features : Tensor of shape (n, n_numbers)
            As from ``forward``.
        """
        maps = self(X)
        return maps, maps

    def losses(self, maps, targets):
        """Return the loss of each image: the sum of the losses of both stages.

        Parameters
        ----------
        maps : Tensor of shape (n, n_numbers)
            What ``forward`` returned.
        targets : Tensor of shape (n, m, 5)
            Boxes in pixels (left, top, right, bottom) and class; a class of -1 is no
            box.

        Returns
        -------
        losses : Tensor of shape (n,)
            As torchvision has it for a batch of one image.

        Raises
        ------
        RuntimeError
            If the module is in evaluation mode, in which the model has no loss.
        """
        if not self.model.training:
            raise RuntimeError(
                "A Faster R-CNN has losses in training mode: net.train()"
            )
        pairs = zip(maps.split(1), targets, strict=True)
        return torch.stack([self._loss(each, target) for each, target in pairs])

    @torch.no_grad()
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
        """Return the objects that the second stage finds in the boxes of the first.

        Parameters
        ----------
        maps : Tensor of shape (n, n_numbers)
            What ``forward`` returned, in evaluation mode.
        image_size : tuple (height, width)
            In pixels, before the model resized them; boxes are cut at the border.
        score_threshold : float, default=0.05
            Boxes of a lower score are none.
        iou_threshold : float, default=0.5
            Of two boxes of a class that overlap by more, the one of higher score stays.
        max_boxes : int, default=100
            Most boxes in an image.
        features : Tensor or None, default=None
            As from ``forward_with_features``, if those of the objects are wanted.

        Returns
        -------
        found : list of dict
            "boxes" (m, 4), "labels" (m,), "scores" (m,), descending, and "probas"
            (m, n_classes), which sum to one with that of the background, which is left
            out; with ``features`` also "features" (m, d), what the second stage sees of
            each. On the CPU.
        """
        found = []
        for of_image in maps.split(1):
            answer = self._found(of_image, image_size, score_threshold, iou_threshold)
            if features is None:
                del answer["features"]
            found.append({k: part[:max_boxes].cpu() for k, part in answer.items()})
        return found

    def _parts(self, maps):
        """Return one image without its pixels, its maps by name, and the scale."""
        n_levels = len(self.levels)
        numbers = maps[0, : PLACES + 3 * n_levels].round().long().tolist()
        height, width, given_height, given_width, *canvas = numbers[:PLACES]
        shapes = [numbers[k : k + 3] for k in range(PLACES, len(numbers), 3)]
        flat = maps[0, len(numbers) :].split([math.prod(shape) for shape in shapes])
        pairs = zip(self._names, flat, shapes, strict=True)
        features = {name: part.view(1, *shape) for name, part, shape in pairs}
        image = ImageList(maps.new_empty(()).expand(1, 1, *canvas), [(height, width)])
        scale = maps.new_tensor([width / given_width, height / given_height])
        return image, features, scale.repeat(2)

    def _loss(self, maps, target):
        image, features, scale = self._parts(maps)
        target = target[target[:, 4] >= 0]
        target = {"boxes": target[:, :4] * scale, "labels": target[:, 4].long() + 1}
        proposals, first = self.model.rpn(image, features, [target])
        sizes = image.image_sizes
        second = self.model.roi_heads(features, proposals, sizes, [target])[1]
        return sum([*first.values(), *second.values()])

    def _found(self, maps, image_size, score_threshold, iou_threshold):
        image, features, scale = self._parts(maps)
        sizes, heads = image.image_sizes, self.model.roi_heads
        proposals = self.model.rpn(image, features)[0]
        seen = heads.box_head(heads.box_roi_pool(features, proposals, sizes))
        logits, regression = heads.box_predictor(seen)
        probas = logits.softmax(dim=1)[:, 1:]
        boxes = heads.box_coder.decode(regression, proposals)[:, 1:]
        at, labels = torch.nonzero(probas >= score_threshold, as_tuple=True)
        boxes = clip_boxes_to_image(boxes[at, labels], sizes[0])
        large = remove_small_boxes(boxes, LEAST_SIDE)
        at, labels, boxes = at[large], labels[large], boxes[large]
        scores = probas[at, labels]
        kept = batched_nms(boxes, scores, labels, iou_threshold)
        boxes = clip_boxes_to_image(boxes[kept] / scale, image_size)
        some = (boxes[:, 2:] > boxes[:, :2]).all(dim=1)
        kept = kept[some]
        return {
            "boxes": boxes[some],
            "labels": labels[kept],
            "scores": scores[kept],
            "probas": probas[at[kept]],
            "features": seen[at[kept]],
        }
