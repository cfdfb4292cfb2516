"""Detectors of torchvision, with the methods that NetDetector asks for."""

import torch
from sklearn.utils.metaestimators import available_if
from torch import nn
from torch.nn import functional as F
from torchvision.models.detection import FCOS
from torchvision.models.detection.ssd import SSD
from torchvision.ops import batched_nms, box_iou, clip_boxes_to_image

from skactive.nets.modules.adapters._torchvision_models import (
    check_one_stage,
    features_of,
    means,
)

#: What the heads of a model return, in the order of the columns of the maps.
HEADS = ("cls_logits", "bbox_regression", "bbox_ctrness")
#: Columns behind those: corners of the anchor, its level, and how the image was scaled.
PLACES = (4, 1, 2)


def _has_a_tower(detector):
    """Tell whether what says the class of anchors sees maps of one width."""
    return hasattr(detector.model.head.classification_head, "conv")


class TorchvisionDetector(nn.Module):
    """Find objects by a model of torchvision: FCOS, RetinaNet or SSD.

    The model is used as it is, with its weights, its anchors and its normalization and
    resizing of images. Losses are of single images, and what is found comes with the
    probabilities of all classes; the model itself returns neither.

    Parameters
    ----------
    model : FCOS, RetinaNet or SSD
        Of :mod:`torchvision.models.detection`. FCOS and RetinaNet count classes from 0,
        and are built with ``num_classes=n_classes``; SSD has the background as class 0,
        and is built with ``num_classes=n_classes + 1``. In targets and answers, classes
        are counted from 0 whatever the model.

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
        If `model` is anything else.

    See Also
    --------
    TwoStageDetector : The same of a Faster R-CNN.

    Notes
    -----
    Images are made as large as the model wants them, and boxes are returned in pixels
    of the image that was given: ``min_size`` of FCOS and RetinaNet is 800 by default,
    for the shorter side. Build them with ``min_size=`` that of your images, or a
    prediction costs a hundredfold; SSD has ``size``. Gray images are repeated by
    ``image_mean`` and ``image_std`` of three channels; for a backbone of one channel
    build the model with one of each.

    ``score_thresh``, ``nms_thresh`` and ``detections_per_img`` of the model are not
    used, but ``score_threshold``, ``iou_threshold`` and ``max_boxes`` of
    :class:`~skactive.nets.NetDetector`; ``topk_candidates`` is used. Boxes of no width
    or height at the border of the image are dropped.

    The loss of an image is divided by the anchors that are matched to its boxes, as
    torchvision does for a batch of one image. For a larger batch, FCOS and SSD divide
    by those of all images, which gives more weight to an image with many boxes. SSD
    learns nothing from an image without boxes, since it takes three negatives for each
    positive.

    The maps are one float for each anchor and column, ``n_classes + 11`` columns or one
    more: 1.1 MB per image for SSD300 with 20 classes.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from torchvision.models.detection import RetinaNet
    >>> from torchvision.models.detection.anchor_utils import AnchorGenerator
    >>> from skactive.nets.modules import TorchvisionDetector
    >>> backbone = nn.Sequential(nn.Conv2d(3, 8, 8, stride=8), nn.ReLU())
    >>> backbone.out_channels = 8
    >>> model = RetinaNet(
    ...     backbone,
    ...     num_classes=2,
    ...     min_size=32,
    ...     anchor_generator=AnchorGenerator(sizes=((12,),), aspect_ratios=((1.0,),)),
    ... )
    >>> net = TorchvisionDetector(model).eval()
    >>> maps = net(torch.zeros(1, 3, 32, 32))
    >>> maps.shape  # 4 x 4 anchors; two classes, a box, and the place of the anchor
    torch.Size([1, 16, 13])
    >>> found = net.decode(maps, (32, 32), score_threshold=0.0)[0]
    >>> sorted(found), found["probas"].shape[1]
    (['boxes', 'labels', 'probas', 'scores'], 2)
    """

    def __init__(self, model):
        super().__init__()
        check_one_stage(model)
        self.model = model
        # SSD has the background as class 0.
        self.background = int(isinstance(model, SSD))
        classes = model.head.classification_head
        n_columns = classes.num_columns if self.background else classes.num_classes
        self.n_classes = n_columns - self.background
        self.columns = [n_columns, 4, *([1] if isinstance(model, FCOS) else [])]
        per_cell = model.anchor_generator.num_anchors_per_location()
        self.levels = nn.ModuleList(nn.Identity() for _ in per_cell)
        self.tap_names = tuple(f"levels.{k}" for k in range(len(per_cell)))

    def forward(self, X):
        """Return what the heads say of each anchor, and where the anchors are.

        Parameters
        ----------
        X : Tensor of shape (n, channels, height, width)
            Images, floats.

        Returns
        -------
        maps : Tensor of shape (n, n_anchors, n_columns)
            Logits of classes and of the background, if the model has it, four numbers
            for the box, for FCOS the logit of the centerness; then four corners of the
            anchor, its level, and by how much height and width of the image were
            scaled.
        """
        return self._say(X)[0]

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
        return means(self._features(X)[1])

    def forward_with_embedding(self, X):
        """Return ``forward(X)`` and ``embed(X)`` by one pass.

        Parameters
        ----------
        X : Tensor of shape (n, channels, height, width)
            Images, floats.

        Returns
        -------
        maps : Tensor of shape (n, n_anchors, n_columns)
            As from ``forward``.
        Z : Tensor of shape (n, n_levels * out_channels)
            As from ``embed``.
        """
        maps, features = self._say(X)
        return maps, means(features)

    @available_if(_has_a_tower)
    def forward_with_features(self, X):
        """Return ``forward(X)`` and what says the class sees of each cell of a map.

        FCOS and RetinaNet have it. The levels of SSD have maps of different widths, of
        which rows cannot be compared.

        Parameters
        ----------
        X : Tensor of shape (n, channels, height, width)
            Images, floats.

        Returns
        -------
        maps : Tensor of shape (n, n_anchors, n_columns)
            As from ``forward``.
        features : Tensor of shape (n, n_cells, out_channels)
            For ``decode``: inputs of the last layer of the classes, level by level.
            They are computed once more for it, about half of the heads.
        """
        maps, features = self._say(X)
        tower = self.model.head.classification_head.conv
        seen = [tower(of_level).flatten(2) for of_level in features]
        return maps, torch.cat(seen, dim=2).transpose(1, 2)

    def losses(self, maps, targets):
        """Return the loss of each image: the sum of the losses of the model.

        Parameters
        ----------
        maps : Tensor of shape (n, n_anchors, n_columns)
            What ``forward`` returned.
        targets : Tensor of shape (n, m, 5)
            Boxes in pixels (left, top, right, bottom) and class; a class of -1 is no
            box.

        Returns
        -------
        losses : Tensor of shape (n,)
            As torchvision has it for a batch of one image.
        """
        pairs = zip(maps.split(1), targets, strict=True)
        return torch.stack([self._loss(each, target) for each, target in pairs])

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
        maps : Tensor of shape (n, n_anchors, n_columns)
            What ``forward`` returned.
        image_size : tuple (height, width)
            In pixels, before the model resized them; boxes are cut at the border.
        score_threshold : float, default=0.05
            Boxes of a lower score are none.
        iou_threshold : float, default=0.5
            Of two boxes of a class that overlap by more, the one of higher score stays.
        max_boxes : int, default=100
            Most boxes in an image.
        features : Tensor of shape (n, n_cells, d) or None, default=None
            As from ``forward_with_features``, if those of the objects are wanted.

        Returns
        -------
        found : list of dict
            "boxes" (m, 4), "labels" (m,), "scores" (m,), descending, and "probas"
            (m, n_classes); on the CPU. Scores of RetinaNet and SSD are the probability
            of the label, those of FCOS the root of its product with the centerness.
            "probas" of FCOS and RetinaNet are one sigmoid per class; those of SSD sum
            to one with the background, which is left out. With ``features`` also
            "features" (m, d), those at the anchor.
        """
        found = []
        for k, of_image in enumerate(maps.float().split(1)):
            answer = self._found(of_image, image_size, score_threshold, iou_threshold)
            cells = answer.pop("cells")
            if features is not None:
                answer["features"] = features[k, cells].float()
            found.append({k: part[:max_boxes].cpu() for k, part in answer.items()})
        return found

    def _say(self, X):
        images, features = self._features(X)
        said = self.model.head(features)
        said = [said[name] for name in HEADS[: len(self.columns)]]
        places = self._places(images, features, X.shape[2:])
        return torch.cat([*said, places], dim=2), features

    def _features(self, X):
        images, features = features_of(self.model, X)
        pairs = zip(self.levels, features.values(), strict=True)
        return images, [level(of_level) for level, of_level in pairs]

    def _places(self, images, features, image_size):
        """Return where anchors are, and how images were scaled, (n, n_anchors, 7)."""
        first = features[0]
        # The generators count in the dtype of the maps, and bfloat16 has eight bits.
        dtype = torch.promote_types(first.dtype, torch.float32)
        one = torch.empty((), dtype=dtype, device=first.device)
        anchors = self.model.anchor_generator(
            images, [one.expand(of_level.shape) for of_level in features]
        )
        per_cell = self.model.anchor_generator.num_anchors_per_location()
        cells = [of_level.shape[2:].numel() for of_level in features]
        counts = one.new_tensor([n * k for n, k in zip(per_cell, cells)]).long()
        level = torch.arange(len(counts), device=one.device).repeat_interleave(counts)
        scale = one.new_tensor(images.image_sizes) / one.new_tensor(image_size)
        n, n_anchors = len(anchors), len(level)
        return torch.cat(
            [
                torch.stack(anchors),
                level.to(dtype).expand(n, n_anchors)[..., None],
                scale[:, None].expand(n, n_anchors, 2),
            ],
            dim=2,
        )

    def _parts(self, maps):
        """Return outputs of the heads of one image, anchors, their levels and scale."""
        *said, anchors, level, scale = maps.split([*self.columns, *PLACES], dim=2)
        level = level[0, :, 0].long()
        counts = torch.bincount(level, minlength=len(self.levels)).tolist()
        return dict(zip(HEADS, said)), anchors[0], counts, scale[0, 0]

    def _loss(self, maps, target):
        said, anchors, counts, scale = self._parts(maps)
        target = target[target[:, 4] >= 0]
        target = {
            "boxes": target[:, :4] * scale.flip(0).repeat(2),
            "labels": target[:, 4].long() + self.background,
        }
        beside = []
        if isinstance(self.model, FCOS):
            beside = [counts]
        elif isinstance(self.model, SSD):
            beside = [[self._matched(target["boxes"], anchors)]]
        return sum(self.model.compute_loss([target], said, [anchors], *beside).values())

    def _matched(self, boxes, anchors):
        """Return which box each anchor of SSD is for, -1 for none."""
        if len(boxes) == 0:
            return torch.full((len(anchors),), -1, device=anchors.device)
        return self.model.proposal_matcher(box_iou(boxes, anchors))

    def _found(self, maps, image_size, score_threshold, iou_threshold):
        said, anchors, counts, scale = self._parts(maps)
        probas, scores = self._probas(said)
        at, labels = self._candidates(scores, counts, score_threshold)
        boxes = self._boxes(said["bbox_regression"][0, at], anchors[at])
        size = [round(s * k) for s, k in zip(image_size, scale.tolist())]
        boxes, scores = clip_boxes_to_image(boxes, size), scores[at, labels]
        kept = batched_nms(boxes, scores, labels, iou_threshold)
        back = boxes.new_tensor(image_size) / boxes.new_tensor(size)
        boxes = clip_boxes_to_image(boxes[kept] * back.flip(0).repeat(2), image_size)
        some = (boxes[:, 2:] > boxes[:, :2]).all(dim=1)
        kept = kept[some]
        return {
            "boxes": boxes[some],
            "labels": labels[kept],
            "scores": scores[kept],
            "probas": probas[at[kept]],
            "cells": self._cells(counts, at.device)[at[kept]],
        }

    def _cells(self, counts, device):
        """Return in which cell of the maps each anchor is, level after level."""
        per_cell = self.model.anchor_generator.num_anchors_per_location()
        pairs = list(zip(counts, per_cell, strict=True))
        cells = torch.arange(sum(n // k for n, k in pairs), device=device)
        parts = cells.split([n // k for n, k in pairs])
        return torch.cat([p.repeat_interleave(k) for p, (_, k) in zip(parts, pairs)])

    def _probas(self, said):
        """Return probabilities and scores of each anchor and class."""
        logits = said["cls_logits"][0]
        if self.background:
            probas = F.softmax(logits, dim=1)[:, 1:]
            return probas, probas
        probas = logits.sigmoid()
        if isinstance(self.model, FCOS):
            return probas, (probas * said["bbox_ctrness"][0].sigmoid()).sqrt()
        return probas, probas

    def _candidates(self, scores, counts, threshold):
        """Return anchors and classes: the best of each level, or for SSD of a class."""
        index = torch.arange(scores.numel(), device=scores.device).view(scores.shape)
        blocks = index.T if self.background else index.split(counts)
        flat, best = scores.flatten(), []
        for block in blocks:
            block = block.flatten()
            block = block[flat[block] >= threshold]
            n_best = min(self.model.topk_candidates, len(block))
            best.append(block[flat[block].topk(n_best).indices])
        best = torch.cat(best)
        return best // self.n_classes, best % self.n_classes

    def _boxes(self, regression, anchors):
        coder = self.model.box_coder
        if isinstance(self.model, FCOS):
            return coder.decode(regression, anchors)
        return coder.decode_single(regression, anchors)
