from emulator import *


class DigitalOcean(Emulator):
    HOSTS = ["api.digitalocean.com"]
    CREDENTIALS = {"token": "do-token-0123456789"}
    WRONG = "token"
    LEGO = ("digitalocean", {"DO_AUTH_TOKEN": "do-token-0123456789"})
    CERTBOT = "dns-digitalocean"

    def authorize(self, r):
        r.bearer("do-token-0123456789", body={
            "id": "Unauthorized", "message": "Unable to authenticate you"})

    def the_zone(self, name):
        zone = self.store.zone(name)
        if zone is None:
            raise Refuse(404, {"id": "not_found",
                               "message": "The resource was not found."})
        return zone

    def page(self, r, key, rows):
        size, page = 2, int(r.query.get("page", 1))
        links = {}
        if page * size < len(rows):
            links = {"pages": {"next": "https://api.digitalocean.com%s?page=%d&per_page=2"
                               % (r.path, page + 1)}}
        return {key: rows[(page - 1) * size:page * size], "links": links,
                "meta": {"total": len(rows)}}

    @route("GET", "/v2/domains/?")
    def zones(self, r):
        return self.page(r, "domains", [{"name": n, "ttl": 1800}
                                        for n in self.store.zones])

    @route("GET", "/v2/domains/([^/]+)")
    def zone_(self, r, name):
        return {"domain": {"name": self.the_zone(name)["name"], "ttl": 1800}}

    def shown(self, zone, x):
        return {"id": int(x["id"]), "type": x["type"], "data": x["value"],
                "name": relative(x["name"], zone["name"]), "ttl": x["ttl"]}

    @route("POST", "/v2/domains/([^/]+)/records/?")
    def add(self, r, name):
        zone, d = self.the_zone(name), r.json()
        if d["ttl"] < 30:
            raise Refuse(422, {"id": "unprocessable_entity", "message": "ttl"})
        rel = d["name"].rstrip(".")
        if rel.endswith("." + zone["name"]):
            rel = relative(rel, zone["name"])
        x = self.store.add(zone, absolute(rel, zone["name"]), d["type"],
                           d["data"], d["ttl"])
        return 201, {"domain_record": self.shown(zone, x)}, {}

    @route("GET", "/v2/domains/([^/]+)/records/?")
    def listing(self, r, name):
        zone = self.the_zone(name)
        return self.page(r, "domain_records", [self.shown(zone, x) for x in
                         self.store.find(zone, r.query.get("name"),
                                         r.query.get("type"))])

    @route("DELETE", "/v2/domains/([^/]+)/records/([0-9]+)")
    def delete(self, r, name, ident):
        if not self.store.remove(self.the_zone(name), ident):
            raise Refuse(404, {"id": "not_found", "message": "not found"})
        return 204, None, {}
