from emulator import *


class Njalla(Emulator):
    HOSTS = ["njal.la"]
    CREDENTIALS = {"token": "njalla-token-0123456789"}
    WRONG = "token"
    LEGO = ("njalla", {"NJALLA_TOKEN": "njalla-token-0123456789"})

    @route("POST", "/api/1/")
    def call(self, r):
        if r.headers.get("authorization") != "Njalla njalla-token-0123456789":
            return {"jsonrpc": "2.0", "error": {"code": 403, "message": "Invalid token"}}
        d = r.json()
        p = d.get("params", {})
        if d["method"] == "list-domains":
            return {"jsonrpc": "2.0", "result": {"domains": [
                {"name": n, "status": "active"} for n in self.store.zones]}}
        zone = self.store.zone(p["domain"])
        if zone is None:
            return {"jsonrpc": "2.0", "error": {"code": 404, "message": "Domain not found"}}
        return {"jsonrpc": "2.0", "result": getattr(
            self, d["method"].replace("-", "_"))(zone, p)}

    def shown(self, zone, x):
        return {"id": x["id"], "name": relative(x["name"], zone["name"]),
                "type": x["type"], "content": x["value"], "ttl": x["ttl"]}

    def list_records(self, zone, p):
        return {"records": [self.shown(zone, x) for x in zone["records"]]}

    def add_record(self, zone, p):
        return self.shown(zone, self.store.add(
            zone, absolute(p["name"], zone["name"]), p["type"], p["content"], p["ttl"]))

    def remove_record(self, zone, p):
        self.store.remove(zone, p["id"])
        return {}
