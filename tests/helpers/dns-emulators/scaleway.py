from emulator import *


class Scaleway(Emulator):
    HOSTS = ["api.scaleway.com"]
    SECRET = "11111111-1111-1111-1111-111111111111"
    CREDENTIALS = {"application_token": SECRET}
    WRONG = "application_token"
    SDK = ("scaleway-sdk", ["@scaleway/sdk-client@1.3.3", "@scaleway/sdk-domain@1.3.0"],
           {"key": SECRET})

    def authorize(self, r):
        if r.headers.get("x-auth-token") != self.SECRET:
            raise Refuse(401, {"type": "denied_authentication",
                               "message": "authentication is denied"})

    def the_zone(self, name):
        zone = self.store.zone(name)
        if zone is None:
            raise Refuse(403, {"type": "permissions_denied", "message": "domain not found"})
        return zone

    @route("GET", "/domain/v2beta1/dns-zones/([^/]+)/records")
    def listing(self, r, name):
        zone = self.the_zone(name)
        return {"total_count": len(zone["records"]), "records": [
            {"id": x["id"], "name": relative(x["name"], zone["name"], ""),
             "type": x["type"], "data": x["value"], "ttl": x["ttl"]} for x in zone["records"]]}

    @route("PATCH", "/domain/v2beta1/dns-zones/([^/]+)/records")
    def change(self, r, name):
        zone, d = self.the_zone(name), r.json()
        for c in d["changes"]:
            for x in c.get("add", {}).get("records", []):
                if not 60 <= x["ttl"] <= 2592000:
                    raise Refuse(400, {"type": "invalid_arguments", "message": "ttl"})
                self.store.add(zone, absolute(x["name"], zone["name"]), x["type"],
                               unquoted(x["data"]), x["ttl"])
            ident = c.get("delete", {}).get("id_fields")
            if ident:
                for x in self.store.find(zone, absolute(ident["name"], zone["name"]), ident["type"]):
                    if x["value"] == unquoted(ident["data"]):
                        self.store.remove(zone, x["id"])
        return {"records": []}
