from xml.sax.saxutils import quoteattr

from emulator import *

KEY = "namecheap-key-0123456789"


class Namecheap(Emulator):
    HOSTS = ["api.namecheap.com", "dynamicdns.park-your-domain.com"]
    CREDENTIALS = {"username": "me", "api_key": KEY}
    WRONG = "api_key"
    LEGO = ("namecheap", {"NAMECHEAP_API_USER": "me", "NAMECHEAP_API_KEY": KEY})

    def seed(self):
        super().seed()
        self.store.add(self.zone, self.zone_name, "MX", "mail.example.com.", 1800)

    @route("GET", "/getip")
    @opened
    def getip(self, r):
        return 200, b"192.0.2.9", {}

    def reply(self, inner, errors=""):
        return ('<?xml version="1.0" encoding="utf-8"?>\n'
                '<ApiResponse Status="%s" xmlns="http://api.namecheap.com/xml.response">'
                '<Errors>%s</Errors><Warnings /><CommandResponse>%s</CommandResponse>'
                '<Server>PHX01SBAPI01</Server></ApiResponse>'
                % ("ERROR" if errors else "OK", errors, inner))

    def no(self, number, text):
        raise Refuse(200, self.reply("", '<Error Number="%d">%s</Error>' % (number, text)))

    def call(self, r, d):
        if d["ApiUser"] != "me" or d["UserName"] != "me":
            self.no(1010101, "Parameter APIUser is missing")
        if d["ApiKey"] != KEY:
            self.no(1011102, "API Key is invalid or API access has not been enabled")
        if d["ClientIp"] != "192.0.2.9":
            self.no(1011150, "Invalid request IP: 192.0.2.1")
        if "." in d["SLD"]:
            raise Malformed("SLD")
        zone = self.store.zone("%s.%s" % (d["SLD"], d["TLD"]))
        if zone is None:
            self.no(2019166, "Domain not found")
        command = d["Command"].rpartition(".")
        if command[0] != "namecheap.domains.dns":
            raise Malformed("command")
        return getattr(self, command[2])(zone, d)

    @route("GET", "/xml.response")
    @opened
    def by_query(self, r):
        if r.query["Command"].endswith(".setHosts"):
            raise Malformed("setHosts needs POST")
        return self.call(r, r.query)

    @route("POST", "/xml.response")
    @opened
    def by_form(self, r):
        return self.call(r, r.form())

    def getHosts(self, zone, d):
        return self.reply('<DomainDNSGetHostsResult Domain="%s" EmailType="MX" '
                          'IsUsingOurDNS="true">%s</DomainDNSGetHostsResult>' % (
                              zone["name"], "".join(
                                  '<host HostId="%s" Name=%s Type="%s" Address=%s MXPref="10" '
                                  'TTL="%s" AssociatedAppTitle="" FriendlyName="" IsActive="true" '
                                  'IsDDNSEnabled="false" />' % (
                                      x["id"], quoteattr(relative(x["name"], zone["name"])),
                                      x["type"], quoteattr(x["value"]), x["ttl"])
                                  for x in zone["records"])))

    def setHosts(self, zone, d):
        numbers = sorted(int(k[8:]) for k in d if k.startswith("HostName"))
        if numbers != list(range(1, len(numbers) + 1)):
            raise Malformed("numbers")
        zone["records"] = []
        for i in numbers:
            name, kind, value = (d["%s%d" % (k, i)] for k in ("HostName", "RecordType", "Address"))
            ttl = int(d["TTL%d" % i])
            if not 60 <= ttl <= 60000 or not d["MXPref%d" % i].isdigit():
                raise Malformed("TTL or MXPref")
            if kind == "MX" and d.get("EmailType") != "MX":
                continue  # mail settings are lost with it
            self.store.add(zone, absolute(name, zone["name"]), kind, value, ttl)
        return self.reply('<DomainDNSSetHostsResult Domain="%s" IsSuccess="true" />' % zone["name"])
