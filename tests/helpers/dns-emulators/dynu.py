from emulator import *


class Dynu(Emulator):
    HOSTS = ["api.dynu.com"]
    CREDENTIALS = {"auth_token": "dynu-key-0123456789"}
    WRONG = "auth_token"
    LEGO = ("dynu", {"DYNU_API_KEY": "dynu-key-0123456789"})

    def authorize(self, r):
        if r.headers.get("api-key") != "dynu-key-0123456789":
            raise Refuse(401, {"statusCode": 401, "type": "Authentication Exception",
                               "message": "Invalid."})

    @route("GET", "/v2/dns/getroot/([^/]+)")
    def root(self, r, name):
        for n, z in self.store.zones.items():
            if name == n or name.endswith("." + n):
                return {"statusCode": 200, "id": int(z["id"]), "domainName": n,
                        "hostname": name, "node": relative(name, n, "")}
        raise Refuse(404, {"statusCode": 404, "type": "Not Found", "message": "Not found."})

    def the_zone(self, ident):
        zone = self.store.by_id(ident)
        if zone is None:
            raise Refuse(404, {"statusCode": 404})
        return zone

    def shown(self, zone, x):
        return {"id": int(x["id"]), "domainId": int(zone["id"]), "domainName": zone["name"],
                "nodeName": relative(x["name"], zone["name"], ""), "hostname": x["name"],
                "recordType": x["type"], "ttl": x["ttl"], "state": True, "textData": x["value"]}

    @route("POST", "/v2/dns/([0-9]+)/record")
    def add(self, r, ident):
        zone, d = self.the_zone(ident), r.json()
        x = self.store.add(zone, absolute(d["nodeName"], zone["name"]), d["recordType"],
                           d["textData"], d["ttl"])
        return dict(self.shown(zone, x), statusCode=200)

    @route("GET", "/v2/dns/record/([^/]+)")
    def listing(self, r, name):
        return {"statusCode": 200, "dnsRecords": [
            self.shown(z, x) for z in self.store.zones.values()
            for x in self.store.find(z, name, r.query.get("recordType"))]}

    @route("DELETE", "/v2/dns/([0-9]+)/record/([0-9]+)")
    def delete(self, r, ident, rec):
        if not self.store.remove(self.the_zone(ident), rec):
            raise Refuse(404, {"statusCode": 404})
        return {"statusCode": 200}
