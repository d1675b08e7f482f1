from emulator import *


class IonosCloud(Emulator):
    HOSTS = ["dns.de-fra.ionos.com"]
    CREDENTIALS = {"token": "ionos-cloud-token-0123456789"}
    WRONG = "token"

    def authorize(self, r):
        r.bearer("ionos-cloud-token-0123456789", body={
            "httpStatus": 401, "messages": [{"errorCode": "paas-auth-1", "message": "Unauthorized"}]})

    @route("GET", "/zones")
    def zones(self, r):
        like = r.query.get("filter.zoneName", "")
        return {"items": [{"id": "z-" + z["id"], "properties": {"zoneName": n}}
                          for n, z in self.store.zones.items() if like in n]}

    def the_zone(self, ident):
        zone = self.store.by_id(ident[2:])
        if zone is None:
            raise Refuse(404, {"httpStatus": 404, "messages": [{"message": "not found"}]})
        return zone

    def shown(self, zone, x):
        return {"id": "r-" + x["id"], "properties": {
            "name": relative(x["name"], zone["name"], ""), "type": x["type"],
            "content": x["value"], "ttl": x["ttl"], "enabled": True}}

    @route("POST", "/zones/([^/]+)/records")
    def add(self, r, ident):
        zone, d = self.the_zone(ident), r.json()["properties"]
        return 202, self.shown(zone, self.store.add(
            zone, absolute(d["name"], zone["name"]), d["type"], d["content"], d["ttl"])), {}

    @route("GET", "/zones/([^/]+)/records")
    def listing(self, r, ident):
        zone = self.the_zone(ident)
        return {"items": [self.shown(zone, x) for x in zone["records"]]}

    @route("DELETE", "/zones/([^/]+)/records/r-([0-9]+)")
    def delete(self, r, ident, rec):
        if not self.store.remove(self.the_zone(ident), rec):
            raise Refuse(404, {"httpStatus": 404})
        return 202, {}, {}
