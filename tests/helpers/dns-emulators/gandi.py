from emulator import *


class Gandi(Emulator):
    HOSTS = ["api.gandi.net", "dns.api.gandi.net"]
    CREDENTIALS = {"api_key": "gandi-key-0123456789"}
    WRONG = "api_key"
    LEGO = ("gandiv5", {"GANDIV5_API_KEY": "gandi-key-0123456789"})
    CERTBOT = "dns-gandi"

    def authorize(self, r):
        if r.headers.get("x-api-key") == "gandi-key-0123456789":
            return
        r.bearer("gandi-key-0123456789", "Apikey", 401, {
            "object": "HTTPUnauthorized", "code": 401, "cause": "Unauthorized",
            "message": "The server could not verify that you authorized to access the document you requested."})

    def the_zone(self, name):
        zone = self.store.zone(name)
        if zone is None:
            raise Refuse(404, {"object": "HTTPNotFound", "code": 404,
                               "cause": "Not Found", "message": "Unknown domain"})
        return zone

    @route("GET", "(?:/v5/livedns|/api/v5)/domains/([^/]+)")
    def zone_(self, r, name):
        return {"fqdn": self.the_zone(name)["name"], "automatic_snapshots": False}

    def shown(self, zone, rel, kind):
        rows = self.store.find(zone, absolute(rel, zone["name"]), kind)
        if not rows:
            raise Refuse(404, {"object": "HTTPNotFound", "code": 404,
                               "message": "Can't find the DNS record"})
        return {"rrset_name": rel, "rrset_type": kind, "rrset_ttl": rows[0]["ttl"],
                "rrset_values": [quoted(x["value"]) if kind == "TXT" else x["value"]
                                 for x in rows]}

    @route("GET", "(?:/v5/livedns|/api/v5)/domains/([^/]+)/records/([^/]+)/([A-Z]+)")
    def read(self, r, name, rel, kind):
        return self.shown(self.the_zone(name), rel, kind)

    @route("PUT", "(?:/v5/livedns|/api/v5)/domains/([^/]+)/records/([^/]+)/([A-Z]+)")
    def write(self, r, name, rel, kind):
        zone, d = self.the_zone(name), r.json()
        if d.get("rrset_ttl", 10800) < 300:
            raise Refuse(400, {"status": "error", "errors": [{"name": "rrset_ttl"}]})
        self.store.replace(zone, absolute(rel, zone["name"]), kind,
                           [unquoted(v) for v in d["rrset_values"]],
                           d.get("rrset_ttl", 10800))
        return 201, {"message": "DNS Record Created"}, {}

    @route("POST", "(?:/v5/livedns|/api/v5)/domains/([^/]+)/records")
    def create(self, r, name):
        zone, d = self.the_zone(name), r.json()
        if self.store.find(zone, absolute(d["rrset_name"], zone["name"]), d["rrset_type"]):
            raise Refuse(409, {"message": "A DNS Record already exists with same value"})
        self.store.replace(zone, absolute(d["rrset_name"], zone["name"]), d["rrset_type"],
                           [unquoted(v) for v in d["rrset_values"]], d.get("rrset_ttl", 10800))
        return 201, {"message": "DNS Record Created"}, {}

    @route("DELETE", "(?:/v5/livedns|/api/v5)/domains/([^/]+)/records/([^/]+)/([A-Z]+)")
    def delete(self, r, name, rel, kind):
        zone = self.the_zone(name)
        self.shown(zone, rel, kind)
        self.store.replace(zone, absolute(rel, zone["name"]), kind, [], 0)
        return 204, None, {}
