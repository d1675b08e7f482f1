from emulator import *


class Cloudflare(Emulator):
    HOSTS = ["api.cloudflare.com"]
    CREDENTIALS = {"api_token": "cloudflare-token-0123456789"}
    WRONG = "api_token"
    CERTBOT = "dns-cloudflare"

    def no(self, status, code, message):
        raise Refuse(status, {"success": False, "result": None, "errors": [
            {"code": code, "message": message}], "messages": []})

    def authorize(self, r):
        if r.headers.get("x-auth-email") == "me@example.com" and \
                r.headers.get("x-auth-key") == "k" * 37:
            return
        if r.headers.get("authorization") != "Bearer cloudflare-token-0123456789":
            self.no(403, 9109, "Invalid access token")
        if r.method == "DELETE" and "content-type" in r.headers and not r.body \
                and "python" not in r.headers.get("user-agent", "") \
                and "Go" not in r.headers.get("user-agent", ""):
            self.no(400, 6003, "Invalid request headers")

    def page(self, r, rows):
        size, page = int(r.query.get("per_page", 20)), int(r.query.get("page", 1))
        part = rows[(page - 1) * size:page * size]
        return {"success": True, "errors": [], "messages": [], "result": part,
                "result_info": {"page": page, "per_page": size, "count": len(part),
                                "total_count": len(rows),
                                "total_pages": -(-len(rows) // size)}}

    @route("GET", "/client/v4/zones")
    def zones(self, r):
        rows = [{"id": z["id"], "name": z["name"], "status": "active"}
                for z in self.store.zones.values()
                if r.query.get("name") in (None, z["name"])]
        return self.page(r, rows)

    def the_zone(self, ident):
        zone = self.store.by_id(ident)
        if zone is None:
            self.no(404, 7003, "Could not route")
        return zone

    def shown(self, zone, rec):
        return {"id": rec["id"], "zone_id": zone["id"], "zone_name": zone["name"],
                "name": rec["name"], "type": rec["type"], "ttl": rec["ttl"],
                "content": rec["value"]}

    @route("POST", "/client/v4/zones/([^/]+)/dns_records")
    def add(self, r, ident):
        zone, d = self.the_zone(ident), r.json()
        if d["ttl"] != 1 and not 60 <= d["ttl"] <= 86400:
            self.no(400, 9021, "Invalid TTL")
        for rec in self.store.find(zone, d["name"], d["type"]):
            if unquoted(rec["value"]) == unquoted(d["content"]):
                self.no(400, 81058, "An identical record already exists.")
        rec = self.store.add(zone, d["name"], d["type"], d["content"], d["ttl"])
        return {"success": True, "errors": [], "messages": [],
                "result": self.shown(zone, rec)}

    @route("GET", "/client/v4/zones/([^/]+)/dns_records")
    def listing(self, r, ident):
        zone = self.the_zone(ident)
        rows = [self.shown(zone, x) for x in
                self.store.find(zone, r.query.get("name"), r.query.get("type"))
                if r.query.get("content") in (None, x["value"])]
        return self.page(r, rows)

    @route("DELETE", "/client/v4/zones/([^/]+)/dns_records/([^/]+)")
    def delete(self, r, ident, rec):
        if not self.store.remove(self.the_zone(ident), rec):
            self.no(404, 81044, "Record does not exist.")
        return {"success": True, "errors": [], "messages": [], "result": {"id": rec}}
