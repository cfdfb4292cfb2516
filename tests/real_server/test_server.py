"""The server that the tests of this folder ask does what they take for granted."""

import pytest

from skactive.io.label_studio import LabelConfig, read_export, to_tasks

pytestmark = pytest.mark.real_server

CONFIG = LabelConfig.make("classes", ["pos", "neg"], of="text")


@pytest.fixture
def project(server):
    """A project of three tasks, asked in the order of the rows 7, 5, 6."""
    number = server.make_project(CONFIG.to_xml())
    tasks = to_tasks(
        [7, 5, 6],
        ["seven", "five", "six"],
        config=CONFIG,
        predictions=["pos", "neg", "pos"],
        scores=[0.9, 0.1, 0.5],
        batch="r0",
    )
    server.admin.post(f"/api/projects/{number}/import", tasks)
    return number


def export(person, project):
    return person.get(f"/api/projects/{project}/export", exportType="JSON")


def test_people_submit_skip_correct_and_delete(server, second, project):
    admin = server.admin
    first = admin.next(project)
    assert first["data"]["skactive_id"] == 7
    answer = admin.choose(first["id"], "pos", lead_time=2.5)
    assert answer["completed_by"] == admin.id
    task = second.next(project)
    assert task["data"]["skactive_id"] == 5
    assert second.skip(task["id"])["was_cancelled"]

    answers = read_export(export(admin, project), CONFIG)
    assert answers.ids == [7, 5]
    assert answers.status.tolist() == ["answered", "skipped"]
    assert answers.y.tolist() == ["pos", None]
    assert answers.annotator == [str(admin.id), str(second.id)]
    assert answers.lead_time.tolist() == [2.5, 0.5]

    region = {**answer["result"][0], "value": {"choices": ["neg"]}}
    second.correct(answer["id"], [region])
    answers = read_export(export(admin, project), CONFIG)
    assert answers.y.tolist() == ["neg", None]
    admin.delete(answer["id"])
    assert read_export(export(admin, project), CONFIG).ids == [5]


def test_the_end_of_the_tasks(server, second, project):
    while (task := second.next(project)) is not None:
        second.choose(task["id"], "neg")
    assert len(read_export(export(second, project), CONFIG)) == 3


def test_both_kinds_of_tokens(server):
    admin = server.admin
    access = admin.post("/api/token/refresh", {"refresh": admin.pat})["access"]
    bearer = f"Bearer {access}"
    path = "/api/current-user/whoami"
    assert admin.request("GET", path, authorization=bearer)["email"] == admin.email
    # It has to be exchanged.
    with pytest.raises(Exception, match="401"):
        admin.request("GET", path, authorization=f"Bearer {admin.pat}")


def test_a_server_that_was_down_knows_everything(server, project):
    server.stop()
    assert not server.is_up()
    server.start()
    assert len(server.admin.get("/api/tasks", project=project)["tasks"]) == 3
