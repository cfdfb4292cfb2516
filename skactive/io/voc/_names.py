"""Names of images in VOC: those of their files without the ending."""

from skactive.io._ids import as_text, checked_ids

ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".gif", ".webp")


def image_names(ids, owner):
    """Return the name in VOC of each sample.

    Examples
    --------
    >>> from skactive.io.voc._names import image_names
    >>> image_names(["harbor_07.jpg", "v1.2"], "a list")
    ['harbor_07', 'v1.2']
    """
    ids = checked_ids(ids, owner=owner)
    names = as_text([without_ending(name) for name in ids], owner)
    for name in names:
        if not name or name in (".", "..") or set(name) & set("/\\\0\n\r"):
            raise ValueError(
                f"ids of {owner} are names of pictures, without folders; got {name!r}. "
                "Give the name of each picture alone."
            )
    return names


def without_ending(name):
    """Return the name of a picture without its ending."""
    text = str(name)
    for ending in ENDINGS:
        if text.lower().endswith(ending):
            return text[: -len(ending)]
    return text
