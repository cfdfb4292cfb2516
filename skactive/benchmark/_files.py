"""Names of files for names of any kind, safe on every system."""

import hashlib
import os
import re
import unicodedata
from urllib.parse import quote

# Of a path Windows takes 260 letters, and a run lies two folders down.
LONGEST = 150
LONGEST_PICTURE = 100
# Devices to Windows, with any ending.
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def file_name(name):
    """Return a name that a file may have, another one for every name.

    Ordinary names stay as they are. ``%`` and what follows is never part of a quoted
    name, unless two hexadecimal digits follow.

    Examples
    --------
    >>> from skactive.benchmark._files import file_name
    >>> file_name("CoreSet"), file_name("survey/iris"), file_name(".."), file_name("")
    ('CoreSet', 'survey%2Firis', '%2E%2E', '%empty')
    """
    text = quoted(name)
    if not text:
        return "%empty"
    if not text.strip("."):
        return "%2E" * len(text)
    if text.endswith("."):  # Windows leaves it out
        text = text[:-1] + "%2E"
    if RESERVED.match(text):
        text = f"%{ord(text[0]):02X}{text[1:]}"
    if len(text) > LONGEST:
        text = f"{text[: LONGEST - 40]}%~{short_hash(name, 16)}"
    return text


def folder_of(parent, name):
    """Return the folder of a name below another one, as it is or will be.

    A folder that is there keeps its name: older versions left some names as they were,
    and a name that differs from another in its case alone, which some file systems
    take for the same, has its hash behind it.
    """
    plain, safe = quoted(name), file_name(name)
    try:
        there = set(os.listdir(parent))
    except OSError:
        there = set()
    marked = f"{safe}%~{short_hash(name)}"
    for known in (safe, marked, plain):
        if known in there and known.strip("."):
            return parent / known
    twins = {each.lower() for each in there}
    return parent / (marked if safe.lower() in twins else safe)


def picture_name(name, taken):
    """Return the name of a picture of something, and add it to those that are taken."""
    word = re.sub(r"\W+", "_", name).strip("_")
    key = _folded(word)
    too_long = len(word.encode()) > LONGEST_PICTURE
    if not word or too_long or RESERVED.match(word) or key in taken:
        word = f"{word[: LONGEST_PICTURE // 4]}_{short_hash(name)}".lstrip("_")
    taken.add(_folded(word))
    return f"{word}.png"


def quoted(name):
    """Return a name without separators and the like, nothing else of it changed."""
    return quote(name, safe="", errors="surrogatepass")


def short_hash(name, n=8):
    """Return a few letters that tell a name from others."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:n]


def _folded(word):
    """Return what file systems may take for the same."""
    return unicodedata.normalize("NFC", word).casefold()
