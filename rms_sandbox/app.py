"""The WSGI application: from the socket to an operation and back."""

import json
import logging
import os
import re
import socket
import struct
import time
from urllib.parse import parse_qsl, unquote

from .api import faults
from .api.operations import find
from .control import endpoints
from .ground import gateway
from .ground.errors import api_error
from .ground.gateway import ApiError, Request
from .orders import lifecycle, shipping
from .orders.messages import no_object
from .purchases import reservations

_logger = logging.getLogger(__name__)
_KEY = re.compile(r"(licenseKey=)[^&]*")
REASONS = {200: "OK", 204: "No Content", 400: "Bad Request", 401: "Unauthorized"}
REASONS |= {404: "Not Found", 405: "Method Not Allowed", 409: "Conflict"}
REASONS |= {415: "Unsupported Media Type", 429: "Too Many Requests"}
REASONS |= {500: "Internal Server Error", 503: "Service Unavailable"}


class App:
    """Callable by a WSGI server. Control endpoints lie under /__sandbox__/."""

    def __init__(self, world):
        self.world = world

    def __call__(self, environ, start_response):
        raw = read_body(environ)
        path = unquote(environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace"))
        if path.startswith("/__sandbox__/"):
            return endpoints.respond(self.world, environ, start_response, path, raw)
        call = Call(self.world, environ, path, raw)
        try:
            response = call.run()
        except faults.Reset:
            call.log(0)
            return reset(environ)
        except faults.Hang as hang:
            call.log(0)
            self.world.stopping.wait(hang.seconds)
            return reset(environ)
        headers = gateway.standard_headers() | response.headers
        if response.status != 204:
            headers["Content-Type"] = response.content_type
        size = len(response.body)
        body = [response.body]
        if call.fault and call.fault.kind == "huge_body":
            size = max(size, int(call.fault.options.get("bytes", faults.HUGE)))
            body = faults.padded(response.body, size)
        if response.status != 204:
            headers["Content-Length"] = str(size)
        call.log(response.status, size)
        status = f"{response.status} {REASONS.get(response.status, 'Unknown')}"
        start_response(status, list(headers.items()))
        return body


def read_body(environ):
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        return stream.read()
    return stream.read(length) if length else b""


def reset(environ):
    """Close with RST: linger 0, and the descriptor closed under the server's hands."""
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        os.close(connection.detach())
    raise ConnectionResetError("ordered by a fault")


class Call:
    """One API call and its entry in the log."""

    def __init__(self, world, environ, path, raw):
        self.world = world
        self.environ = environ
        self.method = environ["REQUEST_METHOD"]
        self.path = path
        self.raw = raw
        self.at = time.time()
        self.operation, self.params, self.others = find(self.method, path)
        self.fault = None
        self.name = self.operation.name if self.operation else "unknown"

    def log(self, status, size=0):
        query = self.environ.get("QUERY_STRING", "")
        path = f"{self.path}?{query}" if query else self.path
        with self.world.lock:
            self.world.call_count += 1
            self.world.calls.append(
                {
                    "operation": self.name,
                    "at": self.at,
                    "status": status,
                    "request_bytes": len(self.raw),
                    "response_bytes": size,
                    "method": self.method,
                    "path": _KEY.sub(r"\1***", path),
                    "fault": self.fault.kind if self.fault else None,
                }
            )

    def run(self):
        world = self.world
        with world.lock:
            self.fault = faults.take(world, self.name) if self.operation else None
        if self.fault:
            response = faults.before(self.fault)
            if response:
                return response
            if self.fault.kind == "slow":
                world.stopping.wait(float(self.fault.options.get("seconds", 5)))
        try:
            with world.lock:
                response = self.carry_out()
        except ApiError as error:
            response = error.response
        except Exception:
            _logger.exception("%s failed", self.name)
            response = gateway.html_error(500, "Internal Server Error")
        return faults.after(self.fault, response) if self.fault else response

    def carry_out(self):
        """The order of the checks: credentials, path, method, rate, media type, body."""
        world, operation = self.world, self.operation
        function = operation.function if operation else None
        header = self.environ.get("HTTP_AUTHORIZATION")
        if operation or self.others:
            function = function or self.others[0].function
            gateway.check_credentials(world, header, function)
        if not operation:
            return self.no_operation()
        gateway.check_rate(world, operation.family)
        content_type = self.environ.get("CONTENT_TYPE")
        gateway.check_media_type(operation.family, content_type, bool(self.raw))
        reservations.fix_due(world)
        lifecycle.catch_up(world)
        shipping.run_jobs(world)
        query = dict(parse_qsl(self.environ.get("QUERY_STRING", ""), keep_blank_values=True))
        request = Request(self.params, query, self.parse(operation), operation.version)
        return operation.run(world, request)

    def no_operation(self):
        if self.others:
            return gateway.html_error(405, "Method Not Allowed")
        if self.path.startswith(("/es/2.0/inventories", "/es/2.1/inventories", "/es/2.0/items")):
            errors = [api_error("GE0007", f"Unknown path : {self.path}")]
            return gateway.json_response({"errors": errors}, 400)
        return gateway.html_error(404, "Not Found")

    def parse(self, operation):
        """The JSON body. Order calls get an empty object for an empty body."""
        if operation.method in ("GET", "DELETE"):
            return None
        if not self.raw.strip():
            return {} if operation.family == "order" else None
        try:
            value = json.loads(self.raw)
        except ValueError:
            value = None
        if operation.family == "order" and not isinstance(value, dict):
            raise ApiError(no_object(operation.code))
        if value is None:
            errors = [api_error("IE0002", "The request body is not valid JSON.")]
            raise ApiError(gateway.json_response({"errors": errors}, 400))
        return value
