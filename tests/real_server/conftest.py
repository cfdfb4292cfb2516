"""A real Label Studio server on loopback, and people who answer on it.

The fixtures are ``server``, one for the whole session, and ``second``, a second person
on it. A test makes projects of its own, and so sees nothing of other tests.
"""

import http.cookiejar
import json
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress

import pytest

#: Seconds that a server may take: the first start makes its database.
START, STOP = 400, 30

EMAIL, PASSWORD = "admin@example.com", "loopback-only"
TOKEN = "0123456789abcdef0123456789abcdef01234567"


class Refused(Exception):
    """An answer of the server that is no success."""

    def __init__(self, status, body, what):
        super().__init__(f"{what}: {status} {body}")
        self.status = status
        self.body = body


def ask(opener, method, url, body=None, headers=None):
    """Send one request; return (status, headers, bytes)."""
    request = urllib.request.Request(url, body, headers or {}, method=method)
    try:
        with opener.open(request, timeout=120) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def opener(*handlers):
    """Return what sends requests: straight to loopback, whatever proxies are set."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), *handlers)


class Person:
    """Somebody with an account, who does over HTTP what the browser does.

    Attributes: ``email``, ``password``, ``token`` (legacy), ``id`` (number on the
    server, ``completed_by`` of what they answer).
    """

    def __init__(self, server, email, password, token):
        self.server = server
        self.email = email
        self.password = password
        self.token = token
        self._pat = None

    @property
    def id(self):
        return self.get("/api/current-user/whoami")["id"]

    def request(self, method, path, body=None, *, authorization=None):
        """Send one request, with the legacy token; return the parsed reply or None."""
        headers = {"Authorization": authorization or f"Token {self.token}"}
        if body is not None:
            body = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        url = self.server.url + path
        status, _, reply = ask(opener(), method, url, body, headers)
        if status >= 400:
            raise Refused(status, reply[:1000], f"{method} {path}")
        return json.loads(reply) if reply else None

    def get(self, path, **params):
        query = f"?{urllib.parse.urlencode(params, doseq=True)}" if params else ""
        return self.request("GET", path + query)

    def post(self, path, body=None):
        return self.request("POST", path, {} if body is None else body)

    def patch(self, path, body):
        return self.request("PATCH", path, body)

    @property
    def pat(self):
        """The personal access token, made when it is first asked for."""
        if self._pat is None:
            self._pat = self.post("/api/token/")["token"]
        return self._pat

    # ------------------------------------------------------------- what people do

    def next(self, project):
        """Return the task that the server hands out next, None at the end."""
        try:
            return self.get(f"/api/projects/{project}/next")
        except Refused as refused:
            if refused.status != 404:
                raise
            return None

    def submit(self, task, result, *, lead_time=1.5, **more):
        """Press Submit: return the annotation. ``result`` is a list of regions."""
        body = {"result": result, "lead_time": lead_time, **more}
        return self.post(f"/api/tasks/{task}/annotations/", body)

    def choose(self, task, label, *, name="label", of="text", **more):
        """Submit one choice; ``name`` and ``of`` as in ``LabelConfig.make``."""
        region = {"id": "c", "from_name": name, "to_name": of, "type": "choices"}
        region["value"] = {"choices": [label]}
        return self.submit(task, [region], **more)

    def skip(self, task, result=None, *, lead_time=0.5):
        """Press Skip: the browser sends what was pre-filled along, and so does this."""
        if result is None:
            predictions = self.get(f"/api/tasks/{task}/")["predictions"]
            result = predictions[-1]["result"] if predictions else []
        return self.submit(task, result, lead_time=lead_time, was_cancelled=True)

    def correct(self, annotation, result, *, lead_time=4.0):
        """Change an annotation, of whomever; return it."""
        body = {"result": result, "lead_time": lead_time}
        return self.patch(f"/api/annotations/{annotation}/", body)

    def delete(self, annotation):
        """Delete an annotation."""
        self.request("DELETE", f"/api/annotations/{annotation}/")


class Server:
    """A server in a process of its own; ``stop`` and ``start`` keep what it holds.

    Attributes: ``url``; ``admin``, a :class:`Person`; ``files``, the folder whose
    pictures it may serve; ``log``, the file of what it says.
    """

    def __init__(self, command, folder):
        self.command = command
        self.folder = folder
        self.files = folder / "files"
        self.files.mkdir()
        self.log = folder / "server.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.admin = Person(self, EMAIL, PASSWORD, TOKEN)
        self._process = None

    def start(self):
        """Start it and wait until it answers."""
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                [self.command, "start", "--no-browser"]
                + ["--internal-host", "127.0.0.1", "--port", str(self.port)],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + START
        while not self.is_up():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                last = self.log.read_text(errors="replace")[-3000:]
                raise RuntimeError(f"The server did not start. It said:\n{last}")
            time.sleep(0.5)
        return self

    def is_up(self):
        """Return whether it answers."""
        with suppress(OSError):
            return ask(opener(), "GET", f"{self.url}/health")[0] == 200
        return False

    def stop(self):
        """Stop it as its administrator would, with SIGTERM."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def make_project(self, xml, **settings):
        """Return the number of a new project; ``xml`` is its labeling config."""
        body = {"title": "skactive", "label_config": xml, **settings}
        return self.admin.post("/api/projects/", body)["id"]

    def invite(self, email):
        """Return a new :class:`Person`, made as the page of an invitation makes one."""
        page = self.admin.get("/api/invite")["invite_url"]
        page = urllib.parse.urljoin(self.url, page)
        jar = http.cookiejar.CookieJar()
        own = opener(urllib.request.HTTPCookieProcessor(jar))
        found = re.search(
            rb'name="csrfmiddlewaretoken" value="([^"]+)"', ask(own, "GET", page)[2]
        )
        form = {"email": email, "password": PASSWORD}
        form["csrfmiddlewaretoken"] = found[1].decode()
        form = urllib.parse.urlencode(form).encode()
        status, _, reply = ask(own, "POST", page, form, {"Referer": page})
        if status >= 400:
            raise Refused(status, reply[:1000], f"the invitation of {email}")
        reply = ask(own, "GET", f"{self.url}/api/current-user/token")[2]
        return Person(self, email, PASSWORD, json.loads(reply)["token"])

    def _environment(self):
        """Return its environment: nothing leaves the machine, and loopback may ask."""
        own = {
            "BASE_DATA_DIR": self.folder / "data",
            "USERNAME": EMAIL,
            "PASSWORD": PASSWORD,
            # Both are read when the first user is made.
            "USER_TOKEN": TOKEN,
            "ENABLE_LEGACY_API_TOKEN": "true",
            "COLLECT_ANALYTICS": "false",
            "SENTRY_DSN": "",
            "FRONTEND_SENTRY_DSN": "",
            "LATEST_VERSION_CHECK": "false",
            # Webhooks and ML backends of tests are on loopback.
            "SSRF_PROTECTION_ENABLED": "false",
            "ML_BLOCK_LOCAL_IP": "false",
            "LOCAL_FILES_SERVING_ENABLED": "true",
            "LOCAL_FILES_DOCUMENT_ROOT": self.files,
            "DISABLE_SIGNUP_WITHOUT_LINK": "true",
        }
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        kept["NO_PROXY"] = kept["no_proxy"] = "127.0.0.1,localhost"
        return kept | {f"LABEL_STUDIO_{k}": str(v) for k, v in own.items()}


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A running server."""
    folder = tmp_path_factory.mktemp("label_studio")
    own = Server(os.environ["SKACTIVE_LABEL_STUDIO"], folder)
    try:
        yield own.start()
    finally:
        own.stop()


@pytest.fixture(scope="session")
def second(server):
    """A second person on the server."""
    return server.invite("second@example.com")
