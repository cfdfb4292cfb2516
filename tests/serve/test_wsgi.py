"""JSON over WSGI."""

import base64
import io
import json
import threading
import urllib.request
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from skactive.serve._wsgi import MOST_BYTES, Refusal, ThreadingServer, respond


def refuse(_):
    raise Refusal(409, "Not now.")


ROUTES = {
    "/": ("GET", lambda body: (200, {"body": body})),
    "/echo": ("POST", lambda body: (201, body)),
    "/refuse": ("GET", refuse),
    "/break": ("GET", lambda body: 1 / 0),
}


def ask(method, path, data=b"", auth=None, **environ):
    """Return (status, headers, reply); the validator of wsgiref watches."""
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, **environ}
    environ.update(QUERY_STRING="", SCRIPT_NAME="/where/it/is")
    environ.setdefault("CONTENT_LENGTH", str(len(data)))
    environ["wsgi.input"] = io.BytesIO(data)
    setup_testing_defaults(environ)
    said = {}

    def start_response(status, headers, exc_info=None):
        said.update(status=int(status.split()[0]), headers=dict(headers))

    def app(environ, start_response):
        return respond(environ, start_response, ROUTES, auth)

    body = validator(app)(environ, start_response)
    data = b"".join(body)
    body.close()
    assert said["headers"]["Content-Length"] == str(len(data))
    assert said["headers"]["Content-Type"] == "application/json"
    return said["status"], said["headers"], json.loads(data)


@pytest.mark.parametrize("path", ["/", "", "//"])
def test_get_has_no_body(path):
    assert ask("GET", path)[::2] == (200, {"body": None})


@pytest.mark.parametrize("path", ["/echo", "/echo/"])
def test_post_hands_over_the_object(path):
    data = json.dumps({"a": ["é", 1.5, None]}).encode()
    assert ask("POST", path, data)[::2] == (201, {"a": ["é", 1.5, None]})


@pytest.mark.parametrize(
    "method, path, data, status, message",
    [
        ("GET", "/elsewhere", b"", 404, "/elsewhere is not known"),
        ("GET", "/échó", b"", 404, "not known"),
        ("GET", "/echo", b"", 405, "asked by POST"),
        ("DELETE", "/", b"", 405, "asked by GET"),
        ("GET", "/refuse", b"", 409, "Not now."),
        ("GET", "/break", b"", 500, "ZeroDivisionError"),
        ("POST", "/echo", b"", 400, "no JSON"),
        ("POST", "/echo", b"{", 400, "no JSON"),
        ("POST", "/echo", b"<html>", 400, "no JSON"),
        ("POST", "/echo", b"\xff\xfe", 400, "no JSON"),
        ("POST", "/echo", b"[" * 100_000, 400, "no JSON"),
        ("POST", "/echo", b"[1]", 400, "a JSON object"),
        ("POST", "/echo", b"null", 400, "a JSON object"),
    ],
)
def test_what_is_no_request_is_refused_in_words(method, path, data, status, message):
    found, _, reply = ask(method, path, data)
    assert found == status
    assert message in reply["detail"]


@pytest.mark.parametrize(
    "length, status", [(str(MOST_BYTES + 1), 413), ("-1", 413), ("many", 400)]
)
def test_lengths_that_are_none(length, status):
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/echo", "CONTENT_LENGTH": length}
    said = []
    body = respond(environ, lambda status, headers: said.append(status), ROUTES)
    assert said[0].startswith(str(status))
    assert "detail" in json.loads(body[0])


@pytest.mark.parametrize("said, status", [("u:p", 200), ("u:q", 401), (None, 401)])
@pytest.mark.parametrize("user, password", [("u", "p"), ("u", "pä:ß")])
def test_a_password(user, password, said, status):
    said = said and said.replace(":p", f":{password}")
    headers = {}
    if said is not None:
        coded = base64.b64encode(said.encode()).decode()
        headers["HTTP_AUTHORIZATION"] = f"Basic {coded}"
    found, headers, _ = ask("GET", "/", auth=(user, password), **headers)
    assert found == status
    assert ("WWW-Authenticate" in headers) == (status == 401)


def test_a_slow_answer_holds_up_nobody():
    go = threading.Event()

    def app(environ, start_response):
        slow = {"/": ("GET", lambda body: (200, {"slow": go.wait(30)}))}
        routes = {**slow, "/fast": ("GET", lambda body: (200, {}))}
        return respond(environ, start_response, routes)

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with ThreadingServer.of(app, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        replies = []

        def read_slow():
            with opener.open(f"{url}/", timeout=30) as reply:
                replies.append(json.load(reply))

        reader = threading.Thread(target=read_slow)
        reader.start()
        with opener.open(f"{url}/fast", timeout=30) as reply:
            assert json.load(reply) == {}
        assert replies == []
        go.set()
        reader.join(30)
        assert replies == [{"slow": True}]
        server.shutdown()
