"""The labeling config of a project: which questions the tool puts, and its labels."""

from dataclasses import dataclass, field
from xml.etree import ElementTree

#: What the tags of the tool ask for; of other tags no answer is read.
KINDS = {
    "Choices": "classes",
    "RectangleLabels": "boxes",
    "PolygonLabels": "polygons",
    "BrushLabels": "masks",
    "Number": "numbers",
}
TAGS = {**{kind: tag for tag, kind in KINDS.items()}, "label_sets": "Choices"}
#: How a sample is shown, and the tag for it.
SHOWN = {"image": "Image", "text": "Text", "html": "HyperText", "table": "Table"}


@dataclass(frozen=True)
class Control:
    """One question of a labeling config.

    Made by :class:`LabelConfig`.

    Parameters
    ----------
    name, to_name : str
        Its name, and that of what it is asked about.
    tag : str
        Its tag in the XML, such as "Choices".
    kind : str or None, default=None
        "classes", "label_sets", "numbers", "boxes", "polygons", "masks"; None: a tag
        whose answers are not read.
    labels : tuple of str, default=()
        The labels, as they are in an answer.
    classes : tuple, default=()
        What the model calls each of them.
    predicted : dict, default={}
        Classes of a model, by name, and the label that each of them is shown as.

    Examples
    --------
    >>> from skactive.io.label_studio import LabelConfig
    >>> LabelConfig.make("classes", ["cat", "dog"]).control().labels
    ('cat', 'dog')
    """

    name: str
    to_name: str
    tag: str
    kind: str = None
    labels: tuple = ()
    classes: tuple = ()
    predicted: dict = field(default_factory=dict)

    def label_of(self, value):
        """Return the label for a class of the model.

        Parameters
        ----------
        value : int, str or bool
            The class.

        Returns
        -------
        label : str
            Of the class itself; else the label that names the class in
            ``predicted_values``, or that differs from it in case only.

        Raises
        ------
        ValueError
            If there is none.
        """
        value = value.item() if hasattr(value, "item") else value
        for known, label in zip(self.classes, self.labels, strict=True):
            if known == value:
                return label
        names = {**{label: label for label in self.labels}, **self.predicted}
        if isinstance(value, str):
            if value in names:
                return names[value]
            folded = {}
            for name, label in names.items():
                folded.setdefault(name.casefold(), set()).add(label)
            if len(found := folded.get(value.casefold(), ())) == 1:
                return next(iter(found))
        raise ValueError(
            f"{value!r} is no label of {self.name!r}, which has "
            f"{_listed(self.labels)} for the classes {_listed(self.classes)}. Write it "
            "into the config, or say by LabelConfig(classes=...) what the model calls "
            "each label"
        )

    def class_of(self, label):
        """Return what the model calls a label.

        Parameters
        ----------
        label : str
            As it is in an answer.

        Returns
        -------
        value : int, str or bool
            The class.

        Raises
        ------
        ValueError
            If the config has no such label.
        """
        if label not in self.labels:
            raise ValueError(
                f"{label!r} is no label of {self.name!r}, which has "
                f"{_listed(self.labels)}"
            )
        return self.classes[self.labels.index(label)]


class LabelConfig:
    """Read or make the labeling config of a Label Studio project.

    Parameters
    ----------
    xml : str
        The XML, as on the page of the project's settings ("label_config" in replies of
        the server).
    classes : sequence or dict, default=None
        What the model calls the labels: in their order, or {label: class}. None: by
        their names; in masks, and in polygons, by their numbers from 0.
    unpainted : int, default=255
        What a mask holds where nobody painted. 255 has no class, and losses ignore it;
        where the model knows a background, its class.

    Attributes
    ----------
    controls : dict of Control
        The questions by name. Answers are read of choices, numbers, boxes, polygons and
        brushes; others have the kind None.
    objects : dict
        What is shown, by name: its tag and the key of the data that it shows.

    Raises
    ------
    ValueError
        If this is no such XML, has a document type or entities, names twice, a
        question about something that is not there, or labels that come from the data;
        or if ``classes`` do not go with the labels.

    See Also
    --------
    to_tasks : Writes what is asked.
    read_export : Reads what was answered.

    Notes
    -----
    The attribute ``predicted_values="car,truck"`` of a label names the classes of a
    model that are shown as it. Answers name the label: give ``classes`` where the model
    has to have them in its own words. An ``alias`` is what answers hold, so it is the
    label.

    Cost: negligible.

    Examples
    --------
    >>> from skactive.io.label_studio import LabelConfig
    >>> config = LabelConfig.make("classes", ["cat", "dog"], classes=[0, 1])
    >>> print(config.to_xml())
    <View>
      <Choices name="label" toName="image" choice="single" showInline="true">
        <Choice value="cat" />
        <Choice value="dog" />
      </Choices>
      <Image name="image" value="$image" />
    </View>
    >>> config.control().label_of(1), config.control().class_of("cat")
    ('dog', 0)
    """

    def __init__(self, xml, *, classes=None, unpainted=255):
        self.xml = xml
        self.classes = classes
        self.unpainted = unpainted
        root = _parsed(xml)
        self.objects, self.controls, names = {}, {}, set()
        for element in root.iter():
            if element.get("name") is not None:
                self._add(element, names)
        if not self.controls:
            raise ValueError(
                "A labeling config needs a question, such as <Choices name=... "
                f"toName=...>; this one has none: {xml[:80]!r}."
            )
        for control in self.controls.values():
            if control.to_name not in names - set(self.controls):
                raise ValueError(
                    f"{control.name!r} of the labeling config is about "
                    f"{control.to_name!r}, and there is only {list(self.objects)}."
                )

    @classmethod
    def make(cls, kind, labels=(), *, of="image", classes=None, unpainted=255):
        """Make a config with one question.

        Parameters
        ----------
        kind : {"classes", "label_sets", "numbers", "boxes", "polygons", "masks"}
            What is asked of each sample: a class, several or none, a number, boxes, or
            the class of each pixel, as polygons or with a brush.
        labels : sequence of str, default=()
            The labels; none for numbers.
        of : {"image", "text", "html", "table"}, default="image"
            How samples are shown; the key of the data has the same name. A "table" is
            the names and values of one row.
        classes : sequence or dict, default=None
            As in the constructor.
        unpainted : int, default=255
            As in the constructor.

        Returns
        -------
        config : LabelConfig
            The config, with the question on top. Boxes cannot be turned in it.
        """
        if kind not in TAGS or of not in SHOWN:
            raise ValueError(
                f"kind={kind!r}, of={of!r}: kind is one of {list(TAGS)}, and of one of "
                f"{list(SHOWN)}."
            )
        dense = kind in ("boxes", "polygons", "masks")
        if dense and of != "image":
            raise ValueError(f"kind={kind!r} is asked of images, not of={of!r}.")
        if isinstance(labels, str) or bool(len(labels)) == (kind == "numbers"):
            raise ValueError(
                f"labels={labels!r}: kind={kind!r} needs "
                f"{'none' if kind == 'numbers' else 'a list of names'}."
            )
        root = ElementTree.Element("View")
        more = {"boxes": {"canRotate": "false"}}
        more["classes"] = {"choice": "single", "showInline": "true"}
        more["label_sets"] = {"choice": "multiple", "showInline": "true"}
        element = ElementTree.SubElement(
            root, TAGS[kind], name="label", toName=of, **more.get(kind, {})
        )
        for label in labels:
            if not isinstance(label, str):
                raise ValueError(
                    f"labels are strings, as people see them; got {label!r}. Pass "
                    "classes for what the model calls them."
                )
            tag = "Label" if dense else "Choice"
            ElementTree.SubElement(element, tag, value=str(label))
        # Below a large picture, people would scroll to the labels of every task.
        ElementTree.SubElement(root, SHOWN[of], name=of, value=f"${of}")
        ElementTree.indent(root)
        xml = ElementTree.tostring(root, encoding="unicode")
        return cls(xml, classes=classes, unpainted=unpainted)

    def to_xml(self):
        """Return the XML, as it was given or made.

        Returns
        -------
        xml : str
            For the settings of a project.
        """
        return self.xml

    def control(self, name=None):
        """Return one question.

        Parameters
        ----------
        name : str, default=None
            Its name. None: the only one of which answers are read.

        Returns
        -------
        control : Control
            The question.

        Raises
        ------
        ValueError
            If there is none of that name, or more than one without a name.
        """
        read = [c for c in self.controls.values() if c.kind is not None]
        found = read if name is None else [c for c in read if c.name == name]
        if len(found) != 1:
            raise ValueError(
                f"control={name!r}: the labeling config has "
                f"{[c.name for c in read]} of which answers are read"
                f"{'' if read else ', tags ' + str(list(KINDS))}. Pass control= one "
                "of these."
            )
        return found[0]

    def __repr__(self):
        parts = [
            f"{c.name!r}: {c.kind or c.tag}, {len(c.labels)} labels"
            for c in self.controls.values()
        ]
        return f"<LabelConfig {'; '.join(parts)}>"

    def _add(self, element, names):
        """Take a tag that has a name."""
        name, to_name = element.get("name"), element.get("toName")
        if name in names:
            raise ValueError(f"The labeling config has the name {name!r} twice.")
        names.add(name)
        if to_name is not None:
            self.controls[name] = self._control(element, name, to_name)
        elif element.get("value", "").startswith("$"):
            self.objects[name] = (element.tag, element.get("value")[1:])

    def _control(self, element, name, to_name):
        kind = KINDS.get(element.tag)
        if kind is None:
            return Control(name, to_name, element.tag)
        if element.get("value", "").startswith("$"):
            raise ValueError(
                f"The labels of {name!r} come from the data, {element.get('value')}. "
                "Write them into the labeling config: it must be known which there are."
            )
        if kind == "classes" and element.get("choice") == "multiple":
            kind = "label_sets"
        labels, predicted = [], {}
        for child in element.iter():
            if child is element or child.tag not in ("Label", "Choice"):
                continue
            label = child.get("alias") or child.get("value")
            if not label or label in labels:
                fault = f"{label!r} twice" if label else "a label without a value"
                raise ValueError(f"{name!r} of the labeling config has {fault}.")
            labels.append(label)
            for value in filter(None, child.get("predicted_values", "").split(",")):
                predicted[value.strip()] = label
        if not labels and kind != "numbers":
            raise ValueError(f"{name!r} of the labeling config has no labels.")
        classes = self._classes(name, labels, kind)
        return Control(
            name, to_name, element.tag, kind, tuple(labels), classes, predicted
        )

    def _classes(self, name, labels, kind):
        """Return what the model calls the labels of a question."""
        given = self.classes
        painted = kind in ("masks", "polygons")
        if given is None or kind == "numbers":
            classes = list(range(len(labels))) if painted else labels
        elif isinstance(given, dict):
            classes = [given.get(label) for label in labels]
        else:
            classes = list(given)
        classes = [c.item() if hasattr(c, "item") else c for c in classes]
        if len(classes) != len(labels) or None in classes:
            raise ValueError(
                f"classes={given!r} must have one class for each label of {name!r}, "
                f"{labels}."
            )
        if len(set(classes)) < len(classes):
            raise ValueError(f"classes={given!r} has a class twice.")
        if painted and not all(type(c) is int for c in [*classes, self.unpainted]):
            raise ValueError(
                f"Masks hold integers; got classes={classes}, "
                f"unpainted={self.unpainted!r}."
            )
        if painted and self.unpainted in classes:
            raise ValueError(
                f"unpainted={self.unpainted} is also the class of the label "
                f"{labels[classes.index(self.unpainted)]!r}. Give another number."
            )
        return tuple(classes)


def _parsed(xml):
    """Return the root of XML that somebody else may have written."""
    if not isinstance(xml, str):
        raise TypeError(
            f"A labeling config is XML in a string; got {type(xml).__name__}."
        )
    # Entities can fetch files and fill the memory, and no config needs them.
    if "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        raise ValueError(
            "The labeling config declares a document type or an entity, which none "
            "needs. Remove <!DOCTYPE ...> and <!ENTITY ...>."
        )
    try:
        return ElementTree.fromstring(xml)
    except ElementTree.ParseError as error:
        raise ValueError(
            f"The labeling config is no XML ({error}): {xml[:80]!r}. Copy it from "
            "the settings of the project."
        ) from error


def _listed(names):
    text = ", ".join(repr(name) for name in names[:10])
    return f"{text}, ..." if len(names) > 10 else text
