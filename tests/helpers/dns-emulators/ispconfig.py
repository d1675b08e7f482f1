from emulator import *


class ISPConfig(Emulator):
    HOSTS = ["panel.ispconfig.test"]
    CREDENTIALS = {"endpoint": "https://panel.ispconfig.test/remote/json.php",
                   "username": "remote", "password": "ispconfig-password-0123"}
    WRONG = "password"

    def __init__(self):
        super().__init__()
        self.sessions = set()

    def expire(self):
        self.sessions.clear()
        return True

    @route("POST", "/remote/json.php")
    def call(self, r):
        d, fn = r.json(), r.raw_query
        if fn == "login":
            if (d["username"], d["password"]) != ("remote", "ispconfig-password-0123"):
                return {"code": "remote_fault", "response": False,
                        "message": "The login failed. Username or password wrong."}
            self.sessions.add("s%d" % self.store.number())
            return {"code": "ok", "message": "", "response": max(self.sessions)}
        if d.get("session_id") not in self.sessions:
            return {"code": "remote_fault", "message": "The session is expired"}
        return {"code": "ok", "message": "", "response": getattr(self, fn)(d)}

    def logout(self, d):
        self.sessions.discard(d["session_id"])
        return True

    def dns_zone_get(self, d):
        zone = self.store.zone(d["primary_id"]["origin"])
        if not d["primary_id"]["origin"].endswith("."):
            raise Malformed("origin")
        return [{"id": zone["id"], "server_id": "1", "sys_userid": "5",
                 "origin": zone["name"] + "."}] if zone else []

    def client_get_id(self, d):
        return 3 if d["sys_userid"] == "5" else False

    def dns_txt_add(self, d):
        p, zone = d["params"], self.store.by_id(d["params"]["zone"])
        if d["client_id"] != 3 or p["type"].upper() != "TXT" or p["server_id"] != "1" \
                or not p["name"].endswith("."):
            raise Malformed("dns_txt_add")
        return self.store.add(zone, p["name"], "TXT", p["data"], int(p["ttl"]))["id"]

    def dns_txt_get(self, d):
        return [{"id": x["id"], "name": x["name"] + ".", "data": x["value"], "type": "TXT"}
                for z in self.store.zones.values()
                for x in self.store.find(z, d["primary_id"]["name"], "TXT")]

    def dns_txt_delete(self, d):
        return int(any([self.store.remove(z, d["primary_id"])
                        for z in self.store.zones.values()]))
