from emulator import *


class Vercel(Emulator):
    HOSTS = ["api.vercel.com"]
    CREDENTIALS = {"token": "vercel-token-0123456789", "team_id": "team_1"}
    WRONG = "token"
    LEGO = ("vercel", {"VERCEL_API_TOKEN": "vercel-token-0123456789", "VERCEL_TEAM_ID": "team_1"})

    def authorize(self, r):
        r.bearer("vercel-token-0123456789", status=403, body={
            "error": {"code": "forbidden", "message": "Not authorized", "invalidToken": True}})
        if r.query.get("teamId") != "team_1":
            raise Refuse(403, {"error": {"code": "forbidden", "message": "Not authorized"}})

    def the_zone(self, name):
        zone = self.store.zone(name)
        if zone is None:
            raise Refuse(404, {"error": {"code": "not_found", "message": "Domain not found"}})
        return zone

    @route("GET", "/v[45]/domains/([^/]+)")
    def zone_(self, r, name):
        return {"domain": {"name": self.the_zone(name)["name"]}}

    @route("POST", "/v2/domains/([^/]+)/records")
    def add(self, r, name):
        zone, d = self.the_zone(name), r.json()
        if d["ttl"] < 60:
            raise Refuse(400, {"error": {"code": "bad_request", "message": "ttl"}})
        name = d["name"].rstrip(".")  # full names are taken, too
        if name.endswith("." + zone["name"]):
            name = relative(name, zone["name"])
        x = self.store.add(zone, absolute(name, zone["name"]), d["type"], d["value"], d["ttl"])
        return {"uid": "rec_" + x["id"], "updated": 1}

    @route("GET", "/v2/domains/([^/]+)/records")
    def listing(self, r, name):
        zone = self.the_zone(name)
        at = int(r.query.get("until") or 0)
        rows = zone["records"]
        return {"records": [{"id": "rec_" + x["id"], "type": x["type"], "value": x["value"],
                             "name": relative(x["name"], zone["name"], "")}
                            for x in rows[at:at + 2]],
                "pagination": {"count": 2, "next": at + 2 if at + 2 < len(rows) else None}}

    @route("DELETE", "/v2/domains/([^/]+)/records/rec_([0-9]+)")
    def delete(self, r, name, ident):
        if not self.store.remove(self.the_zone(name), ident):
            raise Refuse(404, {"error": {"code": "not_found", "message": "Record not found"}})
        return {}
