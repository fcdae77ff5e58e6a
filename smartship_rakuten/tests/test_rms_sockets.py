# Part of smartship_rakuten. See LICENSE file for full copyright and licensing details.
"""The RMS client over real connections to a small server on this machine that misbehaves."""

import gzip
import json
import logging
import os
import socket
import struct
import threading
import time
import tracemalloc
from contextlib import suppress
from dataclasses import dataclass
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.smartship_rakuten.rms import (
    MalformedAnswer,
    OutcomeUnknown,
    TemporarilyUnavailable,
)

from .rms_fixtures import ESA, KEY, SECRET, RmsCase, message, number, search_answer
from .test_rms_fault_table import ORDER_READS, ORDER_WRITES, REST_WRITES


def http(body, status="200 OK", length=None, kind="application/json", extra=""):
    body = body.encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body) if length is None else length}\r\n{extra}\r\n"
    )
    return head.encode() + body


SEARCH_OK = http(json.dumps(search_answer([number(1)])))
ENDLESS = http("{", length=10**6)
CANCEL_OK = http(json.dumps({"MessageModelList": [message("CANCEL_ORDER_INFO_101")]}))


@dataclass(frozen=True)
class Drip:
    """An answer that never ends: its beginning, then the same bytes every ``pause`` seconds."""

    first: bytes
    then: bytes = b" "
    pause: float = 0.05


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
#: What never ends although each byte is in time; slowly, and as fast as the line is.
SLOW = {
    "status line": Drip(b"HTTP/1.1 2", b"0"),
    "header": Drip(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
    "headers": Drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "100 Continue": Drip(CONTINUE, CONTINUE),
    "body": Drip(ENDLESS),
    "chunks": Drip(CHUNKED, b"1\r\n \r\n"),
    "size of a chunk": Drip(CHUNKED, b"0"),
}
SLOW_BODIES = ("body", "chunks", "size of a chunk")
FAST = {
    "100 Continue": Drip(CONTINUE, CONTINUE * 1000, 0),
    "size of a chunk": Drip(CHUNKED, b"0" * 10_000, 0),
    "chunks": Drip(CHUNKED, b"1\r\n \r\n" * 1000, 0),
}


def gzipped(data, level=9, members=1):
    """An answer with a gzip body."""
    size = -(-len(data) // members)
    parts = [gzip.compress(data[at : at + size], level) for at in range(0, len(data), size)]
    body = b"".join(parts)
    head = http("", length=len(body), extra="Content-Encoding: gzip\r\n")
    return head + body


class Server:
    """Answers the requests of each connection from a script, one script for each connection.

    A step is the bytes to answer, ``reset``, ``close``, ``stall`` (no answer), a :class:`Drip`, or
    bytes in a tuple (answer, then close). Without a further step the connection stays open.
    """

    def __init__(self, case):
        self.scripts = []
        self.requests = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open = []
        self._done = threading.Event()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        thread = threading.Thread(target=self._serve, daemon=True)
        thread.start()
        case.addCleanup(thread.join, 5)
        case.addCleanup(self.stop)

    def stop(self):
        self._done.set()
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _serve(self):
        self._listener.settimeout(0.05)
        workers = []
        while not self._done.is_set():
            try:
                connection, _address = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                break
            script = self.scripts[min(self.connections, len(self.scripts) - 1)]
            self.connections += 1
            self._open.append(connection)
            worker = threading.Thread(target=self._talk, args=(connection, script), daemon=True)
            worker.start()
            workers.append(worker)
        for worker in workers:
            worker.join(5)

    def _talk(self, connection, script):
        connection.settimeout(5)
        with suppress(OSError):
            for step in script:
                request = self._receive(connection)
                if not request:
                    break
                self.requests.append(request)
                if step == "reset":
                    linger = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                if step in ("reset", "close"):
                    connection.close()
                    break
                if step == "stall":
                    self._done.wait(5)
                    break
                if isinstance(step, Drip):
                    connection.sendall(step.first)
                    while not self._done.wait(step.pause):
                        connection.sendall(step.then)
                    break
                connection.sendall(step[0] if isinstance(step, tuple) else step)
                if isinstance(step, tuple):
                    connection.close()
                    break

    @staticmethod
    def _receive(connection):
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = connection.recv(65536)
            if not chunk:
                return data
            data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body


@tagged("post_install", "-at_install", "alone")
class TestSockets(RmsCase):
    def setUp(self):
        super().setUp()
        self.server = Server(self)

    def local_client(self, **options):
        client = self.client(base_url=self.server.url, **options)
        client._transport._session.trust_env = False  # no proxy to one's own machine
        self.addCleanup(client.close)
        return client

    def play(self, scripts, call, **options):
        self.server.scripts = scripts
        return call(self.local_client(**options))

    def test_header_and_body_on_the_wire(self):
        self.play([[SEARCH_OK]], ORDER_READS["searchOrder"])
        (request,) = self.server.requests
        self.assertTrue(request.startswith(b"POST /es/2.0/order/searchOrder/ HTTP/1.1\r\n"))
        self.assertIn(f"Authorization: ESA {ESA}\r\n".encode(), request)
        self.assertIn(b"Content-Type: application/json; charset=utf-8\r\n", request)

    def test_writes_whose_answer_is_lost(self):
        quiet = logging.getLogger("urllib3.connectionpool")  # it prints half a head as a traceback
        quiet.setLevel(logging.CRITICAL)
        self.addCleanup(quiet.setLevel, logging.NOTSET)
        cases = {
            "reset": ["reset"],
            "closed": ["close"],
            "half a head": [(b"HTTP/1.1 200 OK\r\nContent-Ty",)],
            "half a body": [(CANCEL_OK[:-10],)],
            "no HTTP": [(b"hello\r\n\r\n",)],
            "half a chunk": [
                (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{}",),
            ],
            "no gzip": [(http("{}", extra="Content-Encoding: gzip\r\n"),)],
        }
        for name, script in cases.items():
            for operation, call in {**ORDER_WRITES, **REST_WRITES}.items():
                self.server.requests.clear()
                with self.subTest(name, operation=operation):
                    with self.assertRaises(OutcomeUnknown):
                        self.play([script], call)
                    self.assertEqual(len(self.server.requests), 1)

    def test_reads_whose_answer_is_lost(self):
        for script in (["reset"], ["close"], [(SEARCH_OK[:-10],)]):
            self.server.requests.clear()
            with self.subTest(script=script):
                # requests before 2.32 takes a body that is cut off for a whole one
                with self.assertRaises((TemporarilyUnavailable, MalformedAnswer)):
                    self.play([script], ORDER_READS["searchOrder"], max_attempts=2)
                self.assertEqual(len(self.server.requests), 2)

    def test_read_time_out(self):
        for call, expected in (
            (ORDER_READS["searchOrder"], TemporarilyUnavailable),
            (ORDER_WRITES["cancelOrder"], OutcomeUnknown),
        ):
            self.server.requests.clear()
            with self.assertRaises(expected) as caught:
                self.play([["stall"]], call, timeout=(1, 0.2), max_attempts=1)
            self.assertEqual(caught.exception.code, "timeout")
            self.assertEqual(len(self.server.requests), 1)

    def test_time_out_within_the_body(self):
        stalled = [[CANCEL_OK[:-10], "stall"]]
        with self.assertRaises(OutcomeUnknown):
            self.play(stalled, ORDER_WRITES["cancelOrder"], timeout=(1, 0.2))
        self.assertEqual(len(self.server.requests), 1)

    def test_answer_that_trickles_in(self):
        """Each byte is in time, the whole never comes: 1.5 times the read time-out is the end."""
        for name, drip in SLOW.items():
            for call, error, code in (
                (ORDER_READS["getOrder"], TemporarilyUnavailable, "timeout"),
                # Of a write it is told whether RMS had begun to answer.
                (
                    ORDER_WRITES["cancelOrder"],
                    OutcomeUnknown,
                    "connection" if name in SLOW_BODIES else "timeout",
                ),
            ):
                self.records.clear()
                with self.subTest(name, error=error), self.assertRaises(error) as caught:
                    self.play([[drip]], call, timeout=(1, 0.4), max_attempts=1)
                self.assertEqual(caught.exception.code, code, name)
                self.assertTrue(0.5 < self.records[0].duration < 2, self.records[0].duration)

    def test_answer_without_end_that_comes_fast(self):
        """Bytes on the line are counted, head and body: the processor is not kept busy either."""
        for name, drip in FAST.items():
            self.records.clear()
            with self.subTest(name):
                with self.assertRaises((TemporarilyUnavailable, MalformedAnswer)) as caught:
                    self.play(
                        [[drip]],
                        ORDER_READS["getOrder"],
                        timeout=(1, 30),
                        max_attempts=1,
                        max_body_bytes=100_000,
                    )
                self.assertIn(caught.exception.code, ("too_large", "connection"))
                self.assertLess(self.records[0].duration, 5)

    def test_the_time_out_of_a_request_is_not_what_the_last_one_left(self):
        """A connection that is used again has all its time."""
        answers = [SEARCH_OK, SEARCH_OK, SEARCH_OK]
        self.server.scripts = [answers]
        client = self.local_client(timeout=(1, 1))
        for _call in answers:
            self.assertEqual(ORDER_READS["searchOrder"](client), [number(1)])
            time.sleep(0.7)
        self.assertEqual(self.server.connections, 1)

    def test_gzip_alone_is_asked_for_and_read(self):
        data = json.dumps(search_answer([number(1)])).encode()
        for members in (1, 3):
            answer = gzipped(data, members=members)
            with self.subTest(members):
                self.server.scripts = [[answer]]
                self.assertEqual(ORDER_READS["searchOrder"](self.local_client()), [number(1)])
        for request in self.server.requests:
            self.assertIn(b"Accept-Encoding: gzip\r\n", request)

    def test_gzip_that_is_cut_off(self):
        whole = gzipped(json.dumps(search_answer([number(1)])).encode())
        cut = whole.replace(b"Content-Length", b"X-Length", 1)[:-10]
        with self.assertRaises(TemporarilyUnavailable):
            self.play([[(cut,)]], ORDER_READS["searchOrder"], max_attempts=1)

    def test_encodings_that_were_not_asked_for(self):
        for encoding in ("br", "deflate", "zstd", "gzip, gzip"):
            answer = http("{}", extra=f"Content-Encoding: {encoding}\r\n")
            with self.subTest(encoding):
                with self.assertRaises(MalformedAnswer) as caught:
                    self.play([[(answer,)]], ORDER_READS["searchOrder"], max_attempts=1)
                self.assertEqual(caught.exception.code, "unreadable")
                with self.assertRaises(OutcomeUnknown):
                    self.play([[(answer,)]], ORDER_WRITES["cancelOrder"])

    def test_a_gzip_body_that_grows_a_thousandfold(self):
        """256 MB of blanks, 16 MB of which are ever unpacked."""
        bomb = gzipped(b"{" + b" " * (256 << 20), level=1)
        self.server.scripts = [[bomb]]
        client = self.local_client(max_attempts=1)
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        with self.assertRaises(MalformedAnswer) as caught:
            ORDER_READS["getOrder"](client)
        self.assertEqual(caught.exception.code, "too_large")
        self.assertLess(tracemalloc.get_traced_memory()[1], 96 << 20)
        self.assertLess(self.records[0].duration, 5)

    def test_a_proxy_is_for_https_alone(self):
        """It sees where a connection goes to, not the key; an address without TLS has none."""
        proxy = Server(self)
        proxy.scripts = [[(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",)]]
        proxies = {name: proxy.url for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")}
        self.server.scripts = [[SEARCH_OK]]
        with patch.dict(os.environ, {**proxies, "NO_PROXY": "", "no_proxy": ""}):
            client = self.client(base_url="https://rms.test", max_attempts=1)
            with self.assertRaises(TemporarilyUnavailable):
                ORDER_READS["searchOrder"](client)
            (request,) = proxy.requests
            self.assertTrue(request.startswith(b"CONNECT rms.test:443 HTTP/1."))
            self.assertNotIn(b"uthorization", request)
            plain = self.client(base_url=self.server.url)
            self.addCleanup(plain.close)
            self.assertEqual(ORDER_READS["searchOrder"](plain), [number(1)])
        self.assertEqual((len(proxy.requests), len(self.server.requests)), (1, 1))

    def test_nobody_listens(self):
        free = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        free.close()
        client = self.client(base_url=url)
        client._transport._session.trust_env = False
        for call in (ORDER_READS["searchOrder"], *ORDER_WRITES.values()):
            self.records.clear()
            with self.assertRaises(TemporarilyUnavailable) as caught:
                call(client)
            self.assertEqual(len(self.records), 4)
            self.assertEqual(caught.exception.code, "connection")

    def test_a_name_that_does_not_resolve(self):
        client = self.client(base_url="http://rms.invalid", max_attempts=1)
        client._transport._session.trust_env = False
        with self.assertRaises(TemporarilyUnavailable):
            ORDER_WRITES["cancelOrder"](client)

    def test_a_write_never_uses_an_idle_connection(self):
        # The server drops the connection when a second request comes over it, as one that has
        # just closed an idle connection does. The write must not run into that.
        self.server.scripts = [[SEARCH_OK, "reset"], [CANCEL_OK, "reset"]]
        client = self.local_client()
        self.assertEqual(ORDER_READS["searchOrder"](client), [number(1)])
        self.assertTrue(ORDER_WRITES["cancelOrder"](client).ok)
        self.assertTrue(ORDER_WRITES["cancelOrder"](client).ok)
        self.assertEqual(self.server.connections, 3)
        self.assertEqual(self.slept, [])

    def test_a_read_over_a_stale_connection_is_repeated(self):
        self.server.scripts = [[SEARCH_OK, "reset"]]
        client = self.local_client()
        self.assertEqual(ORDER_READS["searchOrder"](client), [number(1)])
        self.assertEqual(ORDER_READS["searchOrder"](client), [number(1)])
        self.assertEqual(
            [record.outcome for record in self.records], ["ok", "TemporarilyUnavailable", "ok"]
        )

    def test_redirects_are_not_followed(self):
        elsewhere = Server(self)
        elsewhere.scripts = [[SEARCH_OK]]
        for status in ("301 Moved", "302 Found", "307 Temporary", "308 Permanent"):
            answer = http("", status=status, extra=f"Location: {elsewhere.url}/\r\n")
            with self.subTest(status):
                with self.assertRaises(MalformedAnswer):
                    self.play([[answer, answer]], ORDER_READS["searchOrder"])
                with self.assertRaises(OutcomeUnknown):
                    self.play([[answer]], ORDER_WRITES["cancelOrder"])
        self.assertEqual(elsewhere.requests, [])

    def test_large_answers_are_given_up_early(self):
        large = http("{}" + " " * 100_000, length=10**9)
        with self.assertRaises(MalformedAnswer) as caught:
            self.play([[large]], ORDER_READS["searchOrder"], max_body_bytes=50_000)
        self.assertEqual(caught.exception.code, "too_large")
        with self.assertRaises(OutcomeUnknown):
            self.play([[large]], ORDER_WRITES["cancelOrder"], max_body_bytes=50_000)
        self.assertEqual(len(self.server.requests), 2)

    def test_a_status_that_says_enough_needs_no_body(self):
        throttled = (http("{}", status="429 Too Many", length=10**6)[:-1],)
        with self.assertRaises(TemporarilyUnavailable) as caught:
            self.play([[throttled]], ORDER_WRITES["cancelOrder"], max_attempts=1)
        self.assertEqual(caught.exception.status, 429)

    def test_the_licence_key_stays_out_of_the_logs(self):
        answers = [[http('{"expiryDate": "2026-03-31T23:59:59"}'), "reset"]]
        with self.assertLogs(level=logging.DEBUG) as logs:
            logging.getLogger("urllib3.connectionpool").setLevel(logging.DEBUG)
            self.addCleanup(logging.getLogger("urllib3.connectionpool").setLevel, logging.NOTSET)
            self.play(answers, lambda client: client.license_expiry_date())
        text = "\n".join(logs.output)
        # urllib3 did log the address, so there was something to leak
        self.assertIn("/license-key/expiry-date?licenseKey=***", text)
        for secret in (KEY, SECRET, ESA):
            self.assertNotIn(secret, text)
        self.assertIn(KEY.encode(), self.server.requests[0])
