from emulator import *


class Vultr(Emulator):
    HOSTS = ["api.vultr.com"]
    CREDENTIALS = {"key": "VULTRKEY0123456789"}
    WRONG = "key"
    LEGO = ("vultr", {"VULTR_API_KEY": "VULTRKEY0123456789"})

    def authorize(self, r):
        r.bearer("VULTRKEY0123456789", body={"error": "Invalid API token.", "status": 401})

    def page(self, r, key, rows):
        at = int(r.query.get("cursor") or 0)
        more = str(at + 2) if at + 2 < len(rows) else ""
        return {key: rows[at:at + 2], "meta": {"total": len(rows), "links": {
            "next": more, "prev": ""}}}

    @route("GET", "/v2/domains")
    def zones(self, r):
        return self.page(r, "domains", [{"domain": n, "date_created": "2026-01-01T00:00:00+00:00"}
                                        for n in self.store.zones])

    def the_zone(self, name):
        zone = self.store.zone(name)
        if zone is None:
            raise Refuse(404, {"error": "Invalid domain.", "status": 404})
        return zone

    @route("GET", "/v2/domains/([^/]+)")
    def zone_(self, r, name):
        return {"domain": {"domain": self.the_zone(name)["name"]}}

    def shown(self, zone, x):
        return {"id": x["id"], "type": x["type"], "ttl": x["ttl"], "priority": 0,
                "name": relative(x["name"], zone["name"], ""),
                "data": quoted(x["value"]) if x["type"] == "TXT" else x["value"]}

    @route("POST", "/v2/domains/([^/]+)/records")
    def add(self, r, name):
        zone, d = self.the_zone(name), r.json()
        if d["type"] == "TXT" and d["data"] != quoted(d["data"]):
            raise Refuse(400, {"error": "Data must be quoted", "status": 400})
        x = self.store.add(zone, absolute(d["name"], zone["name"]), d["type"],
                           unquoted(d["data"]), d["ttl"])
        return 201, {"record": self.shown(zone, x)}, {}

    @route("GET", "/v2/domains/([^/]+)/records")
    def listing(self, r, name):
        zone = self.the_zone(name)
        return self.page(r, "records", [self.shown(zone, x) for x in zone["records"]])

    @route("DELETE", "/v2/domains/([^/]+)/records/([^/]+)")
    def delete(self, r, name, ident):
        if not self.store.remove(self.the_zone(name), ident):
            raise Refuse(404, {"error": "Invalid record.", "status": 404})
        return 204, None, {}
