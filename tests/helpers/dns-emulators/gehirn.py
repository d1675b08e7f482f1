from emulator import *


class Gehirn(Emulator):
    HOSTS = ["api.gis.gehirn.jp"]
    CREDENTIALS = {"api_token": "gehirn-token", "api_secret": "gehirn-secret-0123456789"}
    WRONG = "api_secret"
    CERTBOT = "dns-gehirn"

    def __init__(self):
        super().__init__()
        self.sets, self.version = {}, "v1"

    def authorize(self, r):
        r.basic("gehirn-token", "gehirn-secret-0123456789",
                {"code": 401, "description": "Unauthorized"})

    @route("GET", "/dns/v1/zones")
    def zones(self, r):
        return [{"id": z["id"], "name": n, "current_version_id": self.version}
                for n, z in self.store.zones.items()]

    def the_zone(self, ident, version):
        zone = self.store.by_id(ident)
        if zone is None or version != self.version:
            raise Refuse(404, {"code": 404, "description": "no such zone version"})
        return zone

    def ident(self, name, kind):
        return hashlib.md5((name + kind).encode()).hexdigest()

    def rows(self, zone):
        found = {}
        for x in zone["records"]:
            s = found.setdefault(self.ident(x["name"], x["type"]), {
                "id": self.ident(x["name"], x["type"]), "name": x["name"] + ".",
                "type": x["type"], "ttl": x["ttl"], "enable_alias": False,
                "records": []})
            s["records"].append({"data" if x["type"] == "TXT" else "address": x["value"]})
        return found

    def store_set(self, zone, d):
        self.store.replace(zone, d["name"], d["type"],
                           [unquoted(v["data"]) for v in d["records"]], d["ttl"])

    @route("GET", "/dns/v1/zones/([^/]+)/versions/([^/]+)/records")
    def listing(self, r, ident, version):
        return list(self.rows(self.the_zone(ident, version)).values())

    @route("POST", "/dns/v1/zones/([^/]+)/versions/([^/]+)/records")
    def add(self, r, ident, version):
        zone, d = self.the_zone(ident, version), r.json()
        if self.ident(d["name"].rstrip("."), d["type"]) in self.rows(zone):
            raise Refuse(409, {"code": 409, "description": "already exists"})
        if not isinstance(d["enable_alias"], bool):
            raise Malformed("enable_alias")
        self.store_set(zone, d)
        return self.rows(zone)[self.ident(d["name"].rstrip("."), d["type"])]

    @route("PUT", "/dns/v1/zones/([^/]+)/versions/([^/]+)/records/([^/]+)")
    def change(self, r, ident, version, rec):
        zone, d = self.the_zone(ident, version), r.json()
        if d["id"] != rec or rec not in self.rows(zone):
            raise Refuse(404, {"code": 404, "description": "no such record"})
        self.store_set(zone, d)
        return self.rows(zone)[rec]

    @route("DELETE", "/dns/v1/zones/([^/]+)/versions/([^/]+)/records/([^/]+)")
    def delete(self, r, ident, version, rec):
        zone = self.the_zone(ident, version)
        s = self.rows(zone).get(rec)
        if s is None:
            raise Refuse(404, {"code": 404, "description": "no such record"})
        self.store.replace(zone, s["name"], s["type"], [], 0)
        return s
