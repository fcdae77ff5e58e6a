"""What one exchange may take: seconds, bytes on the line, bytes of the decoded body.

urllib3's read time-out counts between two bytes, ``http.client`` reads a head for as long as it
lasts, and what a compressed body grows to depends on who decodes it. So all bytes of an answer,
from its first line on, come through :class:`_Arriving`, and the body is decoded here. Of urllib3
only what 1.26 and 2 have in common is used: a pool's class of connections, and theirs of answers.
"""

import functools
import http.client
import io
import time
import zlib

import urllib3

#: The head of an answer, with what comes before it: ``100 Continue``, a proxy's consent.
HEAD_BYTES = 256 * 1024
_CHUNK = 64 * 1024
_PLAIN = ("", "identity")
_GZIP = ("gzip", "x-gzip")


class BodyTooLarge(Exception):
    """More bytes than the exchange may have."""

    code = "too_large"


class UnknownEncoding(Exception):
    """A body in an encoding that was not asked for."""

    code = "unreadable"


class Allowance:
    """What is left to the exchange that is under way. A client has one exchange at a time."""

    def __init__(self):
        self._end = self._bytes = self._body = None

    def begin(self, seconds, body_bytes):
        """An exchange begins.

        :param float seconds: for all of it
        :param int body_bytes: for its body, decoded or not
        """
        self._end = time.monotonic() + seconds
        self._bytes, self._body = HEAD_BYTES, body_bytes

    def begin_body(self):
        """The head has been read; what of the body came with it is counted already."""
        self._bytes = self._body + HEAD_BYTES

    def seconds(self, longest):
        """Seconds that the next step may take, at most ``longest``.

        :raise TimeoutError: when none are left
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the exchange takes too long")
        return left if longest is None else min(left, longest)

    def take(self, count):
        """Bytes have arrived. :raise BodyTooLarge: more than there may be"""
        self._bytes -= count
        if self._bytes < 0:
            raise BodyTooLarge


class _Arriving(io.RawIOBase):
    """The bytes of an answer as they come over a socket."""

    def __init__(self, raw, sock, allowance):
        super().__init__()
        self._raw, self._sock, self._allowance = raw, sock, allowance
        self._longest = sock.gettimeout()

    def readable(self):
        return True

    def readinto(self, buffer):
        self._sock.settimeout(self._allowance.seconds(self._longest))
        count = self._raw.readinto(buffer)
        self._allowance.take(count or 0)
        return count

    def close(self):
        self._raw.close()
        return super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock, *args, allowance, **kwargs):
        super().__init__(sock, *args, **kwargs)
        self._allowance = allowance
        self.fp = io.BufferedReader(_Arriving(self.fp.detach(), sock, allowance))

    def begin(self):
        result = super().begin()
        self._allowance.begin_body()
        return result


class _Bounded:
    """A connection that takes no longer than its exchange may, to be made and to send."""

    allowance = None

    def connect(self):
        self.timeout = self.allowance.seconds(self.timeout)
        return super().connect()

    def send(self, data):
        if self.sock is not None:
            self.sock.settimeout(self.allowance.seconds(self.timeout))
        return super().send(data)


def pool_classes(allowance):
    """urllib3's pools by scheme, with connections that keep to an allowance.

    :param Allowance allowance: begun before each exchange
    """
    answer = staticmethod(functools.partial(_Answer, allowance=allowance))
    pools = {}
    for scheme, pool in (
        ("http", urllib3.HTTPConnectionPool),
        ("https", urllib3.HTTPSConnectionPool),
    ):
        connection = type(
            "BoundedConnection",
            (_Bounded, pool.ConnectionCls),
            {"allowance": allowance, "response_class": answer},
        )
        pools[scheme] = type("BoundedPool", (pool,), {"ConnectionCls": connection})
    return pools


def read_body(response, limit):
    """The decoded body of an answer to its end.

    :param requests.Response response: streamed, nothing read of it
    :param int limit: bytes, before and after decoding
    :raise BodyTooLarge: as soon as there are more
    :raise UnknownEncoding: not gzip and not plain
    :raise zlib.error: no gzip, or half of it
    """
    encoding = (response.headers.get("Content-Encoding") or "").strip().lower()
    if encoding not in _PLAIN + _GZIP:
        raise UnknownEncoding
    pieces = response.raw.stream(_CHUNK, decode_content=False)
    if encoding in _GZIP:
        pieces = _unpacked(pieces, limit)
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > limit:
            raise BodyTooLarge
    missing = response.raw.length_remaining
    if missing:  # urllib3 1.26 takes a body that is cut off for a whole one
        raise urllib3.exceptions.IncompleteRead(len(body), missing)
    return bytes(body)


def _unpacked(pieces, limit):
    """Gzip, one member or several. No piece grows beyond ``limit`` and one byte."""
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
    began = False
    for piece in pieces:
        while piece:
            if decoder.eof:
                decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
            began = True
            yield decoder.decompress(piece, limit + 1)
            piece = decoder.unused_data
    if began and not decoder.eof:
        raise zlib.error("half of a gzip body")
