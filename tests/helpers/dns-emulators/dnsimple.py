from emulator import *


class DNSimple(Emulator):
    HOSTS = ["api.dnsimple.com"]
    CREDENTIALS = {"token": "dnsimple-token-0123456789"}
    WRONG = "token"
    CERTBOT = "dns-dnsimple"

    def authorize(self, r):
        r.bearer("dnsimple-token-0123456789", body={"message": "Authentication failed"})

    @route("GET", "/v2/whoami")
    def whoami(self, r):
        return {"data": {"user": None, "account": {
            "id": 77, "email": "me@example.com", "plan_identifier": "pro"}}}

    @route("GET", "/v2/accounts")
    def accounts(self, r):
        return {"data": [{"id": 12, "email": "old@example.com", "plan_identifier": None},
                         {"id": 77, "email": "me@example.com",
                          "plan_identifier": "pro"}]}

    def the_zone(self, account, name):
        zone = self.store.zone(name)
        if account != "77" or zone is None:
            raise Refuse(404, {"message": "Zone `%s` not found" % name})
        return zone

    def page(self, r, rows):
        size, page = 2, int(r.query.get("page", 1))
        return {"data": rows[(page - 1) * size:page * size], "pagination": {
            "current_page": page, "per_page": size, "total_entries": len(rows),
            "total_pages": max(1, -(-len(rows) // size))}}

    @route("GET", "/v2/([0-9]+)/domains")
    def domains(self, r, account):
        like = r.query.get("name_like", "")
        return self.page(r, [{"id": int(z["id"]), "name": n, "account_id": 77}
                             for n, z in sorted(self.store.zones.items(),
                                                key=lambda i: len(i[0]))
                             if like in n])

    @route("GET", "/v2/([0-9]+)/zones")
    def zones(self, r, account):
        return self.page(r, [{"id": int(z["id"]), "name": n, "account_id": 77}
                             for n, z in self.store.zones.items()])

    @route("GET", "/v2/([0-9]+)/zones/([^/]+)")
    def zone_(self, r, account, name):
        zone = self.the_zone(account, name)
        return {"data": {"id": int(zone["id"]), "account_id": 77,
                         "name": zone["name"]}}

    def shown(self, zone, x):
        return {"id": int(x["id"]), "zone_id": zone["name"], "type": x["type"],
                "name": relative(x["name"], zone["name"], ""),
                "content": quoted(x["value"]) if x["type"] == "TXT" else x["value"],
                "ttl": x["ttl"], "priority": None, "parent_id": None,
                "regions": ["global"], "system_record": False}

    @route("POST", "/v2/([0-9]+)/zones/([^/]+)/records")
    def add(self, r, account, name):
        zone, d = self.the_zone(account, name), r.json()
        x = self.store.add(zone, absolute(d["name"], zone["name"]), d["type"],
                           unquoted(d["content"]), d["ttl"])
        return 201, {"data": self.shown(zone, x)}, {}

    @route("GET", "/v2/([0-9]+)/zones/([^/]+)/records")
    def listing(self, r, account, name):
        zone = self.the_zone(account, name)
        rel = r.query.get("name")
        if rel and rel.endswith("." + zone["name"]):
            rel = relative(rel, zone["name"])
        return self.page(r, [self.shown(zone, x) for x in self.store.find(
            zone, None if rel is None else absolute(rel, zone["name"]),
            r.query.get("type"))])

    @route("DELETE", "/v2/([0-9]+)/zones/([^/]+)/records/([0-9]+)")
    def delete(self, r, account, name, ident):
        if not self.store.remove(self.the_zone(account, name), ident):
            raise Refuse(404, {"message": "Record not found"})
        return 204, None, {}
