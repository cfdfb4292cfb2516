import base64
from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from skactive.io.label_studio import local_file_url, picture_to_uri

Image = pytest.importorskip("PIL.Image", reason="decodes what was encoded")


def shown(picture):
    from io import BytesIO

    head, _, data = picture_to_uri(picture).partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(BytesIO(base64.b64decode(data))))


RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(7, 9), (1, 1), (5, 6, 3), (5, 6, 4), (5, 6, 2)])
def test_bytes_are_shown_as_they_are(shape):
    picture = RNG.integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(shown(picture), picture)
    np.testing.assert_array_equal(shown(picture.astype(int)), picture)


@pytest.mark.parametrize("channels", [3, 4])
def test_channels_first(channels):
    picture = RNG.integers(0, 256, (channels, 8, 6), dtype=np.uint8)
    np.testing.assert_array_equal(shown(picture), np.moveaxis(picture, 0, -1))
    np.testing.assert_array_equal(shown(picture[:1]), picture[0])


def test_floats_booleans_and_views():
    picture = RNG.integers(0, 256, (8, 6), dtype=np.uint8)
    for dtype in (np.float32, np.float64):
        np.testing.assert_array_equal(shown((picture / 255).astype(dtype)), picture)
    np.testing.assert_array_equal(shown(picture > 99), (picture > 99) * 255)
    np.testing.assert_array_equal(shown(picture[::-2, ::3]), picture[::-2, ::3])


@pytest.mark.parametrize(
    ("picture", "match"),
    [
        (np.zeros(64), "reshape"),
        (np.zeros((2, 3, 4, 5)), "reshape"),
        (np.zeros((0, 5)), r"shape \(0, 5\)"),
        (np.zeros((8, 8, 5)), r"shape \(8, 8, 5\)"),
        (np.zeros((3, 8, 3)), "first or last"),
        (np.full((5, 5), 1.5), "values of 0 to 1; got 1.5"),
        (np.full((5, 5), -0.1), "Undo its scaling"),
        (np.full((5, 5), np.nan), "values of 0 to 1"),
        (np.full((5, 5), 256), "values of 0 to 255"),
        (np.full((5, 5), -1), "values of 0 to 255"),
        (np.full((5, 5), "a"), "numbers"),
        (np.full((5, 5), 1j), "numbers"),
    ],
)
def test_what_is_no_picture_is_refused(picture, match):
    with pytest.raises(ValueError, match=match):
        picture_to_uri(picture)


@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        ("imgs/a.png", "imgs/a.png"),
        ("a b#c?d&e=f%.png", "a%20b%23c%3Fd%26e%3Df%25.png"),
        ("bär/é.png", "b%C3%A4r/%C3%A9.png"),
        ("./x/../a.png", "a.png"),
    ],
)
def test_addresses_are_quoted(path, quoted):
    url = f"/data/local-files/?d={quoted}"
    assert local_file_url(path) == url
    assert local_file_url(PurePosixPath(path)) == url
    assert local_file_url(Path("/srv/files") / path, root="/srv/files") == url
    assert local_file_url(path, root="/srv/files/") == url


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("../a.png", None),
        ("x/../../a.png", None),
        ("/srv/other/a.png", "/srv/files"),
        ("/srv/files2/a.png", "/srv/files"),
        ("../a.png", "/srv/files"),
        ("/srv/files", "/srv/files"),
        ("", None),
    ],
)
def test_files_elsewhere_are_refused(path, root):
    with pytest.raises(ValueError, match="not below root"):
        local_file_url(path, root)


def test_an_absolute_path_needs_a_root():
    with pytest.raises(ValueError, match="LOCAL_FILES_DOCUMENT_ROOT"):
        local_file_url("/srv/files/a.png")
