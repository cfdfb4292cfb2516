"""A file of COCO, taken apart and checked."""

from collections.abc import Mapping

from skactive.io._files import read_json
from skactive.io._ids import Rows, checked_ids, short
from skactive.io.coco._rle import decode_rle, is_number, polygons_to_mask
from skactive.utils._boxes import as_boxes

#: What the description of a query says, so that it is not read as answers.
UNANSWERED = "A query: nobody has answered yet"


class CocoFile:
    """What is in a file of COCO, by the numbers that it gives to things.

    Parameters
    ----------
    path : str or path-like
        The file.

    Attributes
    ----------
    images : dict
        The entry of each image, in the order of the file.
    categories : dict
        The name of each category.
    annotations : dict
        Of each image, a list of (where, entry); "where" is for messages.
    """

    def __init__(self, path):
        self.path = str(path)
        content = read_json(path)
        if not isinstance(content, Mapping):
            raise ValueError(
                f"{self.path!r} is no file of COCO, but {short(content)}. A list of "
                "predictions is read by read_predictions; other formats have readers "
                "of their own."
            )
        images = self._entries(content, "images")
        self.images = _by_id(images, "file_name", IMAGE_TWICE)
        for where, image in images:
            _check_size(where, image)
        categories = _by_id(self._entries(content, "categories"), "name", "Rename one.")
        self.categories = {key: entry["name"] for key, entry in categories.items()}
        self.annotations = {key: [] for key in self.images}
        seen = set()
        for where, entry in self._entries(content, "annotations"):
            self.check_links(where, entry)
            _check_flags(where, entry)
            key = _plain(entry.get("id"))
            if key is not None and key in seen:
                raise ValueError(f"{where} is there twice: {ID_TWICE}")
            seen.add(key)
            self.annotations[entry["image_id"]].append((where, entry))
        self.is_query = UNANSWERED in str(content.get("info"))

    def rows(self, ids, owner):
        """Yield (row, image id) of each image, by file name or by image id.

        Names that are strings are file names, and integers are the ids of images.
        """
        names = checked_ids(ids, owner=owner)
        kinds = {type(name) for name in names}
        if len(kinds) > 1:
            raise ValueError(
                f"ids of {owner} must be either file names, strings, or ids of images, "
                "integers; got both."
            )
        rows, by_name = Rows(names), kinds == {str}
        for key, image in self.images.items():
            name = image["file_name"] if by_name else key
            yield rows.row_of(name, f"{self.path!r}: image {key!r}"), key

    def check_links(self, where, entry):
        """Refuse an entry about an image or a category that is not in the file."""
        for key, known in (("image_id", self.images), ("category_id", self.categories)):
            value = entry.get(key)
            if _plain(value) is None or value not in known:
                raise ValueError(
                    f"{where}: the {key} {short(value)} is not among those of the "
                    f"file, {short(list(known))}. Add its entry, or delete this one."
                )

    def size(self, image_id):
        """Return (height, width) of an image."""
        return self.images[image_id]["height"], self.images[image_id]["width"]

    def category(self, entry):
        """Return the name of the category of an entry."""
        return self.categories[entry["category_id"]]

    def boxes(self, image_id, entries, labels, **more):
        """Return the boxes of an image, checked, the faulty entry named.

        Parameters
        ----------
        image_id : int or str
            Which image.
        entries : list of (str, dict)
            Its annotations.
        labels : ndarray of shape (n_entries,)
            Their classes.
        **more : ndarray of shape (n_entries,)
            What else the answer holds.

        Returns
        -------
        boxes : dict
            "boxes", "labels", and what else was given.
        """
        size = self.size(image_id)
        corners = [_corners(where, entry) for where, entry in entries]
        try:
            return as_boxes({"boxes": corners, "labels": labels, **more}, "", size)
        except ValueError:
            for (where, _), box in zip(entries, corners):
                as_boxes({"boxes": [box], "labels": [0]}, where, size)
            raise

    def mask(self, image_id, where, entry):
        """Return the mask of an annotation."""
        drawn, size = entry.get("segmentation"), self.size(image_id)
        if not drawn:
            raise ValueError(
                f"{where} has no segmentation, only a box. Boxes are read by "
                "coco.read_boxes; for masks, export polygons or RLE."
            )
        try:
            if isinstance(drawn, list):
                mask = polygons_to_mask(_inside(drawn, size), size)
            elif not isinstance(drawn, dict):
                raise ValueError(f"{short(drawn)} is no segmentation that COCO has.")
            elif drawn.get("size") != list(size):
                raise ValueError(
                    f"The segmentation has the size {short(drawn.get('size'))}, and "
                    f"the image is {size[0]} high and {size[1]} wide. It is of another "
                    "image, or of one that was resized."
                )
            else:
                mask = decode_rle(drawn)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None
        return mask

    def _entries(self, content, key):
        """Return (where, entry) of each entry of a list in the file."""
        entries = content.get(key)
        if not isinstance(entries, list):
            raise ValueError(
                f"{self.path!r} has no list {key!r}, as files of COCO have; it has "
                f"{short(list(content))}. Give a file of COCO."
            )
        kind = {"categories": "category"}.get(key, key[:-1])
        found = []
        for n, entry in enumerate(entries):
            if not isinstance(entry, Mapping):
                raise ValueError(
                    f"{self.path!r}: {kind} {n} is {short(entry)}, and no JSON object."
                )
            found.append((f"{self.path!r}: {kind} {entry.get('id', n)!r}", entry))
        return found


IMAGE_TWICE = (
    "An image has one entry. Label Studio writes one for each annotator and forgets "
    "the ids: read its JSON export instead, or keep one of them."
)
ID_TWICE = "give each entry an id of its own, as where two files were put together."


def is_set_aside(entry):
    """Tell whether an annotation is around a crowd, or marked to be ignored."""
    return bool(entry.get("iscrowd", 0) or entry.get("ignore", 0))


def _by_id(entries, name, remedy):
    """Return entries by their ids, ids and names all different."""
    found, names = {}, {}
    for where, entry in entries:
        key = _plain(entry.get("id"))
        if key is None:
            raise ValueError(f"{where} needs an id, an integer; got {short(entry)}.")
        if not isinstance(entry.get(name), str) or not entry[name]:
            raise ValueError(f"{where} needs a {name!r}, a string; got {short(entry)}.")
        if key in found:
            raise ValueError(f"{where} is there twice: {ID_TWICE}")
        if entry[name] in names:
            raise ValueError(
                f"{where} has the {name} {entry[name]!r}, and so has "
                f"{names[entry[name]]}. {remedy}"
            )
        found[key], names[entry[name]] = entry, where
    return found


def _plain(key):
    """Return an id, or None for what is none."""
    return key if isinstance(key, (int, str)) and not isinstance(key, bool) else None


def _check_size(where, image):
    sides = image.get("height"), image.get("width")
    if not all(type(side) is int and 0 < side < 1e6 for side in sides):
        raise ValueError(
            f"{where} needs a height and a width in pixels, above 0; got {sides}. "
            "Write those of the picture into the file."
        )


def _check_flags(where, entry):
    for key in ("iscrowd", "ignore"):
        if entry.get(key, 0) not in (0, 1):
            raise ValueError(f"{where}: {key} is 0 or 1, got {short(entry[key])}.")


def _corners(where, entry):
    """Return left, top, right, bottom of an annotation."""
    box = entry.get("bbox")
    if not isinstance(box, list) or len(box) != 4 or not all(map(is_number, box)):
        raise ValueError(
            f"{where} needs a bbox, [left, top, width, height] in pixels; got "
            f"{short(box)}."
        )
    left, top, width, height = box
    return [left, top, left + width, top + height]


def _inside(polygons, size):
    """Return polygons that leave the image by no more than a pixel, or refuse them."""
    height, width = size
    for polygon in polygons:
        if isinstance(polygon, list) and all(map(is_number, polygon)):
            x, y = polygon[::2] or [0], polygon[1::2] or [0]
            out = (
                min(x) < -1 or max(x) > width + 1 or min(y) < -1 or max(y) > height + 1
            )
            if out:
                raise ValueError(
                    f"the polygon {short(polygon)} is outside the image, {width} wide "
                    f"and {height} high. It is of another image, or not in pixels."
                )
    return polygons
