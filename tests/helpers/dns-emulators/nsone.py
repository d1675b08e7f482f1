from emulator import *


class NS1(Emulator):
    HOSTS = ["api.nsone.net"]
    CREDENTIALS = {"api_key": "nsone-key-0123456789"}
    LEXICON = ("nsone", {"auth_token": "nsone-key-0123456789"})
    SUFFIX = ".com"
    WRONG = "api_key"

    def authorize(self, r):
        if r.headers.get("x-nsone-key") != "nsone-key-0123456789":
            raise Refuse(401, {"message": "Unauthorized"})

    @route("GET", "/v1/zones/([^/]+)")
    def zone_(self, r, name):
        zone = self.the_zone(name)
        sets = {(x["name"], x["type"]): [] for x in zone["records"]}
        for x in zone["records"]:
            sets[x["name"], x["type"]].append(x)
        return {"id": zone["id"], "zone": zone["name"], "records": [
            {"id": rows[0]["id"], "domain": k[0], "type": k[1], "ttl": rows[0]["ttl"],
             "short_answers": [x["value"] for x in rows]} for k, rows in sets.items()]}

    def the_zone(self, name):
        zone = self.store.zone(name)
        if zone is None:
            raise Refuse(404, {"message": "zone not found"})
        return zone

    def shown(self, zone, name, kind):
        rows = self.store.find(zone, name, kind)
        if not rows:
            raise Refuse(404, {"message": "record not found"})
        return {"zone": zone["name"], "domain": name, "type": kind,
                "ttl": rows[0]["ttl"],
                "answers": [{"answer": [x["value"]]} for x in rows]}

    @route("GET", "/v1/zones/([^/]+)/([^/]+)/([A-Z]+)")
    def read(self, r, name, fqdn, kind):
        return self.shown(self.the_zone(name), fqdn, kind)

    @route("PUT", "/v1/zones/([^/]+)/([^/]+)/([A-Z]+)")
    def create(self, r, name, fqdn, kind):
        zone, d = self.the_zone(name), r.json()
        if self.store.find(zone, fqdn, kind):
            raise Refuse(400, {"message": "record already exists"})
        if (d["zone"], d["domain"].rstrip("."), d["type"]) != (name, fqdn, kind):
            raise Malformed("the body is for another record")
        self.store.replace(zone, fqdn, kind, [a["answer"][0] for a in d["answers"]],
                           d.get("ttl", 3600))
        return self.shown(zone, fqdn, kind)

    @route("POST", "/v1/zones/([^/]+)/([^/]+)/([A-Z]+)")
    def change(self, r, name, fqdn, kind):
        zone, d = self.the_zone(name), r.json()
        old = self.shown(zone, fqdn, kind)
        self.store.replace(zone, fqdn, kind, [a["answer"][0] for a in d["answers"]],
                           d.get("ttl", old["ttl"]))
        return self.shown(zone, fqdn, kind)

    @route("DELETE", "/v1/zones/([^/]+)/([^/]+)/([A-Z]+)")
    def delete(self, r, name, fqdn, kind):
        zone = self.the_zone(name)
        self.shown(zone, fqdn, kind)
        self.store.replace(zone, fqdn, kind, [], 0)
        return {}
