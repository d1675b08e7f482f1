#!/usr/bin/python3
"""A fault-injecting HTTPS server that stands before an ACME server.

    faultd.py --listen HOST:PORT --control HOST:PORT [--cert PEM --key PEM]
              [--upstream URL [--ca PEM]] [--rules FILE] [--rtt MS]
              [--http2] [--max-streams N]

It passes requests on to --upstream with their Host header (Pebble builds its
URLs from that, so a client that starts here stays here), or answers 404 when
there is no upstream, and does to them what its rules say. Without --cert it
speaks plain HTTP. With --http2 it offers h2 as well as http/1.1. --rtt delays
every byte by half of MS in each direction, and a new connection by MS.

RULES are a JSON array; the first rule that matches a request is applied.

  A rule matches by
    method     "POST"
    path       a regular expression, searched for in the path
    resource   directory, newNonce, newAccount, newOrder, account, orders,
               order, authz, challenge, finalize, cert, revokeCert, keyChange
               (Pebble's paths)
    payload    a regular expression, searched for in the decoded JWS payload
    nth        2, [1, 3] or "3-": which of the requests that match the above
    connreq    2: the request's number on its connection
    on         "connect": a connection instead of a request (after its TLS
               handshake; only nth, delay, drop and hang have a meaning)

  and does, in this order
    delay      milliseconds
    hold       NAME: waits until POST /release?NAME on the control address
    drop       "before": closes the connection, nothing is sent upstream
    reset      true: what is closed is closed by a reset (RST)
    refuse     HTTP/2: resets the stream with this error code (7 is
               REFUSED_STREAM), nothing is sent upstream
    goaway     HTTP/2: true: GOAWAY that says this stream was not processed
    status, body, headers, redirect
               answers itself; body is text or a JSON value, redirect a URL
    forward    true: with status, body, headers: sends the request upstream
               all the same and changes only what is given in its answer
    fresh_nonce true: adds a Replay-Nonce that is good to an own answer

    hold_after NAME: like hold, after the upstream has answered
    drop       "after": the upstream has got the request, the client no answer
    hang       true: no answer, the connection stays open
    json       Python statements that change the answer's JSON value j (and
               the dict of headers h; names in lower case)
    replace    [REGEX, TEXT] for the answer's body
    add_headers, remove_headers
               an object, or an array of pairs; an array of names

    raw        text that is sent instead of any HTTP/1.1 answer
    truncate   N: closes after N bytes of the body
    slow       seconds between two bytes of the body
    endless    true: the body never ends; "headers": the header never ends
    no_length  true: neither Content-Length nor chunks, the end closes

  {BASE} in text stands for this server's own URL.

CONTROL, plain HTTP on the control address:
    GET  /counters    connections, tls (handshakes), requests, bodies (read to
                      their end), forwarded, resources {name: n}, statuses
                      {status: n}, max_in_flight, open (connections),
                      nonces (newNonce), faults (rules applied), versions
    GET  /log         one JSON object per request, oldest first: n,
                      connection, connreq, version, method, path, resource,
                      headers, protected, payload, body, status, time
    GET  /wait?resource=NAME&n=N&timeout=S&done=1
                      answers when N requests for NAME (or path=REGEX) have
                      come (with done: were answered), 408 after S seconds
    GET  /held        names of the rules that hold a request now
    POST /rules       replaces the rules and starts their counting again
    POST /reset       counters and log start again
    POST /release?NAME    lets go what is held, and what will be
    POST /disconnect  resets every client connection
"""
import argparse
import asyncio
import base64
import json
import re
import signal
import socket
import ssl
import struct
import sys
import time
import urllib.parse

RESOURCES = [
    ("directory", r"^/dir$"),
    ("newNonce", r"^/nonce-plz$"),
    ("newAccount", r"^/sign-me-up$"),
    ("newOrder", r"^/order-plz$"),
    ("account", r"^/my-account/"),
    ("orders", r"^/list-orderz/"),
    ("order", r"^/my-order/"),
    ("authz", r"^/authZ/"),
    ("challenge", r"^/chalZ/"),
    ("finalize", r"^/finalize-order/"),
    ("cert", r"^/certZ/"),
    ("revokeCert", r"^/revoke-cert$"),
    ("keyChange", r"^/rollover-account-key$"),
    ("renewalInfo", r"^/draft-ietf-acme-ari|^/renewal-info"),
]
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length",
       "proxy-connection", "upgrade", "te", "trailer"}
REASONS = {200: "OK", 201: "Created", 204: "No Content", 301: "Moved",
           302: "Found", 307: "Temporary Redirect", 308: "Permanent Redirect",
           400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
           404: "Not Found", 429: "Too Many Requests",
           500: "Internal Server Error", 502: "Bad Gateway",
           503: "Service Unavailable"}
MAX_BODY = 8 << 20


class Gone(Exception):
    """The connection is closed on purpose, or the client has left."""


def b64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def resource_of(path):
    for name, pattern in RESOURCES:
        if re.search(pattern, path):
            return name
    return "other"


def pairs(headers):
    if isinstance(headers, dict):
        return [(k, v) for k, v in headers.items()]
    return [(k, v) for k, v in headers or []]


class Request:
    def __init__(self, method, path, headers, body, conn, connreq, version):
        self.method, self.path, self.headers = method, path, headers
        self.body, self.conn, self.connreq = body, conn, connreq
        self.version = version
        self.resource = resource_of(path.partition("?")[0])
        self.protected = self.payload = None
        try:
            jws = json.loads(body)
            self.protected = json.loads(b64url(jws["protected"]))
            self.payload = b64url(jws["payload"]).decode()
        except (ValueError, KeyError, TypeError):
            pass


class Rules:
    def __init__(self, rules):
        if not isinstance(rules, list):
            raise ValueError("rules must be an array")
        for rule in rules:
            for key in ("path", "payload"):
                re.compile(rule.get(key, ""))
        self.rules = [(rule, [0]) for rule in rules]

    @staticmethod
    def _nth(want, n):
        if want is None:
            return True
        if isinstance(want, str):
            low, _, high = want.partition("-")
            return int(low) <= n <= (int(high) if high else n)
        return n in want if isinstance(want, list) else n == want

    def find(self, req):
        """The rule for a request, or for a connection when req is None."""
        found = None
        for rule, count in self.rules:
            if (rule.get("on") == "connect") != (req is None):
                continue
            if req is not None and not self._matches(rule, req):
                continue
            count[0] += 1
            if found is None and self._nth(rule.get("nth"), count[0]):
                found = rule
        return found

    @staticmethod
    def _matches(rule, req):
        return (rule.get("method", req.method) == req.method and
                rule.get("resource", req.resource) == req.resource and
                rule.get("connreq", req.connreq) == req.connreq and
                re.search(rule.get("path", ""), req.path) and
                ("payload" not in rule or
                 re.search(rule["payload"], req.payload or "")))


class State:
    """What is counted, logged and held."""

    def __init__(self, rules):
        self.rules = Rules(rules)
        self.released, self.held = {}, {}
        self.changed = asyncio.Condition()
        self.connections = set()
        self.in_flight = 0
        self.reset()

    def reset(self):
        self.log = []
        self.count = {"connections": 0, "tls": 0, "requests": 0, "bodies": 0,
                      "forwarded": 0, "faults": 0, "nonces": 0,
                      "max_in_flight": 0, "resources": {}, "statuses": {},
                      "versions": {}}

    def add(self, key, sub=None):
        if sub is None:
            self.count[key] += 1
        else:
            part = self.count[key]
            part[str(sub)] = part.get(str(sub), 0) + 1

    async def notify(self):
        async with self.changed:
            self.changed.notify_all()

    async def hold(self, name):
        event = self.released.setdefault(name, asyncio.Event())
        self.held[name] = self.held.get(name, 0) + 1
        try:
            await event.wait()
        finally:
            self.held[name] -= 1

    async def received(self, req):
        self.add("requests")
        self.add("bodies")
        self.add("resources", req.resource)
        self.add("versions", req.version)
        if req.resource == "newNonce":
            self.add("nonces")
        self.in_flight += 1
        self.count["max_in_flight"] = max(self.count["max_in_flight"],
                                          self.in_flight)
        entry = {"n": self.count["requests"], "connection": req.conn,
                 "connreq": req.connreq, "version": req.version,
                 "method": req.method, "path": req.path,
                 "resource": req.resource, "headers": req.headers,
                 "protected": req.protected, "payload": req.payload,
                 "body": req.body.decode("utf-8", "replace"),
                 "status": None, "time": time.time()}
        self.log.append(entry)
        await self.notify()
        return entry


class Upstream:
    """Kept HTTP/1.1 connections to the server behind."""

    def __init__(self, url, ca):
        parts = urllib.parse.urlsplit(url)
        self.host, self.tls = parts.hostname, None
        if parts.scheme == "https":
            self.tls = ssl.create_default_context(cafile=ca)
        self.port = parts.port or (443 if self.tls else 80)
        self.idle = []

    async def _open(self):
        return await asyncio.open_connection(
            self.host, self.port, ssl=self.tls, limit=1 << 20)

    async def request(self, method, path, headers, body):
        head = "%s %s HTTP/1.1\r\n" % (method, path)
        for name, value in headers:
            if name.lower() not in HOP:
                head += "%s: %s\r\n" % (name, value)
        if body or method == "POST":
            head += "content-length: %d\r\n" % len(body)
        data = head.encode() + b"\r\n" + body
        while self.idle:
            conn = self.idle.pop()
            try:
                return await self._talk(conn, method, data)
            except (OSError, asyncio.IncompleteReadError):
                continue
        return await self._talk(await self._open(), method, data)

    async def _talk(self, conn, method, data):
        reader, writer = conn
        writer.write(data)
        await writer.drain()
        status, headers = await read_head(reader)
        status = int(status.split()[1])
        table = {k.lower(): v for k, v in headers}
        if method == "HEAD" or status in (204, 304):
            body = b""
        elif table.get("transfer-encoding") == "chunked":
            body = await read_chunks(reader)
        else:
            body = await reader.readexactly(int(table["content-length"]))
        if table.get("connection", "").lower() == "close":
            writer.close()
        else:
            self.idle.append(conn)
        return status, [(k, v) for k, v in headers if k.lower() not in HOP], \
            body


async def read_head(reader):
    text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = text[:-4].split("\r\n")
    headers = []
    for line in lines:
        name, _, value = line.partition(":")
        headers.append((name.strip(), value.strip()))
    return first, headers


async def read_chunks(reader):
    body = b""
    while True:
        size = int((await reader.readline()).split(b";")[0], 16)
        if size == 0:
            while (await reader.readline()).strip():
                pass
            return body
        body += await reader.readexactly(size)
        await reader.readexactly(2)


async def write(writer, data):
    """Writes, lets others run, and notices that nobody listens."""
    if writer.transport.is_closing():
        raise Gone
    writer.write(data)
    await writer.drain()
    await asyncio.sleep(0)


class Http1:
    """One answer on an HTTP/1.1 connection."""

    def __init__(self, writer, head_only, close):
        self.writer, self.head_only, self.close = writer, head_only, close
        self.chunked = False

    async def raw(self, data):
        await write(self.writer, data)

    async def head(self, status, headers, length):
        text = "HTTP/1.1 %d %s\r\n" % (status, REASONS.get(status, "Status"))
        for name, value in headers:
            text += "%s: %s\r\n" % (name, value)
        if length is None and not self.close:
            self.chunked = True
            text += "transfer-encoding: chunked\r\n"
        elif length is not None:
            text += "content-length: %d\r\n" % length
        if self.close:
            text += "connection: close\r\n"
        await self.raw(text.encode("utf-8", "surrogateescape") + b"\r\n")

    async def endless_head(self):
        await self.raw(b"HTTP/1.1 200 OK\r\n")
        while True:
            await self.raw(b"x-endless: " + b"x" * 1000 + b"\r\n")

    async def data(self, data):
        if self.head_only or not data:
            return
        if self.chunked:
            data = b"%x\r\n%s\r\n" % (len(data), data)
        await self.raw(data)

    async def end(self):
        if self.chunked and not self.head_only:
            await self.raw(b"0\r\n\r\n")

    async def refuse(self, _code):
        raise Gone

    async def goaway(self):
        raise Gone


class Http2:
    """One answer on a stream of an HTTP/2 connection."""

    def __init__(self, conn, stream, head_only):
        self.conn, self.stream, self.head_only = conn, stream, head_only
        self.ended = False

    async def raw(self, data):
        await write(self.conn.writer, data)

    async def head(self, status, headers, length):
        out = [(":status", str(status))]
        out += [(k.lower(), v) for k, v in headers]
        if length is not None:
            out.append(("content-length", str(length)))
        self.ended = self.head_only
        self.conn.h2.send_headers(self.stream, out, end_stream=self.ended)
        await self.conn.flush()

    async def endless_head(self):
        await self.head(200, [("x-endless", "x" * 1000)] * 1000, None)

    async def data(self, data):
        if self.head_only:
            return
        while data:
            size = await self.conn.window(self.stream)
            self.conn.h2.send_data(self.stream, data[:size])
            await self.conn.flush()
            data = data[size:]

    async def end(self):
        if not self.ended:
            self.conn.h2.end_stream(self.stream)
            await self.conn.flush()

    async def refuse(self, code):
        self.conn.h2.reset_stream(self.stream, code)
        await self.conn.flush()

    async def goaway(self):
        self.conn.h2.close_connection(0, last_stream_id=self.stream - 2)
        await self.conn.flush()


class Server:
    def __init__(self, args, state):
        self.args, self.state = args, state
        self.upstream = args.upstream and Upstream(args.upstream, args.ca)
        scheme = "https" if args.cert else "http"
        self.base = "%s://localhost:%s" % (
            scheme, args.listen.rpartition(":")[2])

    # -- one request --

    async def serve(self, req, answer, drop):
        """Answers a request; drop(reset) closes its connection."""
        entry = await self.state.received(req)
        rule = self.state.rules.find(req) or {}
        if rule:
            self.state.add("faults")
        try:
            await self.apply(req, rule, answer, entry)
        except Gone:
            drop(rule.get("reset", False))
            raise
        finally:
            self.state.in_flight -= 1
            entry["done"] = True
            await self.state.notify()

    async def apply(self, req, rule, answer, entry):
        if "delay" in rule:
            await asyncio.sleep(rule["delay"] / 1000)
        if "hold" in rule:
            await self.state.hold(rule["hold"])
        if rule.get("drop") == "before":
            raise Gone
        if "refuse" in rule:
            return await answer.refuse(rule["refuse"])
        if rule.get("goaway"):
            return await answer.goaway()
        status, headers, body = await self.answer(req, rule)
        entry["status"] = status
        if "hold_after" in rule:
            await self.state.hold(rule["hold_after"])
        if rule.get("drop") == "after":
            raise Gone
        if rule.get("hang"):
            await asyncio.Event().wait()
        status, headers, body = self.change(rule, status, headers, body)
        entry["status"] = status
        self.state.add("statuses", status)
        await self.send(rule, answer, status, headers, body)

    async def answer(self, req, rule):
        own = {"status", "body", "headers", "redirect", "raw", "endless"}
        forward = rule.get("forward") or not own & set(rule)
        status, headers, body = 404, [], b"nothing here\n"
        if forward and self.upstream:
            self.state.add("forwarded")
            try:
                status, headers, body = await self.upstream.request(
                    req.method, req.path, req.headers, req.body)
            except (OSError, asyncio.IncompleteReadError) as err:
                return 502, [], ("faultd: upstream: %s\n" % err).encode()
            if "status" not in rule and "body" not in rule:
                return status, headers, body
        elif not own & set(rule):
            return status, headers, body
        elif not forward:
            status, body = 200, b""
        status = rule.get("status", 302 if "redirect" in rule else status)
        if "body" in rule:
            body = rule["body"]
            drop = {"content-type"} if not isinstance(body, str) else set()
            headers = [h for h in headers if h[0].lower() not in drop]
            if not isinstance(body, str):
                kind = "application/problem+json" if status >= 400 \
                    else "application/json"
                headers.append(("content-type", kind))
                body = json.dumps(body)
            body = self.own(body).encode("utf-8", "surrogateescape")
        given = pairs(rule.get("headers"))
        names = {k.lower() for k, _ in given}
        headers = [h for h in headers if h[0].lower() not in names]
        headers += [(k, self.own(v)) for k, v in given]
        if "redirect" in rule:
            headers.append(("location", self.own(rule["redirect"])))
        if rule.get("fresh_nonce"):
            _, got, _ = await self.upstream.request(
                "HEAD", "/nonce-plz", [("host", dict(
                    (k.lower(), v) for k, v in req.headers)["host"])], b"")
            headers += [h for h in got if h[0].lower() == "replay-nonce"]
        return status, headers, body

    def own(self, text):
        return str(text).replace("{BASE}", self.base)

    def change(self, rule, status, headers, body):
        if "json" in rule:
            space = {"j": json.loads(body or b"null"), "base": self.base,
                     "h": {k.lower(): v for k, v in headers}}
            exec(rule["json"], {"json": json, "re": re}, space)
            body = json.dumps(space["j"]).encode()
            before = {k.lower(): v for k, v in headers}
            headers = [(k, v) for k, v in headers
                       if space["h"].get(k.lower()) == before[k.lower()]]
            headers += [(k, v) for k, v in space["h"].items()
                        if before.get(k) != v]
        if "replace" in rule:
            pattern, text = rule["replace"]
            body = re.sub(pattern, self.own(text),
                          body.decode("utf-8", "surrogateescape")).encode(
                              "utf-8", "surrogateescape")
        gone = {n.lower() for n in rule.get("remove_headers", [])}
        headers = [h for h in headers if h[0].lower() not in gone]
        headers += [(k, self.own(v)) for k, v in
                    pairs(rule.get("add_headers"))]
        return status, headers, body

    async def send(self, rule, answer, status, headers, body):
        if "raw" in rule:
            await answer.raw(self.own(rule["raw"]).encode(
                "utf-8", "surrogateescape"))
            raise Gone
        if rule.get("endless") == "headers":
            await answer.endless_head()
        length = len(body)
        if rule.get("endless") or rule.get("no_length"):
            length = None
        if rule.get("no_length"):
            answer.close = True
        await answer.head(status, headers, length)
        if "truncate" in rule:
            await answer.data(body[:rule["truncate"]])
            raise Gone
        if "slow" in rule:
            for byte in body:
                await answer.data(bytes([byte]))
                await asyncio.sleep(rule["slow"])
        else:
            await answer.data(body)
        while rule.get("endless"):
            await answer.data(b"x" * 16384)
            if "slow" in rule:
                await asyncio.sleep(rule["slow"])
        await answer.end()
        if rule.get("no_length"):
            raise Gone

    # -- one connection --

    async def connection(self, reader, writer):
        state = self.state
        state.add("connections")
        tls = writer.get_extra_info("ssl_object")
        if tls:
            state.add("tls")
        number = state.count["connections"]

        def drop(reset):
            sock = writer.get_extra_info("socket")
            if reset and sock is not None:
                try:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                    struct.pack("ii", 1, 0))
                except OSError:
                    pass
                writer.transport.abort()
            else:
                writer.close()

        state.connections.add(drop)
        try:
            rule = state.rules.find(None) or {}
            if rule:
                state.add("faults")
                await asyncio.sleep(rule.get("delay", 0) / 1000)
                if rule.get("drop"):
                    raise Gone
                if rule.get("hang"):
                    await reader.read()
                    raise Gone
            if tls and tls.selected_alpn_protocol() == "h2":
                await H2Connection(self, reader, writer, number, drop).run()
            else:
                await self.http1(reader, writer, number, drop)
        except Gone:
            drop(rule.get("reset", False))
        except (OSError, asyncio.IncompleteReadError,
                asyncio.LimitOverrunError):
            pass
        finally:
            state.connections.discard(drop)
            writer.close()
            await state.notify()

    async def http1(self, reader, writer, number, drop):
        connreq = 0
        while True:
            first, headers = await read_head(reader)
            method, path, version = first.split(" ", 2)
            table = {k.lower(): v for k, v in headers}
            if table.get("expect", "").lower() == "100-continue":
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            if table.get("transfer-encoding") == "chunked":
                body = await read_chunks(reader)
            else:
                length = int(table.get("content-length", 0))
                if length > MAX_BODY:
                    raise Gone
                body = await reader.readexactly(length)
            connreq += 1
            req = Request(method, path, headers, body, number, connreq,
                          version)
            close = table.get("connection", "").lower() == "close"
            # The client may leave while its answer is held.
            task = asyncio.ensure_future(self.serve(
                req, Http1(writer, method == "HEAD", close), drop))
            ahead = asyncio.ensure_future(reader.read(1))
            try:
                await asyncio.wait({task, ahead},
                                   return_when=asyncio.FIRST_COMPLETED)
                if ahead.done() and not ahead.result():
                    raise Gone
                await task
                if ahead.done():
                    reader._buffer[:0] = ahead.result()
            finally:
                task.cancel()
                ahead.cancel()
                await asyncio.wait({task, ahead})
            if close:
                return


class H2Connection:
    def __init__(self, server, reader, writer, number, drop):
        from h2.config import H2Configuration
        from h2.connection import H2Connection as Machine
        self.server, self.reader, self.writer = server, reader, writer
        self.number, self.drop, self.connreq = number, drop, 0
        self.h2 = Machine(H2Configuration(client_side=False,
                                          header_encoding="utf-8"))
        self.streams, self.tasks = {}, {}
        self.moved = asyncio.Event()

    async def flush(self):
        await write(self.writer, self.h2.data_to_send())

    async def window(self, stream):
        while True:
            size = min(self.h2.local_flow_control_window(stream),
                       self.h2.max_outbound_frame_size)
            if size > 0:
                return size
            self.moved.clear()
            await self.moved.wait()

    async def run(self):
        from h2.exceptions import ProtocolError
        from h2.settings import SettingCodes
        self.h2.initiate_connection()
        if self.server.args.max_streams:
            self.h2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS:
                                     self.server.args.max_streams})
        await self.flush()
        try:
            while True:
                data = await self.reader.read(65536)
                if not data:
                    return
                for event in self.h2.receive_data(data):
                    self.event(event)
                await self.flush()
        except ProtocolError as err:
            print("faultd: h2: %s" % err, file=sys.stderr)
            await self.flush()
        finally:
            for task in self.tasks.values():
                task.cancel()

    def event(self, event):
        from h2 import events
        stream = getattr(event, "stream_id", None)
        if isinstance(event, events.RequestReceived):
            self.streams[stream] = (event.headers, bytearray())
        elif isinstance(event, events.DataReceived):
            self.streams[stream][1].extend(event.data)
            self.h2.acknowledge_received_data(
                event.flow_controlled_length, stream)
        elif isinstance(event, events.StreamEnded):
            self.tasks[stream] = asyncio.ensure_future(self.request(stream))
        elif isinstance(event, events.StreamReset):
            if stream in self.tasks:
                self.tasks[stream].cancel()
        elif isinstance(event, (events.WindowUpdated,
                                events.RemoteSettingsChanged)):
            self.moved.set()

    async def request(self, stream):
        from h2.exceptions import ProtocolError
        headers, body = self.streams.pop(stream)
        pseudo = {k: v for k, v in headers if k.startswith(":")}
        plain = [("host", pseudo.get(":authority", "localhost"))]
        plain += [(k, v) for k, v in headers if not k.startswith(":") and
                  k != "host"]
        self.connreq += 1
        req = Request(pseudo[":method"], pseudo[":path"], plain, bytes(body),
                      self.number, self.connreq, "HTTP/2")
        try:
            await self.server.serve(
                req, Http2(self, stream, req.method == "HEAD"), self.drop)
        except (Gone, OSError, ProtocolError):
            pass
        finally:
            self.tasks.pop(stream, None)


class Control:
    def __init__(self, state):
        self.state = state

    async def connection(self, reader, writer):
        try:
            first, headers = await read_head(reader)
            method, target, _ = first.split(" ", 2)
            length = int(dict((k.lower(), v) for k, v in headers).get(
                "content-length", 0))
            body = await reader.readexactly(length)
            status, text = await self.handle(method, target, body)
            data = text.encode()
            writer.write(b"HTTP/1.1 %d Status\r\ncontent-length: %d\r\n"
                         b"connection: close\r\n\r\n" % (status, len(data)) +
                         data)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def handle(self, method, target, body):
        path, _, query = target.partition("?")
        state = self.state
        if (method, path) == ("GET", "/counters"):
            return 200, json.dumps(
                dict(state.count, open=len(state.connections))) + "\n"
        if (method, path) == ("GET", "/log"):
            return 200, "".join(json.dumps(e) + "\n" for e in state.log)
        if (method, path) == ("GET", "/held"):
            return 200, "".join(n + "\n" for n, k in state.held.items() if k)
        if (method, path) == ("GET", "/wait"):
            return await self.wait(urllib.parse.parse_qs(query))
        if (method, path) == ("POST", "/rules"):
            try:
                state.rules = Rules(json.loads(body))
            except (ValueError, re.error, AttributeError) as err:
                return 400, "bad rules: %s\n" % err
            return 200, "ok\n"
        if (method, path) == ("POST", "/reset"):
            state.reset()
            return 200, "ok\n"
        if (method, path) == ("POST", "/release"):
            state.released.setdefault(query, asyncio.Event()).set()
            return 200, "ok\n"
        if (method, path) == ("POST", "/disconnect"):
            for drop in list(state.connections):
                drop(True)
            return 200, "ok\n"
        return 404, "no such control\n"

    async def wait(self, query):
        want = int(query.get("n", ["1"])[0])
        resource = query.get("resource", [None])[0]
        path = query.get("path", [""])[0]
        done = "done" in query

        def there():
            return want <= sum(
                1 for e in self.state.log
                if (resource is None or e["resource"] == resource) and
                re.search(path, e["path"]) and (not done or e.get("done")))

        async def until():
            async with self.state.changed:
                await self.state.changed.wait_for(there)
        try:
            await asyncio.wait_for(
                until(), float(query.get("timeout", ["15"])[0]))
        except asyncio.TimeoutError:
            return 408, "it did not come\n"
        return 200, "ok\n"


class Delay:
    """Passes bytes on to a local port, each RTT/2 later."""

    def __init__(self, rtt, port):
        self.rtt, self.port = rtt, port

    async def connection(self, reader, writer):
        loop = asyncio.get_running_loop()
        there = await asyncio.open_connection("127.0.0.1", self.port)
        start = loop.time() + 1.5 * self.rtt
        await asyncio.gather(self.pipe(reader, there[1], start),
                             self.pipe(there[0], writer, 0))

    async def pipe(self, reader, writer, not_before):
        loop = asyncio.get_running_loop()
        queue = asyncio.Queue()

        async def send():
            while True:
                when, data = await queue.get()
                await asyncio.sleep(max(0, when - loop.time()))
                if not data:
                    writer.close()
                    return
                writer.write(data)
                await writer.drain()
        sender = asyncio.ensure_future(send())
        data = b"?"
        while data:
            try:
                data = await reader.read(65536)
            except OSError:
                data = b""
            queue.put_nowait((max(loop.time() + self.rtt / 2, not_before),
                              data))
        try:
            await sender
        except OSError:
            pass


async def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--listen", required=True)
    parser.add_argument("--control", required=True)
    for name in ("cert", "key", "upstream", "ca", "rules"):
        parser.add_argument("--" + name)
    parser.add_argument("--rtt", type=float, default=0)
    parser.add_argument("--http2", action="store_true")
    parser.add_argument("--max-streams", type=int)
    args = parser.parse_args()

    rules = []
    if args.rules:
        with open(args.rules, encoding="utf-8") as file:
            rules = json.load(file)
    state = State(rules)
    context = None
    if args.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(args.cert, args.key)
        context.set_alpn_protocols(["h2", "http/1.1"] if args.http2
                                   else ["http/1.1"])
    server = Server(args, state)
    host, _, port = args.listen.rpartition(":")
    inner = ("127.0.0.1", 0) if args.rtt else (host, int(port))
    listener = await asyncio.start_server(
        server.connection, *inner, ssl=context, limit=1 << 20)
    if args.rtt:
        delay = Delay(args.rtt / 1000, listener.sockets[0].getsockname()[1])
        await asyncio.start_server(delay.connection, host, int(port))
    chost, _, cport = args.control.rpartition(":")
    await asyncio.start_server(Control(state).connection, chost, int(cport))
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
