#!/usr/bin/env python3
"""dropd.py - an HTTP server that misbehaves as its URL says, and counts.

    dropd.py --port N [--cert FILE --key FILE] [--alpn h2,http/1.1]
             [--address A] --log FILE [--release FILE]

Each event is one line of the log: "listening", "connection N",
"request N METHOD PATH BYTES" (N the connection, BYTES of the body, when it
has come whole), "gate K" (K requests wait in /gate now), "closed N".

    /ok           200 "ok"
    /echo         200, the request's body; request headers as x-echo-NAME
    /env/NAME     200, "NAME: value" of one request header
    /drop2        the first request of a connection is answered, a later one
                  read whole and the connection closed
    /close        read whole, the connection closed
    /refuse       over HTTP/2: read whole, then the stream is reset as one that
                  was refused (RST_STREAM REFUSED_STREAM)
    /goaway       over HTTP/2: read whole, then a GOAWAY that says that no
                  stream of the connection was looked at
    /gate         answered when the release file is there; /gate/nonce brings
                  a replay-nonce
    /bytes/N      N bytes; /endless without end; /slow one byte a second
    /hang         no answer; /trunc less than announced; /garbage no HTTP
    /headers/N    N header lines of 100 bytes; /control a header with ESC
    /twice        headers twice, Link, Retry-After
    /status/N     that status; /redirect/N?URL a redirect there
    /nonce        204 with replay-nonce; /nonce-error 503 without
    /count        200, the requests so far
"""
import argparse
import asyncio
import os
import ssl
import sys

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

ARGS = None
LOG = None
STATE = {"connections": 0, "requests": 0, "gate": 0, "nonce": 0}


def log(*words):
    LOG.write(" ".join(str(w) for w in words) + "\n")
    LOG.flush()


class Close(Exception):
    """End the connection without a (whole) answer."""


class Refuse(Exception):
    """Say that this request was never looked at."""


class Answer:
    def __init__(self, status=200, body=b"", headers=(), length=None,
                 pieces=None, raw=None):
        self.status, self.body, self.headers = status, body, list(headers)
        self.length = len(body) if length is None else length
        self.pieces, self.raw = pieces, raw


async def endless(chunk, pause):
    while True:
        yield chunk
        await asyncio.sleep(pause)


async def gate():
    STATE["gate"] += 1
    log("gate", STATE["gate"])
    while not os.path.exists(ARGS.release):
        await asyncio.sleep(0.02)
    STATE["gate"] -= 1
    return Answer(body=b"through")


def nonce():
    STATE["nonce"] += 1
    return ("replay-nonce", "nonce-%d" % STATE["nonce"])


async def respond(conn, nth, method, path, headers, body):
    """nth: the request's number on its connection."""
    STATE["requests"] += 1
    log("request", conn, method, path, len(body))
    word, _, rest = path.lstrip("/").partition("/")
    word, _, query = word.partition("?")
    number = int(rest.partition("?")[0]) if rest[:1].isdigit() else 0
    if word == "echo":
        return Answer(body=body, headers=[("x-echo-" + k, v)
                      for k, v in headers if not k.startswith(":")])
    if word == "env":
        return Answer(body="".join("%s: %s" % (k, v) for k, v in headers
                      if k == rest).encode())
    if word == "drop2" and nth > 1 or word == "close":
        raise Close
    if word in ("refuse", "goaway"):
        raise Refuse(word)
    if word == "gate":
        answer = await gate()
        if rest == "nonce":
            answer.headers.append(nonce())
        return answer
    if word == "bytes":
        return Answer(body=b"x" * number)
    if word == "endless":
        return Answer(length=-1, pieces=endless(b"x" * 65536, 0))
    if word == "slow":
        return Answer(length=1000, pieces=endless(b"x", 1))
    if word == "hang":
        await asyncio.sleep(3600)
    if word == "trunc":
        return Answer(body=b"half", length=1000)
    if word == "garbage":
        return Answer(raw=b"SSH-2.0-OpenSSH_9\r\n\r\n")
    if word == "headers":
        return Answer(headers=[("x-%d" % i, "v" * 90) for i in range(number)])
    if word == "control":
        return Answer(headers=[("x-esc", "a\x1b[2Jb")])
    if word == "twice":
        return Answer(headers=[("X-Twice", "one"), ("X-Twice", "two"),
                               ("Link", "</index>;rel=\"index\""),
                               ("Retry-After", "7")])
    if word == "status":
        return Answer(status=number, body=b"status")
    if word == "redirect":
        return Answer(status=number,
                      headers=[("location", path.partition("?")[2])])
    if word == "nonce":
        return Answer(status=204, headers=[nonce()])
    if word == "nonce-error":
        return Answer(status=503, headers=[("retry-after", "17")])
    if word == "signed":
        return Answer(body=b"signed", headers=[nonce()])
    if word == "count":
        return Answer(body=b"%d" % STATE["requests"])
    return Answer(body=b"ok")


async def http1_body(reader, headers):
    length = dict(headers).get("content-length")
    return await reader.readexactly(int(length)) if length else b""


async def http1_send(writer, method, a):
    if a.raw:
        writer.write(a.raw)
        await writer.drain()
        raise Close
    lines = ["HTTP/1.1 %d Reason" % a.status]
    if a.length >= 0 and a.status != 204:
        lines.append("content-length: %d" % a.length)
    elif a.length < 0:
        lines.append("connection: close")
    lines += ["%s: %s" % h for h in a.headers]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    if method != "HEAD":
        writer.write(a.body)
        if a.pieces:
            async for piece in a.pieces:
                writer.write(piece)
                await writer.drain()
    await writer.drain()
    if method != "HEAD" and a.length > len(a.body):
        raise Close


async def http1(conn, reader, writer):
    nth = 0
    while True:
        line = (await reader.readline()).decode("latin-1").split()
        if len(line) != 3:
            return
        headers = []
        while True:
            text = (await reader.readline()).decode("latin-1").strip()
            if not text:
                break
            name, _, value = text.partition(":")
            headers.append((name.lower(), value.strip()))
        body = await http1_body(reader, headers)
        nth += 1
        answer = await respond(conn, nth, line[0], line[1], headers, body)
        await http1_send(writer, line[0], answer)


class Http2:
    def __init__(self, conn, reader, writer):
        self.conn, self.reader, self.writer = conn, reader, writer
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=False, header_encoding="latin-1",
            validate_outbound_headers=False,
            normalize_outbound_headers=False))
        self.streams, self.nth = {}, 0
        self.room = asyncio.Event()
        self.tasks = set()

    async def flush(self):
        self.writer.write(self.h2.data_to_send())
        await self.writer.drain()

    async def send(self, stream, data, end):
        while data:
            n = min(len(data), self.h2.local_flow_control_window(stream),
                    self.h2.max_outbound_frame_size)
            if n <= 0:
                self.room.clear()
                await self.room.wait()
                continue
            self.h2.send_data(stream, data[:n])
            data = data[n:]
            await self.flush()
        if end:
            self.h2.end_stream(stream)
            await self.flush()

    async def answer(self, stream, nth, headers, body):
        h = dict(headers)
        try:
            a = await respond(self.conn, nth, h[":method"], h[":path"],
                              headers, body)
            if a.raw:
                raise Close
            self.h2.send_headers(stream, [(":status", str(a.status))] +
                                 [(k.lower(), v) for k, v in a.headers])
            await self.flush()
            if h[":method"] != "HEAD":
                await self.send(stream, a.body, False)
                if a.pieces:
                    async for piece in a.pieces:
                        await self.send(stream, piece, False)
                if a.length > len(a.body):
                    raise Close
            await self.send(stream, b"", True)
        except Close:
            self.writer.close()
        except Refuse as how:
            if str(how) == "refuse":
                self.h2.reset_stream(stream,
                                     h2.errors.ErrorCodes.REFUSED_STREAM)
            else:
                self.h2.close_connection(last_stream_id=0)
            await self.flush()
        except (h2.exceptions.ProtocolError, OSError):
            pass

    def handle(self, event):
        if isinstance(event, h2.events.RequestReceived):
            self.streams[event.stream_id] = (event.headers, [])
        elif isinstance(event, h2.events.DataReceived):
            self.h2.acknowledge_received_data(
                event.flow_controlled_length, event.stream_id)
            self.streams[event.stream_id][1].append(event.data)
        elif isinstance(event, h2.events.WindowUpdated):
            self.room.set()
        elif isinstance(event, h2.events.StreamEnded):
            headers, body = self.streams.pop(event.stream_id)
            self.nth += 1
            task = asyncio.ensure_future(self.answer(
                event.stream_id, self.nth, headers, b"".join(body)))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def run(self):
        self.h2.initiate_connection()
        await self.flush()
        while True:
            data = await self.reader.read(65536)
            if not data:
                return
            for event in self.h2.receive_data(data):
                self.handle(event)
            await self.flush()


async def connection(reader, writer):
    STATE["connections"] += 1
    conn = STATE["connections"]
    log("connection", conn)
    tls = writer.get_extra_info("ssl_object")
    try:
        if tls and tls.selected_alpn_protocol() == "h2":
            await Http2(conn, reader, writer).run()
        else:
            await http1(conn, reader, writer)
    except (Close, OSError, EOFError, ssl.SSLError,
            h2.exceptions.ProtocolError):
        pass
    finally:
        writer.close()
        log("closed", conn)


async def main():
    tls = None
    if ARGS.cert:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(ARGS.cert, ARGS.key)
        tls.set_alpn_protocols(ARGS.alpn.split(","))
    server = await asyncio.start_server(connection, ARGS.address, ARGS.port,
                                        ssl=tls)
    log("listening")
    await server.serve_forever()


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--port", type=int, required=True)
    p.add_argument("--address", default="127.0.0.1")
    p.add_argument("--cert")
    p.add_argument("--key")
    p.add_argument("--alpn", default="h2,http/1.1")
    p.add_argument("--log", required=True)
    p.add_argument("--release", default="/nonexistent")
    ARGS = p.parse_args()
    LOG = open(ARGS.log, "a", encoding="ascii", errors="backslashreplace")
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(130)
