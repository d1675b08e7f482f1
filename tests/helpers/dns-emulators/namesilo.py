from emulator import *


class NameSilo(Emulator):
    HOSTS = ["www.namesilo.com"]
    CREDENTIALS = {"key": "namesilo-key-0123456789"}
    LEXICON = ("namesilo", {"auth_token": "namesilo-key-0123456789"})
    SUFFIX = ".com"
    WRONG = "key"

    def reply(self, r, inner, code=300, detail="success"):
        return ('<?xml version="1.0"?><namesilo><request><operation>%s</operation><ip>192.0.2.1'
                '</ip></request><reply><code>%d</code><detail>%s</detail>%s</reply></namesilo>'
                % (r.path.rsplit("/", 1)[1], code, detail, inner))

    def authorize(self, r):
        if r.query.get("version") != "1" or r.query.get("type") != "xml":
            raise Malformed("version or type")
        if r.query.get("key") != "namesilo-key-0123456789":
            raise Refuse(200, self.reply(r, "", 110, "Invalid API Key"))

    @route("GET", "/api/listDomains")
    def zones(self, r):
        return self.reply(r, "<domains>%s</domains>" % "".join(
            '<domain created="2026-01-01" expires="2030-01-01">%s</domain>' % n
            for n in self.store.zones))

    def the_zone(self, r):
        zone = self.store.zone(r.query["domain"])
        if zone is None:
            raise Refuse(200, self.reply(r, "", 200, "Domain is not active, or does not belong to this user"))
        return zone

    @route("GET", "/api/getDomainInfo")
    def info(self, r):
        self.the_zone(r)
        return self.reply(r, "<status>Active</status>")

    @route("GET", "/api/dnsListRecords")
    def listing(self, r):
        return self.reply(r, "".join(
            "<resource_record><record_id>%s</record_id><type>%s</type><host>%s</host>"
            "<value>%s</value><ttl>%s</ttl><distance>0</distance></resource_record>"
            % (x["id"], x["type"], x["name"], x["value"], x["ttl"])
            for x in self.the_zone(r)["records"]))

    @route("GET", "/api/dnsAddRecord")
    def add(self, r):
        zone = self.the_zone(r)
        if not 3600 <= int(r.query["rrttl"]) <= 2592000:
            raise Refuse(200, self.reply(r, "", 280, "invalid ttl"))
        x = self.store.add(zone, absolute(r.query["rrhost"], zone["name"]), r.query["rrtype"],
                           r.query["rrvalue"], int(r.query["rrttl"]))
        return self.reply(r, "<record_id>%s</record_id>" % x["id"])

    @route("GET", "/api/dnsDeleteRecord")
    def delete(self, r):
        if not self.store.remove(self.the_zone(r), r.query["rrid"]):
            raise Refuse(200, self.reply(r, "", 280, "no such record"))
        return self.reply(r, "")
