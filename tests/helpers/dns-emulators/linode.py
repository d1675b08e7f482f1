from emulator import *


class Linode(Emulator):
    HOSTS = ["api.linode.com"]
    KEY = "0123456789abcdef" * 4
    CREDENTIALS = {"key": KEY}
    WRONG = "key"
    CERTBOT = "dns-linode"

    def authorize(self, r):
        r.bearer(self.KEY, body={"errors": [{"reason": "Invalid Token"}]})

    def page(self, r, rows):
        if "x-filter" in r.headers:
            want = json.loads(r.headers["x-filter"])
            rows = [x for x in rows if all(x.get(k) == v for k, v in want.items()
                                           if k[0] != "+")]
        size, page = 2, int(r.query.get("page", 1))
        return {"data": rows[(page - 1) * size:page * size], "page": page,
                "pages": max(1, -(-len(rows) // size)), "results": len(rows)}

    @route("GET", "/v4/domains")
    def zones(self, r):
        return self.page(r, [{"id": int(z["id"]), "domain": n, "type": "master"}
                             for n, z in self.store.zones.items()])

    def the_zone(self, ident):
        zone = self.store.by_id(ident)
        if zone is None:
            raise Refuse(404, {"errors": [{"reason": "Not found"}]})
        return zone

    def shown(self, zone, x):
        return {"id": int(x["id"]), "type": x["type"], "target": x["value"],
                "name": relative(x["name"], zone["name"], ""), "ttl_sec": x["ttl"]}

    @route("POST", "/v4/domains/([0-9]+)/records")
    def add(self, r, ident):
        zone, d = self.the_zone(ident), r.json()
        if d.get("ttl_sec", 0) not in (0, 30, 60, 120, 300, 3600, 7200, 14400):
            raise Refuse(400, {"errors": [{"reason": "ttl_sec", "field": "ttl_sec"}]})
        x = self.store.add(zone, absolute(d["name"], zone["name"]), d["type"],
                           d["target"], d.get("ttl_sec", 0))
        return self.shown(zone, x)

    @route("GET", "/v4/domains/([0-9]+)/records")
    def listing(self, r, ident):
        zone = self.the_zone(ident)
        return self.page(r, [self.shown(zone, x) for x in zone["records"]])

    @route("DELETE", "/v4/domains/([0-9]+)/records/([0-9]+)")
    def delete(self, r, ident, rec):
        if not self.store.remove(self.the_zone(ident), rec):
            raise Refuse(404, {"errors": [{"reason": "Not found"}]})
        return {}
