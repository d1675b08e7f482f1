from emulator import *


class Hetzner(Emulator):
    HOSTS = ["api.hetzner.cloud"]
    CREDENTIALS = {"api_token": "hetzner-token-0123456789"}
    WRONG = "api_token"

    def __init__(self):
        super().__init__()
        self.actions = {}

    def no(self, status, code, message):
        raise Refuse(status, {"error": {"code": code, "message": message}})

    def authorize(self, r):
        r.bearer("hetzner-token-0123456789", body={
            "error": {"code": "unauthorized", "message": "unable to authenticate"}})

    def the_zone(self, name):
        return self.store.zone(name) or self.no(404, "not_found", "zone not found")

    @route("GET", "/v1/zones/([^/]+)")
    def zone_(self, r, name):
        z = self.the_zone(name)
        return {"zone": {"id": int(z["id"]), "name": z["name"], "mode": "primary"}}

    def action(self):
        ident = self.store.number()
        self.actions[ident] = 1
        return {"action": {"id": ident, "status": "running", "progress": 0, "error": None}}

    def values(self, r):
        d = r.json()
        for x in d["records"]:
            if x["value"] != quoted(x["value"]):
                self.no(422, "invalid_input", "TXT records must be fully quoted")
        return d, [unquoted(x["value"]) for x in d["records"]]

    @route("POST", "/v1/zones/([^/]+)/rrsets/([^/]+)/TXT/actions/add_records")
    def add(self, r, name, rel):
        zone = self.the_zone(name)
        d, values = self.values(r)
        fqdn = absolute(rel, zone["name"])
        old = self.store.find(zone, fqdn, "TXT")
        for v in values:
            if v in [x["value"] for x in old]:
                self.no(422, "uniqueness_error", "record already exists")
            self.store.add(zone, fqdn, "TXT", v, old[0]["ttl"] if old else d["ttl"])
        return 201, self.action(), {}

    @route("POST", "/v1/zones/([^/]+)/rrsets/([^/]+)/TXT/actions/remove_records")
    def remove(self, r, name, rel):
        zone = self.the_zone(name)
        _, values = self.values(r)
        rows = self.store.find(zone, absolute(rel, zone["name"]), "TXT")
        if not rows:
            self.no(404, "not_found", "rrset not found")
        for x in rows:
            if x["value"] in values:
                self.store.remove(zone, x["id"])
        return 201, self.action(), {}

    @route("GET", "/v1/actions/([0-9]+)")
    def poll(self, r, ident):
        self.actions[int(ident)] -= 1
        return {"action": {"id": int(ident), "error": None, "progress": 100,
                           "status": "running" if self.actions[int(ident)] > 0 else "success"}}
