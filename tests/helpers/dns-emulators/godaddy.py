from emulator import *


class GoDaddy(Emulator):
    HOSTS = ["api.godaddy.com"]
    CREDENTIALS = {"key": "godaddy-key", "secret": "godaddy-secret-0123456789"}
    WRONG = "secret"
    LEGO = ("godaddy", {"GODADDY_API_KEY": "godaddy-key",
                        "GODADDY_API_SECRET": "godaddy-secret-0123456789"})
    LIMIT = (429, {"code": "TOO_MANY_REQUESTS", "retryAfterSec": 1}, {"Retry-After": "1"})

    def authorize(self, r):
        r.bearer("godaddy-key:godaddy-secret-0123456789", "sso-key", 401, {
            "code": "UNABLE_TO_AUTHENTICATE", "message": "Unauthorized : Could not authenticate API key/secret"})

    def the_zone(self, name):
        zone = self.store.zone(name)
        if zone is None:
            raise Refuse(404, {"code": "NOT_FOUND", "message": "Domain not found"})
        return zone

    @route("GET", "/v1/domains/([^/]+)")
    def zone_(self, r, name):
        return {"domain": self.the_zone(name)["name"], "status": "ACTIVE"}

    @route("GET", "/v1/domains/([^/]+)/records/([A-Z]+)")
    def listing(self, r, name, kind):
        zone = self.the_zone(name)
        return [{"data": x["value"], "name": relative(x["name"], zone["name"]),
                 "type": kind, "ttl": x["ttl"]} for x in self.store.find(zone, None, kind)]

    @route("PUT", "/v1/domains/([^/]+)/records/([A-Z]+)")
    def write_all(self, r, name, kind):
        zone = self.the_zone(name)
        for x in self.store.find(zone, None, kind):
            self.store.remove(zone, x["id"])
        for row in r.json():
            self.store.add(zone, absolute(row["name"], zone["name"]), kind, row["data"], row["ttl"])
        return 200, b"", {}

    @route("GET", "/v1/domains/([^/]+)/records/([A-Z]+)/([^/]+)")
    def read(self, r, name, kind, rel):
        zone = self.the_zone(name)
        return [{"data": x["value"], "name": rel, "type": kind, "ttl": x["ttl"]}
                for x in self.store.find(zone, absolute(rel, zone["name"]), kind)]

    @route("PUT", "/v1/domains/([^/]+)/records/([A-Z]+)/([^/]+)")
    def write(self, r, name, kind, rel):
        zone, d = self.the_zone(name), r.json()
        for row in d:
            if row["ttl"] < 600:
                raise Refuse(422, {"code": "INVALID_BODY", "message": "ttl"})
        if not d:
            raise Refuse(422, {"code": "INVALID_BODY", "message": "empty"})
        fqdn = absolute(rel, zone["name"])
        old = {x["value"]: x["ttl"] for x in self.store.find(zone, fqdn, kind)}
        self.store.replace(zone, fqdn, kind, [], 0)
        for row in d:
            self.store.add(zone, fqdn, kind, row["data"], old.get(row["data"], row["ttl"]))
        return 200, b"", {}

    @route("DELETE", "/v1/domains/([^/]+)/records/([A-Z]+)/([^/]+)")
    def delete(self, r, name, kind, rel):
        zone = self.the_zone(name)
        if not self.store.find(zone, absolute(rel, zone["name"]), kind):
            raise Refuse(404, {"code": "UNKNOWN_DOMAIN"})
        self.store.replace(zone, absolute(rel, zone["name"]), kind, [], 0)
        return 204, None, {}
