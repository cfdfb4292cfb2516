import copy
import json
import pickle

import numpy as np
import pytest

from skactive.io.label_studio import LabelConfig

TEXT = '<Text name="text" value="$text"/>'
IMAGE = '<Image name="image" value="$image"/>'


def config(inner, **settings):
    return LabelConfig(f"<View>{inner}</View>", **settings)


def choices(more="", attributes=""):
    return (
        f'{TEXT}<Choices name="cls" toName="text"{attributes}>'
        f'<Choice value="pos"/><Choice value="neg"/>{more}</Choices>'
    )


@pytest.mark.parametrize(
    "kind", ["classes", "label_sets", "boxes", "polygons", "masks"]
)
def test_what_is_made_can_be_read(kind):
    labels = ["cat", "dog & <hare>", 'ä"b', "ключ", " "]
    made = LabelConfig.make(kind, labels)
    # Nobody has to scroll past a picture to the question.
    xml = made.to_xml()
    assert xml.index("toName=") < xml.index('value="$')
    assert ("showInline" in xml) == (kind in ("classes", "label_sets"))
    read = LabelConfig(made.to_xml())
    assert read.controls == made.controls
    assert read.control().kind == kind
    assert read.control().labels == tuple(labels)
    assert read.objects == {"image": ("Image", "image")}
    assert read.to_xml() == made.to_xml()


@pytest.mark.parametrize(
    ("of", "tag"),
    [("image", "Image"), ("text", "Text"), ("html", "HyperText"), ("table", "Table")],
)
def test_how_samples_are_shown(of, tag):
    made = LabelConfig.make("numbers", of=of)
    assert made.objects == {of: (tag, of)}
    assert made.control().tag == "Number"
    assert made.control().labels == ()


def test_boxes_cannot_be_turned():
    assert 'canRotate="false"' in LabelConfig.make("boxes", ["car"]).to_xml()


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (("class", ["a"]), "kind is one of"),
        (("classes", ["a"], "video"), "of one of"),
        (("boxes", ["a"], "text"), "asked of images"),
        (("classes", []), "needs a list of names"),
        (("classes", "cat"), "needs a list of names"),
        (("numbers", ["a"]), "needs none"),
        (("classes", [0, 1]), "labels are strings.*got 0"),
        (("classes", ["a", "a"]), "'a' twice"),
        (("classes", ["a", ""]), "without a value"),
    ],
)
def test_what_cannot_be_made(arguments, match):
    kind, labels, *of = arguments
    with pytest.raises(ValueError, match=match):
        LabelConfig.make(kind, labels, of=of[0] if of else "image")


@pytest.mark.real_data
def test_recorded_configs(data_dir):
    path = data_dir / "label_studio" / "label_configs.json"
    found = {
        name: LabelConfig(xml).control()
        for name, xml in json.loads(path.read_text()).items()
    }
    kinds = {name: control.kind for name, control in found.items()}
    assert kinds == {
        "text": "classes",
        "img_single": "classes",
        "img_multi": "label_sets",
        "boxes": "boxes",
        "polygons": "polygons",
        "brush": "masks",
        "number": "numbers",
    }
    assert found["boxes"].labels == ("person", "car")
    assert (found["number"].name, found["number"].to_name) == ("y", "text")


def test_several_questions():
    both = config(
        choices() + '<Number name="y" toName="text"/>'
        '<TextArea name="why" toName="text"/><Header value="Look"/>'
    )
    assert list(both.controls) == ["cls", "y", "why"]
    assert both.controls["why"].kind is None
    assert both.control("y").kind == "numbers"
    assert "why" in repr(both)
    for name in (None, "why", "z"):
        with pytest.raises(ValueError, match=r"\['cls', 'y'\]"):
            both.control(name)
    with pytest.raises(ValueError, match="'RectangleLabels'"):
        config(f'{TEXT}<TextArea name="why" toName="text"/>').control()


def test_nested_tags_and_fixed_texts():
    nested = config(
        f'<Text name="help" value="Which?"/><View style="x">{choices()}</View>'
    )
    assert nested.control().labels == ("pos", "neg")
    assert nested.objects == {"text": ("Text", "text")}


@pytest.mark.parametrize(
    ("xml", "match"),
    [
        ("", "no XML"),
        ("<View>", "no XML"),
        ("just text", "no XML"),
        ("<View/>", "needs a question"),
        (f"<View>{TEXT}</View>", "needs a question"),
        ('<!DOCTYPE v [<!ENTITY a "b">]><View>&a;</View>', "document type"),
        ('<!DOCTYPE v SYSTEM "file:///etc/passwd"><View/>', "document type"),
        ("<View>&a;</View>", "no XML"),
        (f"<View>{choices()}{choices()}</View>", "name 'text' twice"),
        (
            '<View><Choices name="c" toName="image"><Choice value="a"/></Choices>'
            f"{TEXT}</View>",
            r"about 'image', and there is only \['text'\]",
        ),
        (f"<View>{choices(chr(60) + 'Choice/' + chr(62))}</View>", "without a value"),
        (f'<View>{TEXT}<Choices name="c" toName="text"/></View>', "no labels"),
        (
            f'<View>{TEXT}<Choices name="c" toName="text" value="$o"/></View>',
            "come from the data",
        ),
        (f"<View>{choices('<Choice value=' + repr('pos') + '/>')}</View>", "twice"),
    ],
)
def test_strange_xml_is_refused(xml, match):
    with pytest.raises(ValueError, match=match):
        LabelConfig(xml)


@pytest.mark.parametrize("xml", [None, b"<View/>", 3])
def test_xml_is_a_string(xml):
    with pytest.raises(TypeError, match="XML in a string"):
        LabelConfig(xml)


def test_a_bomb_of_entities_costs_nothing():
    lines = "".join(f'<!ENTITY e{k} "{f"&e{k - 1};" * 10}">' for k in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE v [<!ENTITY e0 "ha">{lines}]><v>&e11;</v>'
    with pytest.raises(ValueError, match="document type"):
        LabelConfig(bomb)


def test_classes_of_the_model():
    plain = config(choices()).control()
    assert (plain.label_of("neg"), plain.class_of("neg")) == ("neg", "neg")
    for given in ([1, 0], {"neg": 0, "pos": 1}, np.array([1, 0])):
        control = config(choices(), classes=given).control()
        assert control.label_of(np.int64(0)) == "neg"
        assert control.class_of("pos") == 1
        assert type(control.class_of("pos")) is int
    masks = LabelConfig.make("masks", ["road", "sky"]).control()
    assert masks.classes == (0, 1)


def test_predicted_values_as_the_tool_matches_them():
    control = config(
        f'{IMAGE}<RectangleLabels name="b" toName="image">'
        '<Label value="vehicle" predicted_values="car, Truck"/><Label value="Car"/>'
        "</RectangleLabels>"
    ).control()
    assert control.label_of("car") == "vehicle"
    assert control.label_of("Car") == "Car"
    assert control.label_of("TRUCK") == "vehicle"
    assert control.label_of("VEHICLE") == "vehicle"
    with pytest.raises(ValueError, match="'CAR' is no label"):
        control.label_of("CAR")  # of two


def test_the_alias_is_what_answers_hold():
    control = config(choices('<Choice value="Do not know" alias="dk"/>')).control()
    assert control.labels == ("pos", "neg", "dk")


@pytest.mark.parametrize("value", ["ham", 0, 1, True, 1.0, None, np.nan, ("pos",)])
def test_unknown_classes_are_refused(value):
    with pytest.raises(ValueError, match=r"no label of 'cls'.*classes="):
        config(choices()).control().label_of(value)


def test_text_and_number_are_two_classes():
    control = LabelConfig.make("classes", ["0", "1"], classes=[1, 0]).control()
    assert control.label_of(1) == "0"
    assert control.label_of("1") == "1"


@pytest.mark.parametrize("label", ["ham", "POS", None, 3, ["pos"], {}])
def test_unknown_labels_are_refused(label):
    with pytest.raises(ValueError, match="no label of 'cls'"):
        config(choices()).control().class_of(label)


@pytest.mark.parametrize(
    ("kind", "settings", "match"),
    [
        ("classes", {"classes": [0]}, "one class for each label"),
        ("classes", {"classes": {"a": 1}}, "one class for each label"),
        ("classes", {"classes": [1, 1]}, "a class twice"),
        ("masks", {"classes": ["a", "b"]}, "Masks hold integers"),
        ("masks", {"unpainted": 1}, "also the class of the label 'b'"),
        ("polygons", {"unpainted": None}, "Masks hold integers"),
        ("masks", {"classes": [255, 0]}, "also the class of the label 'a'"),
    ],
)
def test_classes_that_do_not_go_with_the_labels(kind, settings, match):
    with pytest.raises(ValueError, match=match):
        LabelConfig.make(kind, ["a", "b"], **settings)


def test_configs_are_copied_and_pickled():
    made = LabelConfig.make("masks", ["a", "b"], classes=[1, 2], unpainted=0)
    for again in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert again.controls == made.controls
        assert again.unpainted == 0
