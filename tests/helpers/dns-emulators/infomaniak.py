from emulator import *


class Infomaniak(Emulator):
    HOSTS = ["api.infomaniak.com"]
    CREDENTIALS = {"token": "infomaniak-token-0123456789"}
    WRONG = "token"
    LEGO = ("infomaniak", {"INFOMANIAK_ACCESS_TOKEN": "infomaniak-token-0123456789"})

    def authorize(self, r):
        r.bearer("infomaniak-token-0123456789", body={
            "result": "error", "error": {"code": "not_authorized",
                                         "description": "Authorization required"}})

    @route("GET", "/1/product")
    def products(self, r):
        if r.query.get("service_name") != "domain":
            raise Malformed("service_name")
        like = r.query.get("customer_name", "")
        return {"result": "success", "data": [
            {"id": int(z["id"]), "customer_name": n, "service_name": "domain"}
            for n, z in self.store.zones.items() if like in n]}

    def the_zone(self, ident):
        zone = self.store.by_id(ident)
        if zone is None:
            raise Refuse(404, {"result": "error", "error": {"code": "object_not_found",
                                                            "description": "Object not found"}})
        return zone

    @route("POST", "/1/domain/([0-9]+)/dns/record")
    def add(self, r, ident):
        zone, d = self.the_zone(ident), r.json()
        x = self.store.add(zone, absolute(d["source"], zone["name"]), d["type"],
                           d["target"], d.get("ttl", 3600))
        return {"result": "success", "data": x["id"]}

    @route("GET", "/1/domain/([0-9]+)/dns/record")
    def listing(self, r, ident):
        zone = self.the_zone(ident)
        return {"result": "success", "data": [
            {"id": int(x["id"]), "source": relative(x["name"], zone["name"], "."),
             "source_idn": x["name"], "type": x["type"], "ttl": x["ttl"],
             "target": quoted(x["value"]) if x["type"] == "TXT" else x["value"]}
            for x in zone["records"]]}

    @route("DELETE", "/1/domain/([0-9]+)/dns/record/([0-9]+)")
    def delete(self, r, ident, rec):
        if not self.store.remove(self.the_zone(ident), rec):
            raise Refuse(404, {"result": "error", "error": {"code": "object_not_found"}})
        return {"result": "success", "data": True}
