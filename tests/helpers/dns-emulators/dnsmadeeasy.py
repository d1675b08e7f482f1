import datetime
import email.utils

from emulator import *

SECRET = "c9b5625f-9834-4ff8-baba-4ed5f32cae55"


class DNSMadeEasy(Emulator):
    HOSTS = ["api.dnsmadeeasy.com"]
    CREDENTIALS = {"api_key": "1c1a3c91-4770-4ce7-96f4-54c0eb0e457a", "secret_key": SECRET}
    WRONG = "secret_key"
    LEGO = ("dnsmadeeasy", {"DNSMADEEASY_API_KEY": CREDENTIALS["api_key"],
                            "DNSMADEEASY_API_SECRET": SECRET})
    LIMIT = (400, {"error": ["Rate limit exceeded"]}, {})

    def authorize(self, r):
        date = r.headers.get("x-dnsme-requestdate", "")
        want = hmac.new(SECRET.encode(), date.encode(), hashlib.sha1).hexdigest()
        when = email.utils.parsedate_to_datetime(date.replace("UTC", "GMT"))
        age = abs((datetime.datetime.fromtimestamp(clock(), datetime.timezone.utc) - when).total_seconds())
        if r.headers.get("x-dnsme-apikey") != self.CREDENTIALS["api_key"] or \
                r.headers.get("x-dnsme-hmac") != want or age > 300:
            raise Refuse(403, {"error": ["Access denied"]})

    @route("GET", "/V2.0/dns/managed/name")
    def zone_(self, r):
        zone = self.store.zone(r.query["domainname"])
        if zone is None:
            raise Refuse(404, {"error": ["Domain not found"]})
        return {"id": int(zone["id"]), "name": zone["name"]}

    def the_zone(self, ident):
        zone = self.store.by_id(ident)
        if zone is None:
            raise Refuse(404, {"error": ["Domain not found"]})
        return zone

    def shown(self, zone, x):
        return {"id": int(x["id"]), "name": relative(x["name"], zone["name"], ""),
                "type": x["type"], "ttl": x["ttl"], "gtdLocation": "DEFAULT",
                "value": quoted(x["value"]) if x["type"] == "TXT" else x["value"]}

    @route("POST", "/V2.0/dns/managed/([0-9]+)/records/?")
    def add(self, r, ident):
        zone, d = self.the_zone(ident), r.json()
        name = absolute(d["name"], zone["name"])
        for x in self.store.find(zone, name, d["type"]):
            if x["value"] == unquoted(d["value"]):
                raise Refuse(400, {"error": ["Record with this type, name, and value already exists."]})
        x = self.store.add(zone, name, d["type"], unquoted(d["value"]), d["ttl"])
        return 201, self.shown(zone, x), {}

    @route("GET", "/V2.0/dns/managed/([0-9]+)/records/?")
    def listing(self, r, ident):
        zone, page = self.the_zone(ident), int(r.query.get("page", 0))
        name = r.query.get("recordName")
        rows = [self.shown(zone, x) for x in self.store.find(
            zone, None if name is None else absolute(name, zone["name"]),
            r.query.get("type"))]
        size = 2 if "page" in r.query else 1000
        return {"data": rows[page * size:(page + 1) * size], "page": page,
                "totalPages": max(1, -(-len(rows) // size)), "totalRecords": len(rows)}

    @route("DELETE", "/V2.0/dns/managed/([0-9]+)/records/([0-9]+)")
    def delete(self, r, ident, rec):
        if not self.store.remove(self.the_zone(ident), rec):
            raise Refuse(404, {"error": ["Record not found"]})
        return 200, "", {}
