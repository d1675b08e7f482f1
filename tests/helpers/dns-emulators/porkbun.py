from emulator import *


class Porkbun(Emulator):
    HOSTS = ["api.porkbun.com", "porkbun.com"]
    CREDENTIALS = {"key": "pk1_0123456789", "secret": "sk1_0123456789"}
    LEXICON = ("porkbun", {"auth_key": "pk1_0123456789", "auth_secret": "sk1_0123456789"})
    SUFFIX = ".com"
    WRONG = "secret"
    BASE = "/api/json/v3/dns/"

    def no(self, message):
        raise Refuse(400, {"status": "ERROR", "message": message})

    def authorize(self, r):
        d = r.json()
        if (d.get("apikey"), d.get("secretapikey")) != ("pk1_0123456789", "sk1_0123456789"):
            self.no("Invalid API key. (002)")

    def the_zone(self, name):
        return self.store.zone(name) or self.no("Invalid domain.")

    @route("POST", "/api/json/v3/ping")
    def ping(self, r):
        return {"status": "SUCCESS", "yourIp": "192.0.2.1"}

    @route("POST", BASE + "retrieve/([^/]+)")
    def listing(self, r, name):
        return {"status": "SUCCESS", "cloudflare": "enabled", "records": [
            {"id": x["id"], "name": x["name"], "type": x["type"], "content": x["value"],
             "ttl": str(x["ttl"]), "prio": None, "notes": ""}
            for x in self.the_zone(name)["records"]]}

    @route("POST", BASE + "create/([^/]+)")
    def add(self, r, name):
        zone, d = self.the_zone(name), r.json()
        if int(d["ttl"]) < 300:
            self.no("TTL too low")
        x = self.store.add(zone, absolute(d.get("name", ""), zone["name"]), d["type"],
                           d["content"], int(d["ttl"]))
        return {"status": "SUCCESS", "id": int(x["id"])}

    @route("POST", BASE + "delete/([^/]+)/([0-9]+)")
    def delete(self, r, name, ident):
        if not self.store.remove(self.the_zone(name), ident):
            self.no("Invalid record ID.")
        return {"status": "SUCCESS"}
