"""Paths of pictures, read where a model looks at them."""

import pickle
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from PIL import Image
from sklearn.base import clone
from sklearn.utils import get_tags

from skactive.datasets import resize_images
from skactive.nets import ImageReader

pytestmark = pytest.mark.deep


@pytest.fixture
def paths(tmp_path):
    rng = np.random.RandomState(0)
    found = []
    for k, size in enumerate([(8, 8), (20, 30), (5, 9), (8, 40), (16, 16)]):
        pixels = rng.randint(256, size=(*size, 3)).astype(np.uint8)
        found.append(str(tmp_path / f"{k}.png"))
        Image.fromarray(pixels).save(found[-1])
    return found


def test_images_are_those_that_are_resized_later(paths):
    read = [np.asarray(Image.open(path)) for path in paths]
    whole, _ = resize_images(read, None, (8, 10))
    images = ImageReader((8, 10)).fit_transform(paths)
    assert images.dtype == np.uint8 and images.flags.c_contiguous
    assert_array_equal(images, whole.transpose(0, 3, 1, 2))


def test_an_image_depends_on_its_file_alone(paths):
    together = ImageReader(8).transform(paths)
    one_by_one = [ImageReader(8).transform([path])[0] for path in paths]
    assert_array_equal(together, one_by_one)


@pytest.mark.parametrize("n_jobs", [2, 3, 16, -1])
def test_any_number_of_threads_reads_the_same(paths, n_jobs):
    many = paths * 5
    assert_array_equal(
        ImageReader(8, n_jobs=n_jobs).transform(many), ImageReader(8).transform(many)
    )
    with joblib.parallel_config("loky", n_jobs=2):
        assert_array_equal(
            ImageReader(8).transform(paths), ImageReader(8).transform(many)[:5]
        )


@pytest.mark.parametrize("mode, channels", [("L", 1), ("RGB", 3), ("RGBA", 4)])
def test_modes_have_their_channels(paths, tmp_path, mode, channels):
    Image.open(paths[1]).convert("P").save(tmp_path / "palette.png")
    Image.open(paths[1]).convert("L").save(tmp_path / "gray.png")
    Image.fromarray(np.ones((4, 4), bool)).save(tmp_path / "bits.png")
    kinds = [tmp_path / f"{kind}.png" for kind in ("palette", "gray", "bits")]
    images = ImageReader(4, mode=mode).transform([*kinds, paths[1]])
    assert images.shape == (4, channels, 4, 4)
    assert (images[2] == 255).all()


def test_pictures_stand_as_the_camera_was_held(tmp_path):
    pixels = np.zeros((4, 8, 3), np.uint8)
    pixels[:, :4] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    image = ImageReader((8, 4), mode="L").transform([tmp_path / "a.png"])[0, 0]
    assert (image[:4] == 255).all() and (image[4:] == 0).all()


CONTAINERS = {
    "list": list,
    "tuple": tuple,
    "Path": lambda paths: [Path(path) for path in paths],
    "objects": lambda paths: np.array(paths, dtype=object),
    "strings": np.array,
    "column": lambda paths: np.array(paths, dtype=object)[:, None],
    "series": pd.Series,
    "frame": lambda paths: pd.DataFrame({"path": paths}),
    "categories": lambda paths: pd.Series(paths, dtype="category"),
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_paths_may_lie_in_any_container(paths, kind):
    images = (
        ImageReader(8).fit(CONTAINERS[kind](paths)).transform(CONTAINERS[kind](paths))
    )
    assert_array_equal(images, ImageReader(8).transform(paths))


def test_no_rows_are_no_images():
    assert ImageReader(8).transform(np.array([], dtype=object)).shape == (0, 3, 8, 8)


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_a_file_that_has_vanished_is_named(paths, n_jobs):
    reader = ImageReader(8, n_jobs=n_jobs)
    Path(paths[1]).unlink()
    words = r"1\.png, at position 1 of 5 paths, is not there\. Take"
    with pytest.raises(FileNotFoundError, match=words):
        reader.transform(paths)
    Path(paths[4]).unlink()
    with pytest.raises(FileNotFoundError, match=r"1\.png, .* So it is with 1 more"):
        reader.transform(paths)


def text(path):
    path.write_text("no picture")


def cut_off(path):
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def empty(path):
    path.write_bytes(b"")


def folder(path):
    path.unlink()
    path.mkdir()


def deep(path):
    Image.fromarray(np.full((4, 4), 40000, np.uint16)).save(path)


@pytest.mark.parametrize("spoil", [text, cut_off, empty, folder, deep])
def test_a_file_that_is_no_picture_is_named(paths, spoil):
    spoil(Path(paths[2]))
    words = r"2\.png, at position 2 of 5 paths, cannot be read as a picture: .{5}"
    with pytest.raises(ValueError, match=words):
        ImageReader(8, n_jobs=2).transform(paths)


def saved(kind, image, path):
    other = Image.fromarray(255 - np.asarray(image))
    more = {"save_all": True, "append_images": [other]}
    if kind in ("CMYK", "P", "LA", "YCbCr"):
        image.convert(kind).save(path, format="TIFF")
    elif kind == "wrong name":
        image.save(path, format="BMP")
    else:
        image.save(
            path, format=kind, **({"lossless": True} if kind == "WebP" else {}), **more
        )


@pytest.mark.parametrize(
    "kind", ["CMYK", "P", "LA", "YCbCr", "wrong name", "GIF", "WebP", "PNG"]
)
def test_pictures_of_other_kinds_are_read(tmp_path, kind):
    """Other colors, the first of several frames, and what a name does not say."""
    path = tmp_path / "a.jpg"
    pixels = np.full((8, 8, 3), 204, dtype=np.uint8)
    saved(kind, Image.fromarray(pixels), path)
    found = ImageReader(8).transform([path])
    assert found.shape == (1, 3, 8, 8)
    assert abs(found.astype(int) - 204).max() <= 2


def test_pictures_of_16_bits_are_named(tmp_path):
    path = tmp_path / "deep.png"
    Image.fromarray(np.full((8, 8), 60_000, dtype=np.uint16)).save(path)
    with pytest.raises(ValueError, match="deep.png, at position 0.*Scale it to 8 bits"):
        ImageReader(8).transform([path])


def test_floats_in_a_file_are_not_cut_to_bytes(tmp_path):
    Image.fromarray(np.full((4, 4), 0.5, np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(ValueError, match="mode 'F', and all above 255 would become"):
        ImageReader(4).transform([tmp_path / "a.tif"])


@pytest.mark.parametrize(
    "X, words",
    [
        ("a.png", "X is one path, 'a.png'. Pass a list"),
        (Path("a.png"), "X is one path, 'a.png'"),
        (["a.png", None], "at position 1 NoneType None"),
        (["a.png", np.nan], "at position 1 float nan"),
        (["a.png", ""], "at position 1 str ''"),
        ([b"a.png"], "at position 0 bytes"),
        (np.zeros((2, 3, 8, 8)), r"position 0 ndarray of shape \(3, 8, 8\)"),
        (pd.DataFrame({"a": ["x"], "b": ["y"]}), "pass the one column of paths"),
    ],
)
def test_what_is_no_path_is_refused_in_fit_and_after(X, words):
    for method in ("fit", "transform"):
        with pytest.raises(ValueError, match=words):
            getattr(ImageReader(8), method)(X)


@pytest.mark.parametrize("size", [0, -3, (8,), (8, 8, 3), (8, 0), (8.0, 8), "8", 8.5])
def test_a_size_is_one_number_of_pixels_or_two(paths, size):
    with pytest.raises(ValueError, match="The 'size' parameter of ImageReader must be"):
        ImageReader(size).transform(paths)


@pytest.mark.parametrize("settings", [{"mode": "CMYK"}, {"n_jobs": 1.5}])
def test_other_settings_are_checked(paths, settings):
    with pytest.raises(ValueError, match=f"The '{next(iter(settings))}' parameter of"):
        ImageReader(8, **settings).fit(paths)


def test_it_is_a_transformer_without_a_state(paths):
    reader = ImageReader((4, 6), mode="L")
    before = vars(reader).copy()
    images = reader.fit_transform(paths)
    assert vars(reader) == before and not get_tags(reader).requires_fit
    for twin in (clone(reader), pickle.loads(pickle.dumps(reader))):
        assert_array_equal(twin.transform(paths), images)
