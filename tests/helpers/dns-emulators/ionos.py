from emulator import *


class Ionos(Emulator):
    HOSTS = ["api.hosting.ionos.com"]
    CREDENTIALS = {"prefix": "ionosprefix", "secret": "ionos-secret-0123456789"}
    WRONG = "secret"
    LEGO = ("ionos", {"IONOS_API_KEY": "ionosprefix.ionos-secret-0123456789"})

    def authorize(self, r):
        if r.headers.get("x-api-key") != "ionosprefix.ionos-secret-0123456789":
            raise Refuse(401, [{"code": "UNAUTHORIZED", "message": "The customer is not authorized to do this operation."}])

    @route("GET", "/dns/v1/zones")
    def zones(self, r):
        return [{"id": "u-" + z["id"], "name": n, "type": "NATIVE"}
                for n, z in self.store.zones.items()]

    def the_zone(self, ident):
        zone = self.store.by_id(ident[2:])
        if zone is None:
            raise Refuse(404, [{"code": "ZONE_NOT_FOUND"}])
        return zone

    def shown(self, x):
        return {"id": "r-" + x["id"], "name": x["name"], "rootName": x["name"],
                "type": x["type"], "ttl": x["ttl"], "disabled": False,
                "content": quoted(x["value"]) if x["type"] == "TXT" else x["value"]}

    @route("GET", "/dns/v1/zones/([^/]+)")
    def zone_(self, r, ident):
        zone = self.the_zone(ident)
        return {"id": ident, "name": zone["name"], "type": "NATIVE", "records": [
            self.shown(x) for x in zone["records"]
            if r.query.get("recordName") in (None, x["name"])
            and r.query.get("recordType") in (None, x["type"])]}

    def put(self, zone, d):
        if d["ttl"] < 60:
            raise Refuse(400, [{"code": "INVALID_RECORD", "message": "ttl"}])
        return self.shown(self.store.add(zone, d["name"], d["type"], unquoted(d["content"]), d["ttl"]))

    @route("POST", "/dns/v1/zones/([^/]+)/records")
    def add(self, r, ident):
        return 201, [self.put(self.the_zone(ident), d) for d in r.json()], {}

    @route("PATCH", "/dns/v1/zones/([^/]+)")
    def patch(self, r, ident):
        zone = self.the_zone(ident)
        for name, kind in {(d["name"], d["type"]) for d in r.json()}:
            self.store.replace(zone, name, kind, [], 0)
        for d in r.json():
            self.put(zone, d)
        return 200, b"", {}

    @route("DELETE", "/dns/v1/zones/([^/]+)/records/r-([0-9]+)")
    def delete(self, r, ident, rec):
        if not self.store.remove(self.the_zone(ident), rec):
            raise Refuse(404, [{"code": "RECORD_NOT_FOUND"}])
        return 200, b"", {}
