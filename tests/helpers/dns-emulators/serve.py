"""serve.py - emulators over HTTPS and DNS, in this process.

    servers = start(emulators, cert, key, https=443, dns=53)

HTTPS by host name; DNS (UDP and TCP on 127.0.0.1) answers TXT of every
emulator's zones, SOA and NS of the zones, and 127.0.0.1 for ns1.ZONE.
"""
import http.server
import importlib
import os
import socketserver
import ssl
import struct
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
# Debian's Google libraries put an empty package of this name there at the start
# of any Python.
sys.modules.pop("google", None)

from emulator import Request, unquoted  # noqa: E402


def names():
    return sorted(f[:-3].replace("_", "-") for f in os.listdir(HERE)
                  if f.endswith(".py")
                  and f not in ("emulator.py", "serve.py", "run.py", "peers.py",
                                "replay.py", "pair.py", "prompt.py",
                                "roles.py"))


def load(name):
    module = importlib.import_module(name.replace("-", "_"))
    for value in vars(module).values():
        if isinstance(value, type) and value.__module__ == module.__name__ \
                and hasattr(value, "HOSTS"):
            return value()
    raise SystemExit("no emulator in %s" % name)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    by_host = {}

    def do(self):
        host = self.headers.get("Host", "").split(":")[0].lower()
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        emulator = self.by_host.get(host)
        if emulator is None:
            self.send_error(421)
            return
        status, headers, data = emulator.handle(Request(
            self.command, self.path, self.headers.items(), body, host))
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if status not in (204, 304) and self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client):
        pass


def label(name):
    return b"".join(bytes([len(p)]) + p.encode() for p in name.split(".") if p) + b"\0"


class Dns:
    TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 16: "TXT", 28: "AAAA"}

    def __init__(self, emulators):
        self.emulators = emulators

    def zone(self, name):
        found = None
        for e in self.emulators:
            for zone in e.store.zones:
                if (name == zone or name.endswith("." + zone)) and \
                        (found is None or len(zone) > len(found[1])):
                    found = e, zone
        return found

    def records(self, name, kind):
        found = self.zone(name)
        if found is None:
            return None
        emulator, zone = found
        if kind == "SOA" and name == zone:
            return [label("ns1." + zone) + label("h." + zone) + struct.pack(
                ">5I", 1, 60, 60, 600, 1)]
        if kind == "NS" and name == zone:
            return [label("ns1." + zone)]
        if kind == "A":
            return [bytes([127, 0, 0, 1])]
        if kind == "TXT":
            return [bytes([len(v)]) + v.encode() for v in
                    emulator.txt(name) if len(v) < 256]
        return []

    def answer(self, query):
        ident, flags, qd = struct.unpack(">HHH", query[:6])
        at, parts = 12, []
        while query[at]:
            parts.append(query[at + 1:at + 1 + query[at]].decode().lower())
            at += query[at] + 1
        at += 1
        number, = struct.unpack(">H", query[at:at + 2])
        question, name = query[12:at + 4], ".".join(parts)
        data = self.records(name, self.TYPES.get(number, "?"))
        rcode = 3 if data is None else 0
        data = data or []
        head = struct.pack(">HHHHHH", ident, 0x8400 | flags & 0x0100 | rcode, qd,
                           len(data), 0, 0)
        return head + question + b"".join(
            b"\xc0\x0c" + struct.pack(">HHIH", number, 1, 1, len(d)) + d
            for d in data)


class Udp(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            self.request[1].sendto(self.server.dns.answer(self.request[0]),
                                   self.client_address)
        except (IndexError, struct.error, UnicodeDecodeError):
            pass


class Tcp(socketserver.StreamRequestHandler):
    def handle(self):
        size = self.rfile.read(2)
        if len(size) == 2:
            data = self.server.dns.answer(
                self.rfile.read(struct.unpack(">H", size)[0]))
            self.wfile.write(struct.pack(">H", len(data)) + data)


class UdpServer(socketserver.ThreadingUDPServer):
    daemon_threads = allow_reuse_address = True


class TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True


def run(server):
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()


def start(emulators, cert, key, https=443, dns=53, plain=None):
    for e in emulators:
        for host in e.HOSTS:
            Handler.by_host[host] = e
    server = Server(("127.0.0.1", https), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    run(server)
    if plain:
        run(Server(plain, Handler))
    for kind in (UdpServer, TcpServer):
        one = kind(("127.0.0.1", dns), Udp if kind is UdpServer else Tcp)
        one.dns = Dns(emulators)
        run(one)
