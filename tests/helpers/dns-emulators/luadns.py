from emulator import *


class LuaDNS(Emulator):
    HOSTS = ["api.luadns.com"]
    CREDENTIALS = {"email": "me@example.com", "token": "luadns-token-0123456789"}
    LEXICON = ("luadns", {"auth_username": "me@example.com", "auth_token": "luadns-token-0123456789"})
    SUFFIX = ".com"
    WRONG = "token"

    def authorize(self, r):
        r.basic("me@example.com", "luadns-token-0123456789",
                {"status": "Unauthorized", "message": "Invalid credentials"})

    @route("GET", "/v1/zones")
    def zones(self, r):
        return [{"id": int(z["id"]), "name": n} for n, z in self.store.zones.items()]

    def the_zone(self, ident):
        zone = self.store.by_id(ident)
        if zone is None:
            raise Refuse(404, {"message": "Not found"})
        return zone

    def shown(self, zone, x):
        return {"id": int(x["id"]), "name": x["name"] + ".", "type": x["type"],
                "content": x["value"], "ttl": x["ttl"], "zone_id": int(zone["id"])}

    @route("POST", "/v1/zones/([0-9]+)/records")
    def add(self, r, ident):
        zone, d = self.the_zone(ident), r.json()
        if not d["name"].endswith("."):
            raise Malformed("name is not absolute")
        return self.shown(zone, self.store.add(zone, d["name"], d["type"],
                                               d["content"], d["ttl"]))

    @route("GET", "/v1/zones/([0-9]+)/records")
    def listing(self, r, ident):
        zone = self.the_zone(ident)
        return [self.shown(zone, x) for x in zone["records"]]

    @route("DELETE", "/v1/zones/([0-9]+)/records/([0-9]+)")
    def delete(self, r, ident, rec):
        zone = self.the_zone(ident)
        shown = [self.shown(zone, x) for x in zone["records"] if x["id"] == rec]
        if not self.store.remove(zone, rec):
            raise Refuse(404, {"message": "Not found"})
        return shown[0]
