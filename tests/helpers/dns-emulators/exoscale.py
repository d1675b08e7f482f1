from emulator import *


class Exoscale(Emulator):
    HOSTS = ["api-ch-gva-2.exoscale.com"]
    CREDENTIALS = {"api_key": "EXO0123456789", "api_secret": "exoscale-secret-0123456789"}
    WRONG = "api_secret"

    def __init__(self):
        super().__init__()
        self.operations = {}

    def authorize(self, r):
        m = re.match(r"EXO2-HMAC-SHA256 credential=([^,]+)(?:,signed-query-args=([^,]*))?,"
                     r"expires=(\d+),signature=(.+)$", r.headers.get("authorization", ""))
        if not m or m.group(1) != "EXO0123456789":
            raise Refuse(403, {"message": "Invalid credential"})
        args = "".join(r.query[k] for k in (m.group(2) or "").split(";") if k)
        text = "\n".join(["%s %s" % (r.method, r.path), r.body.decode(), args, "", m.group(3)])
        want = base64.b64encode(hmac.new(b"exoscale-secret-0123456789", text.encode(),
                                         hashlib.sha256).digest()).decode()
        if want != m.group(4) or int(m.group(3)) < clock():
            raise Refuse(403, {"message": "Invalid request signature"})

    def uuid(self, ident):
        return "00000000-0000-0000-0000-%012d" % int(ident)

    @route("GET", "/v2/dns-domain")
    def zones(self, r):
        return {"dns-domains": [{"id": self.uuid(z["id"]), "unicode-name": n,
                                 "created-at": "2026-01-01T00:00:00Z"}
                                for n, z in self.store.zones.items()]}

    def the_zone(self, ident):
        zone = self.store.by_id(int(ident[-12:]))
        if zone is None:
            raise Refuse(404, {"message": "Not Found"})
        return zone

    def shown(self, zone, x):
        return {"id": self.uuid(x["id"]), "name": relative(x["name"], zone["name"], ""),
                "type": x["type"], "content": x["value"], "ttl": x["ttl"]}

    @route("GET", "/v2/dns-domain/([^/]+)/record")
    def listing(self, r, ident):
        zone = self.the_zone(ident)
        return {"dns-domain-records": [self.shown(zone, x) for x in zone["records"]]}

    @route("GET", "/v2/dns-domain/([^/]+)/record/([^/]+)")
    def read(self, r, ident, rec):
        zone = self.the_zone(ident)
        for x in zone["records"]:
            if self.uuid(x["id"]) == rec:
                return self.shown(zone, x)
        raise Refuse(404, {"message": "Not Found"})

    def operation(self, ref):
        ident = self.uuid(self.store.number())
        self.operations[ident] = [1, ref]
        return {"id": ident, "state": "pending", "reference": {"id": ref, "command": "x"}}

    @route("POST", "/v2/dns-domain/([^/]+)/record")
    def add(self, r, ident):
        zone, d = self.the_zone(ident), r.json()
        x = self.store.add(zone, absolute(d["name"], zone["name"]), d["type"], d["content"],
                           d.get("ttl", 3600))
        return self.operation(self.uuid(x["id"]))

    @route("DELETE", "/v2/dns-domain/([^/]+)/record/([^/]+)")
    def delete(self, r, ident, rec):
        if not self.store.remove(self.the_zone(ident), int(rec[-12:])):
            raise Refuse(404, {"message": "Not Found"})
        return self.operation(rec)

    @route("GET", "/v2/operation/([^/]+)")
    def poll(self, r, ident):
        o = self.operations[ident]
        o[0] -= 1
        return {"id": ident, "state": "pending" if o[0] > 0 else "success",
                "reference": {"id": o[1], "command": "x"}}
