from emulator import *


class Example(Emulator):
    """The API of the example in certbot-dns-provider(7)."""
    HOSTS = ["api.example.net"]
    CREDENTIALS = {"token": "example-token-0123456789"}
    WRONG = "token"

    def authorize(self, r):
        r.bearer("example-token-0123456789")

    def the_zone(self, name):
        zone = self.store.zone(name)
        if zone is None:
            raise Refuse(404, {"message": "no such zone"})
        return zone

    @route("GET", "/v1/zones/([^/]+)")
    def zone_(self, r, name):
        return {"name": self.the_zone(name)["name"]}

    @route("POST", "/v1/zones/([^/]+)/records")
    def add(self, r, name):
        zone, d = self.the_zone(name), r.json()
        x = self.store.add(zone, absolute(d["name"], zone["name"]), d["type"], d["content"],
                           d["ttl"])
        return 201, {"id": int(x["id"])}, {}

    @route("GET", "/v1/zones/([^/]+)/records")
    def listing(self, r, name):
        """One record a page."""
        zone = self.the_zone(name)
        after = int(r.query.get("after", 0))
        rows = [x for x in self.store.find(zone, None, "TXT") if int(x["id"]) > after]
        page = {"records": [{"id": int(x["id"]), "content": quoted(x["value"])}
                            for x in rows[:1]]}
        return dict(page, next=rows[0]["id"]) if len(rows) > 1 else page

    @route("DELETE", "/v1/zones/([^/]+)/records/([0-9]+)")
    def delete(self, r, name, rec):
        if not self.store.remove(self.the_zone(name), rec):
            raise Refuse(404, {"message": "no such record"})
        return 204, None, {}
