#!/usr/bin/python3
"""Plays hosts of the world for tests/t/certbot-guide.t: guide-front.py CA ZONES

It listens on 192.0.2.1:443, in a network namespace of its own, so that ports
80 and 443 of the test's namespace are left to web servers. 192.0.2.2 is the
test's end. Its certificate is ca/tls/cert.pem. By the Host header it is

 api.cloudflare.com   as much of Cloudflare's API as the guide's scripts use;
                      records go to ZONES, the control URL of the DNS server
 any other            Let's Encrypt: CA is the port of a CA whose directory has
                      another path

The calls of the former are noted in the file "cloudflare", one a line.
"""
import ctypes
import http.client
import http.server
import json
import os
import ssl
import subprocess
import sys
import urllib.request

CA, ZONES = int(sys.argv[1]), sys.argv[2]
CLONE_NEWNET = 0x40000000


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def listener():
    """A socket in the other namespace; the process stays in this one."""
    libc = ctypes.CDLL(None, use_errno=True)
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    if libc.unshare(CLONE_NEWNET) != 0:
        sys.exit("unshare: " + os.strerror(ctypes.get_errno()))
    ip("link", "add", "world", "type", "veth", "peer", "name", "test", "netns",
       str(os.getppid()))
    ip("address", "add", "192.0.2.1/24", "dev", "world")
    ip("link", "set", "world", "up")
    server = http.server.ThreadingHTTPServer(("192.0.2.1", 443), Handler)
    if libc.setns(here, CLONE_NEWNET) != 0:
        sys.exit("setns: " + os.strerror(ctypes.get_errno()))
    ip("address", "add", "192.0.2.2/24", "dev", "test")
    ip("link", "set", "test", "up")
    return server


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    records = {}

    def answer(self, status, headers, text):
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "date", "server",
                                    "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def letsencrypt(self, body):
        trust = ssl.create_default_context(cafile="ca/tls/root.pem")
        up = http.client.HTTPSConnection("localhost", CA, context=trust)
        path = "/dir" if self.path == "/directory" else self.path
        up.request(self.command, path, body or None, dict(self.headers))
        answer = up.getresponse()
        self.answer(answer.status, answer.getheaders(), answer.read())

    def publish(self, what, record):
        data = {"host": record["name"] + ".", "value": record.get("content")}
        urllib.request.urlopen(ZONES + what, json.dumps(data).encode()).close()

    def cloudflare(self, body):
        with open("cloudflare", "a") as notes:
            notes.write("%s %s\n" % (self.command, self.path))
        if not self.headers["X-Auth-Email"] or not self.headers["X-Auth-Key"]:
            self.answer(403, [], b'{"success": false, "result": null}')
            return
        result = {"id": self.path.rpartition("/")[2]}
        if self.command == "GET":
            result = [{"id": "z1", "name": "example.com"}]
        elif self.command == "POST":
            result = dict(json.loads(body), id="r%d" % len(self.records))
            self.records[result["id"]] = result
            self.publish("/set-txt", result)
        else:
            self.publish("/clear-txt", self.records.pop(result["id"]))
        self.answer(200, [("content-type", "application/json")],
                    json.dumps({"success": True, "result": result}).encode())

    def forward(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.headers["Host"] == "api.cloudflare.com":
            self.cloudflare(body)
        else:
            self.letsencrypt(body)

    do_GET = do_HEAD = do_POST = do_DELETE = forward

    def log_message(self, *args):
        pass


front = listener()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("ca/tls/cert.pem", "ca/tls/key.pem")
front.socket = context.wrap_socket(front.socket, server_side=True)
open("front-is-up", "w").close()
front.serve_forever()
