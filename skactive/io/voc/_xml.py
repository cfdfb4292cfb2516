"""XML that others wrote: read without entities, and what is in one file of VOC."""

from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from skactive.io._ids import short


def parse(data, where):
    """Return the root element of an XML text that has no document type.

    Parameters
    ----------
    data : bytes
        The text.
    where : str
        What it is, for messages.

    Returns
    -------
    root : xml.etree.ElementTree.Element
        With all that is below it.

    Notes
    -----
    Entities, by which a small file becomes gigabytes or opens other files, are declared
    in a document type only. It is refused by the parser itself, in any encoding.

    Examples
    --------
    >>> from skactive.io.voc._xml import parse
    >>> parse(b"<a><b>1</b></a>", "The file").findtext("b")
    '1'
    >>> parse(b"<!DOCTYPE a><a/>", "The file")
    Traceback (most recent call last):
        ...
    ValueError: The file declares a document type, which files of VOC do not. ...
    """

    def refuse(*declared):
        raise ValueError(
            f"{where} declares a document type, which files of VOC do not. It may hold "
            "entities that fill the memory, and is not read."
        )

    builder, parser = ElementTree.TreeBuilder(), expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError) as error:  # or an unknown encoding
        raise ValueError(
            f"{where} is no XML ({error}). It was cut off, or is of another format."
        ) from error
    return builder.close()


def parse_file(path):
    """Return the root element of a file of VOC."""
    root = parse(Path(path).read_bytes(), repr(str(path)))
    if root.tag != "annotation":
        raise ValueError(
            f"{str(path)!r} is no file of VOC: its root is <{short(root.tag)[1:-1]}>, "
            "not <annotation>."
        )
    return root


def text_of(element, key, where):
    """Return the text of a child, which there must be."""
    found = (element.findtext(key) or "").strip()
    if not found:
        raise ValueError(f"{where} has no <{key}>. Write it, or export the file again.")
    return found


def number_of(element, key, where):
    """Return the number in a child."""
    text = text_of(element, key, where)
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not abs(number) < 1e9:  # NaN is not
        raise ValueError(f"{where}: <{key}> is {short(text)}, which is no pixel.")
    return number


def size_of(root, where):
    """Return (height, width) of the image of a file."""
    size = root.find("size")
    if size is None:
        raise ValueError(f"{where} has no <size>. Write that of the picture into it.")
    sides = [number_of(size, key, where) for key in ("height", "width")]
    if not all(side.is_integer() and 0 < side < 1e6 for side in sides):
        raise ValueError(
            f"{where}: <size> has the height and width {sides}; they must be whole and "
            "above 0. Write those of the picture into it."
        )
    return int(sides[0]), int(sides[1])


def to_xml(name, value):
    """Return an element: of a dict or of pairs with children, else with text."""
    element = ElementTree.Element(name)
    if isinstance(value, dict):
        value = list(value.items())
    if isinstance(value, list):
        element.extend(to_xml(*pair) for pair in value)
    else:
        element.text = str(value)
    return element


def serialized(root, where):
    """Return the text of an element, which can be read again."""
    ElementTree.indent(root, "  ")
    text = ElementTree.tostring(root, encoding="unicode") + "\n"
    try:
        parse(text.encode("utf-8"), where)
    except ValueError as error:  # characters that no XML may hold
        raise ValueError(
            f"{where}: it has a name that cannot be written as XML ({error})."
        ) from None
    return text
