from emulator import *

KINDS = {"A": 0, "TXT": 3}


class Bunny(Emulator):
    HOSTS = ["api.bunny.net"]
    CREDENTIALS = {"api_key": "bunny-key-0123456789"}
    WRONG = "api_key"
    SDK = ("bunny-sdk", ["bunny-sdk@0.0.31"], {"key": "bunny-key-0123456789"})

    def authorize(self, r):
        if r.headers.get("accesskey") != "bunny-key-0123456789":
            raise Refuse(401, {"Message": "Authorization has been denied for this request."})

    def shown(self, z):
        return {"Id": int(z["id"]), "Domain": z["name"], "Records": [
            {"Id": int(x["id"]), "Type": KINDS[x["type"]], "Ttl": x["ttl"],
             "Value": x["value"], "Name": relative(x["name"], z["name"], "")}
            for x in z["records"]]}

    @route("GET", "/dnszone")
    def zones(self, r):
        page, rows = int(r.query.get("page", 1)), list(self.store.zones.values())
        return {"Items": [self.shown(z) for z in rows[(page - 1) * 2:page * 2]],
                "CurrentPage": page, "TotalItems": len(rows),
                "HasMoreItems": page * 2 < len(rows)}

    def the_zone(self, ident):
        zone = self.store.by_id(ident)
        if zone is None:
            raise Refuse(404, {"Message": "not found"})
        return zone

    @route("GET", "/dnszone/([0-9]+)")
    def zone_(self, r, ident):
        return self.shown(self.the_zone(ident))

    @route("PUT", "/dnszone/([0-9]+)/records")
    def add(self, r, ident):
        zone, d = self.the_zone(ident), r.json()
        if d["Type"] != 3 or d["Ttl"] < 15:
            raise Malformed("record")
        x = self.store.add(zone, absolute(d["Name"], zone["name"]), "TXT", d["Value"], d["Ttl"])
        return 201, {"Id": int(x["id"]), "Type": 3, "Value": d["Value"]}, {}

    @route("DELETE", "/dnszone/([0-9]+)/records/([0-9]+)")
    def delete(self, r, ident, rec):
        if not self.store.remove(self.the_zone(ident), rec):
            raise Refuse(404, {"Message": "not found"})
        return 204, None, {}
