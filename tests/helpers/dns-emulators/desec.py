from emulator import *


class Desec(Emulator):
    HOSTS = ["desec.io"]
    CREDENTIALS = {"token": "desec-token-0123456789"}
    WRONG = "token"
    LEGO = ("desec", {"DESEC_TOKEN": "desec-token-0123456789"})

    def authorize(self, r):
        r.bearer("desec-token-0123456789", "Token", 401, {"detail": "Invalid token."})

    @route("GET", "/api/v1/domains/")
    def zones(self, r):
        name = r.query["owns_qname"].rstrip(".")
        rows = [n for n in self.store.zones if name == n or name.endswith("." + n)]
        return [{"name": n, "minimum_ttl": 3600} for n in rows]

    def the_zone(self, name):
        zone = self.store.zone(name)
        if zone is None:
            raise Refuse(404, {"detail": "Not found."})
        return zone

    def shown(self, zone, rel, kind):
        rows = self.store.find(zone, absolute(rel, zone["name"]), kind)
        if not rows:
            raise Refuse(404, {"detail": "Not found."})
        return {"domain": zone["name"], "subname": "" if rel == "@" else rel, "type": kind,
                "name": rows[0]["name"] + ".", "ttl": rows[0]["ttl"],
                "records": [quoted(x["value"]) for x in rows]}

    def put(self, zone, d):
        if d["ttl"] < 3600:
            raise Refuse(400, {"ttl": ["Ensure this value is greater than or equal to 3600."]})
        if any(v != quoted(v) for v in d["records"]):
            raise Refuse(400, {"records": ["Data for TXT records must be given using quotation marks."]})
        self.store.replace(zone, absolute(d["subname"], zone["name"]), d["type"],
                           [unquoted(v) for v in d["records"]], d["ttl"])

    @route("GET", "/api/v1/domains/([^/]+)/rrsets/([^/]+)/([A-Z]+)/")
    def read(self, r, name, rel, kind):
        return self.shown(self.the_zone(name), rel, kind)

    @route("PUT", "/api/v1/domains/([^/]+)/rrsets/")
    def bulk(self, r, name):
        zone = self.the_zone(name)
        for d in r.json():
            self.put(zone, d)
        return r.json()

    @route("POST", "/api/v1/domains/([^/]+)/rrsets/")
    def create(self, r, name):
        zone, d = self.the_zone(name), r.json()
        if self.store.find(zone, absolute(d["subname"], zone["name"]), d["type"]):
            raise Refuse(400, {"non_field_errors": ["Another RRset with the same subdomain and type exists for this domain."]})
        self.put(zone, d)
        return 201, d, {}

    @route("PATCH", "/api/v1/domains/([^/]+)/rrsets/([^/]+)/([A-Z]+)/")
    def change(self, r, name, rel, kind):
        zone = self.the_zone(name)
        old = self.shown(zone, rel, kind)
        old.update(r.json())
        self.put(zone, old)
        return old if old["records"] else (204, None, {})

    @route("DELETE", "/api/v1/domains/([^/]+)/rrsets/([^/]+)/([A-Z]+)/")
    def delete(self, r, name, rel, kind):
        zone = self.the_zone(name)
        self.store.replace(zone, absolute(rel, zone["name"]), kind, [], 0)
        return 204, None, {}
