import struct

from emulator import *

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def tan(step):
    mac = hmac.new(base64.b32decode(SECRET), struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[19] & 15
    return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff) % 10 ** 6)


class INWX(Emulator):
    HOSTS = ["api.domrobot.com"]
    CREDENTIALS = {"url": "https://api.domrobot.com", "username": "me",
                   "password": "inwx-password-0123", "shared_secret": SECRET}
    WRONG = "password"
    SDK = ("domrobot-client", ["domrobot-client@3.3.0"], {
        "username": "me", "password": "inwx-password-0123", "secret": SECRET})

    def __init__(self):
        super().__init__()
        self.sessions = {}

    def expire(self):
        self.sessions.clear()
        return True

    @route("POST", "/jsonrpc/")
    def call(self, r):
        d = r.json()
        method, p = d["method"], d.get("params", {})
        cookie = r.headers.get("cookie", "").split(";")[0].replace("domrobot=", "")
        if method == "account.login":
            if (p["user"], p["pass"]) != ("me", "inwx-password-0123"):
                return {"code": 2200, "msg": "Authentication error"}
            cookie = "s%d" % self.store.number()
            self.sessions[cookie] = False
            return 200, {"code": 1000, "resData": {"tfa": "GOOGLE-AUTH"}}, {
                "Set-Cookie": "domrobot=%s; path=/; HttpOnly" % cookie}
        if cookie not in self.sessions:
            return {"code": 2200, "msg": "Authentication error"}
        if method == "account.unlock":
            step = int(clock()) // 30
            if p["tan"] not in (tan(step), tan(step - 1)):
                return {"code": 2200, "msg": "Authentication error"}
            self.sessions[cookie] = True
            return {"code": 1000}
        if not self.sessions[cookie]:
            return {"code": 2200, "msg": "Authentication error"}
        return getattr(self, method.replace(".", "_"))(p)

    def account_logout(self, p):
        return {"code": 1500}

    def nameserver_list(self, p):
        return {"code": 1000, "resData": {"count": len(self.store.zones), "domains": [
            {"domain": n, "type": "MASTER"} for n in self.store.zones]}}

    def nameserver_createRecord(self, p):
        zone = self.store.zone(p["domain"])
        for x in self.store.find(zone, p["name"], p["type"]):
            if x["value"] == p["content"]:
                return {"code": 2302, "msg": "Object exists"}
        x = self.store.add(zone, p["name"], p["type"], p["content"], p["ttl"])
        return {"code": 1000, "resData": {"id": int(x["id"])}}

    def nameserver_info(self, p):
        zone = self.store.zone(p["domain"])
        return {"code": 1000, "resData": {"record": [
            {"id": int(x["id"]), "name": x["name"], "type": x["type"],
             "content": x["value"], "ttl": x["ttl"]}
            for x in self.store.find(zone, p.get("name"), p.get("type"))
            if p.get("content") in (None, x["value"])]}}

    def nameserver_deleteRecord(self, p):
        gone = any([self.store.remove(z, p["id"]) for z in self.store.zones.values()])
        return {"code": 1000} if gone else {"code": 2303, "msg": "Object does not exist"}
