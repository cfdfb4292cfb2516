"""JSON over WSGI: requests in, replies out, and a server of the standard library."""

import base64
import hmac
import json
import logging
import socketserver
from http import HTTPStatus
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

LOG = logging.getLogger("skactive.serve")

#: Bytes of a request: tasks carry what they show, such as pictures.
MOST_BYTES = 250 * 2**20


class Refusal(Exception):
    """An answer that is no success.

    Parameters
    ----------
    status : int
        Of HTTP.
    message : str
        What was wrong.
    """

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def respond(environ, start_response, routes, auth=None):
    """Answer a request as WSGI has it.

    Parameters
    ----------
    environ : dict
        The request.
    start_response : callable
        What takes status and headers.
    routes : dict
        {path: (method, answer)}; ``answer(body)`` returns (status, reply) or raises a
        :class:`Refusal`. The body is None of GET, else a dict.
    auth : tuple (user, password), default=None
        What the request has to say.

    Returns
    -------
    body : list of bytes
        The reply as JSON.
    """
    headers = [("Content-Type", "application/json")]
    try:
        status, reply = _reply(environ, routes, auth)
    except Refusal as refusal:
        status, reply = refusal.status, {"detail": str(refusal)}
        if status == 401:
            headers.append(("WWW-Authenticate", 'Basic realm="skactive"'))
    except Exception as error:
        LOG.exception("No answer to %s.", environ.get("PATH_INFO"))
        status, reply = 500, {"detail": f"{type(error).__name__}: {error}"}
    body = json.dumps(reply).encode()
    headers.append(("Content-Length", str(len(body))))
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [body]


def _reply(environ, routes, auth):
    path = "/" + environ.get("PATH_INFO", "").strip("/")
    if path not in routes:
        raise Refusal(404, f"{path} is not known here; {sorted(routes)} are.")
    _check_credentials(environ.get("HTTP_AUTHORIZATION", ""), auth)
    method, answer = routes[path]
    if environ["REQUEST_METHOD"] != method:
        raise Refusal(405, f"{path} is asked by {method}.")
    return answer(_body(environ) if method == "POST" else None)


def _check_credentials(said, auth):
    if auth is not None:
        own = base64.b64encode(":".join(auth).encode()).decode()
        if not hmac.compare_digest(f"Basic {own}".encode(), said.encode()):
            raise Refusal(401, "The user or the password is wrong.")


def _body(environ):
    """Return the JSON object of a request, or refuse it."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise Refusal(400, "Content-Length is no number.") from None
    if not 0 <= length <= MOST_BYTES:
        raise Refusal(413, f"{length} bytes; 0 to {MOST_BYTES} are taken.")
    try:
        body = json.loads(environ["wsgi.input"].read(length))
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"This is no JSON: {error}.") from None
    if not isinstance(body, dict):
        raise Refusal(400, "A request is a JSON object.")
    return body


class ThreadingServer(socketserver.ThreadingMixIn, WSGIServer):
    """A WSGI server of the standard library, with a thread for each request."""

    daemon_threads = True

    @classmethod
    def of(cls, app, host, port):
        """Return a server that asks ``app``."""
        server = cls((host, port), _QuietHandler)
        server.set_app(app)
        return server


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format, *args):
        LOG.debug(format, *args)
