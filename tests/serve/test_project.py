"""One project: its tasks, each once and in order, and its settings."""

import pytest

from skactive.io.label_studio import LabelConfig, to_tasks
from skactive.serve import _project
from skactive.serve._project import Project, doubles


@pytest.fixture
def project(setting):
    return Project(setting.client, setting.number)


def tasks(config, names, batch="r-0"):
    texts = [f"text {name}" for name in names]
    return to_tasks(names, texts, config=config, batch=batch)


def ids(listed):
    return [task["data"]["skactive_id"] for task in listed]


def test_a_batch_keeps_its_order_in_many_requests(project, setting, monkeypatch):
    monkeypatch.setattr(_project, "PAGE", 3)
    monkeypatch.setattr(_project, "AT_ONCE", 4)
    monkeypatch.setattr(_project, "IN_AN_ADDRESS", 2)
    names = [7, 3, "x", 9, 1, "y", 2, 8, 6]
    project.import_tasks(tasks(setting.config, names))
    project.import_tasks(tasks(setting.config, [7, 5], "r-1"))
    assert ids(project.batch("r-0")) == names
    assert ids(project.batch("r-1")) == [7, 5]
    assert project.batch("nope") == []
    assert len(project.changed(None)) == 11
    numbers = [task["id"] for task in project.batch("r-0")]
    assert ids(project.export(numbers)) == names
    assert project.export([]) == []
    imports = [path for _, path in setting.fake.requests if path.endswith("import")]
    assert len(imports) == 4


def test_large_tasks_are_sent_in_parts(project, setting, monkeypatch):
    monkeypatch.setattr(_project, "CHARACTERS", 500)
    names = list(range(20))
    project.import_tasks(tasks(setting.config, names))
    assert ids(project.batch("r-0")) == names
    imports = [path for _, path in setting.fake.requests if path.endswith("import")]
    assert 3 < len(imports) < 20


def test_pages_that_shrink_meanwhile(project, setting, monkeypatch):
    monkeypatch.setattr(_project, "PAGE", 2)
    project.import_tasks(tasks(setting.config, [1, 2, 3, 4]))

    def fail(number, method, path):
        if sum(path == "/api/tasks" for _, path in setting.fake.requests) == 2:
            for number in list(setting.fake.tasks):
                setting.fake.tasks.pop(number)

    setting.fake.fail = fail
    assert ids(project.batch("r-0")) == [1, 2]


def test_what_was_changed(project, setting):
    project.import_tasks(tasks(setting.config, [1, 2, 3]))
    project.prepare(setting.config)
    one, two, _ = setting.fake.queue()
    since = setting.fake.tasks[one]["updated_at"]
    assert project.changed(since) == []
    number = setting.fake.answer(two, "a")
    assert ids(project.changed(since)) == [2]
    setting.fake.delete(two, number)
    assert [len(t["annotations"]) for t in project.export([one, two])] == [0, 0]
    assert ids(project.changed(since)) == [2]


def test_only_what_nobody_answered_is_deleted(project, setting):
    project.import_tasks(tasks(setting.config, [1, 2, 3, 4]))
    project.prepare(setting.config)
    one, two, three, four = setting.fake.queue()
    setting.fake.answer(one, "a")
    setting.fake.answer(two, skip=True)
    project.withdraw([one, two, three])
    assert sorted(setting.fake.tasks) == [one, two, four]
    project.withdraw([one, two, three])
    project.withdraw([])


@pytest.mark.parametrize("answered", [None, 0, 1])
def test_a_batch_is_there_once(project, setting, answered):
    project.prepare(setting.config)
    for _ in range(2):
        project.import_tasks(tasks(setting.config, [4, 2]))
    if answered is not None:
        setting.fake.answer([1, 3][answered], "a")
    assert ids(project.once("r-0")) in ([4, 2], [2, 4])
    assert (3 in setting.fake.tasks) == (answered == 1)
    assert doubles(project.once("r-0")) == []


def test_two_answered_tasks_of_one_id_are_left_alone(project, setting):
    for _ in range(2):
        project.import_tasks(tasks(setting.config, [4]))
    for number in (1, 2):
        setting.fake.answer(number, "a")
    assert ids(project.once("r-0")) == [4, 4]


def test_the_order_of_the_queue_is_set_once(project, setting):
    settings = setting.fake.projects[1]
    assert settings["sampling"] != "Sequential sampling"
    assert project.prepare(setting.config)["title"] == "Texts"
    assert settings["sampling"] == "Sequential sampling"
    n = len(setting.fake.requests)
    project.prepare(setting.config)
    assert len(setting.fake.requests) == n + 1


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        (None, "asks nothing yet"),
        ("<View/>", "asks nothing yet"),
        (LabelConfig.make("classes", list("abc"), of="html").to_xml(), "does not ask"),
        (LabelConfig.make("classes", list("ab"), of="text").to_xml(), "does not ask"),
        (LabelConfig.make("classes", list("acb"), of="text").to_xml(), "does not ask"),
        (
            LabelConfig.make("label_sets", list("abc"), of="text").to_xml(),
            "does not ask",
        ),
        (LabelConfig.make("numbers", of="text").to_xml(), "does not ask"),
    ],
)
def test_a_project_that_asks_something_else(project, setting, xml, reason):
    setting.fake.projects[1]["label_config"] = xml
    with pytest.raises(ValueError, match=reason) as caught:
        project.prepare(setting.config)
    assert "Project 1 ('Texts')" in str(caught.value)
    assert setting.fake.projects[1]["sampling"] == "Uniform sampling"


def test_a_project_that_shows_something_else(project, setting):
    xml = setting.config.to_xml().replace("$text", "$words")
    setting.fake.projects[1]["label_config"] = xml
    with pytest.raises(ValueError, match="shows .*words"):
        project.prepare(setting.config)


def test_a_project_with_more_questions_needs_them_in_the_config(project, setting):
    more = '<Choices name="z" toName="text"><Choice value="q"/></Choices></View>'
    xml = setting.config.to_xml().replace("</View>", more)
    setting.fake.projects[1]["label_config"] = xml
    with pytest.raises(ValueError, match=r"also asks \['z'\].*control="):
        project.prepare(setting.config)
    assert project.prepare(LabelConfig(xml))["id"] == 1
