from emulator import *


class Netlify(Emulator):
    HOSTS = ["api.netlify.com"]
    CREDENTIALS = {"token": "netlify-token-0123456789"}
    WRONG = "token"
    LEGO = ("netlify", {"NETLIFY_TOKEN": "netlify-token-0123456789"})

    def authorize(self, r):
        r.bearer("netlify-token-0123456789", body={"code": 401, "message": "Access Denied"})

    @route("GET", "/api/v1/dns_zones")
    def zones(self, r):
        return [{"id": n.replace(".", "_"), "name": n} for n in self.store.zones]

    def the_zone(self, ident):
        zone = self.store.zone(ident.replace("_", "."))
        if zone is None:
            raise Refuse(404, {"code": 404, "message": "Not Found"})
        return zone

    def shown(self, x):
        return {"id": x["id"], "hostname": x["name"], "type": x["type"],
                "value": x["value"], "ttl": x["ttl"]}

    @route("POST", "/api/v1/dns_zones/([^/]+)/dns_records")
    def add(self, r, ident):
        d = r.json()
        return 201, self.shown(self.store.add(self.the_zone(ident), d["hostname"], d["type"],
                                              d["value"], d["ttl"])), {}

    @route("GET", "/api/v1/dns_zones/([^/]+)/dns_records")
    def listing(self, r, ident):
        return [self.shown(x) for x in self.the_zone(ident)["records"]]

    @route("DELETE", "/api/v1/dns_zones/([^/]+)/dns_records/([0-9]+)")
    def delete(self, r, ident, rec):
        if not self.store.remove(self.the_zone(ident), rec):
            raise Refuse(404, {"code": 404, "message": "Not Found"})
        return 204, None, {}
