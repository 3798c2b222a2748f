"""Calls to servers of others: over https, never into our own network, never longer than a breath."""

import http.client
import ipaddress
import json
import socket
import ssl
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import current_app

from helpdesk import __version__

# In seconds: to connect, and for all of it.
_TO_CONNECT, _IN_ALL = 5.0, 15.0
_MOST_READ = 64 * 2**10


class NotAsked(Exception):
    """Nothing was asked there; `fault` is no-https, no-host or private."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def post_form(url: str, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Post form fields; the status, and the JSON object that came back (empty where it is none).

    What was looked at is what is asked: the name is not resolved a second time, no redirect is followed.
    Raises `NotAsked`, and `OSError` (`ssl.SSLError`, `TimeoutError` among them) where no answer came.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise NotAsked("no-https")
    ends, port = time.monotonic() + _IN_ALL, parts.port or 443
    connection = http.client.HTTPConnection(parts.hostname, port)
    line = socket.create_connection((open_address(parts.hostname, port), port), _TO_CONNECT)
    try:
        safe = ssl.create_default_context().wrap_socket(line, server_hostname=parts.hostname)
        connection.sock = safe
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        headers |= {"User-Agent": f"Helpdesk/{__version__}", "Connection": "close"}
        connection.request("POST", path, urlencode(fields), headers)
        answer = connection.getresponse()
        return answer.status, _object(_read(answer, safe, ends))
    except http.client.HTTPException as error:
        raise ConnectionError(f"no sensible answer: {error}") from error
    finally:
        connection.close()
        line.close()


def open_address(host: str, port: int) -> str:
    """One of the host's addresses. Raises `NotAsked` where any of them is not of the open internet."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotAsked("no-host") from error
    addresses = [str(each[4][0]) for each in found]
    if not current_app.config["HELPDESK_CHECK_PRIVATE_LINKS"] and not all(map(is_open, addresses)):
        raise NotAsked("private")
    return addresses[0]


def is_open(address: str) -> bool:
    """Whether it is an address of the open internet, also where it is wrapped in one of another kind."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        wrapped = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in ipaddress.ip_network("64:ff9b::/96"):
            wrapped = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_open(str(wrapped))
    return found.is_global and not found.is_multicast and not found.is_reserved


def _read(answer: http.client.HTTPResponse, line: socket.socket, ends: float) -> bytes:
    """The body, as far as it is wanted. Raises `TimeoutError` where it drips."""
    found = b""
    while len(found) < _MOST_READ:
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        line.settimeout(left)
        if not (piece := answer.read1(_MOST_READ - len(found))):
            break
        found += piece
    return found


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
