from emulator import *
from route53 import sigv4 as check_sigv4


class Lightsail(Emulator):
    HOSTS = ["lightsail.us-east-1.amazonaws.com"]
    KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    ENV = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    WRONG = "secret"
    WRONG_ENV = {"AWS_SECRET_ACCESS_KEY": "wrongXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
    LEGO = ("lightsail", dict(ENV, LIGHTSAIL_REGION="us-east-1", DNS_ZONE="lightsail.test"))

    def no(self, code, message, status=400):
        raise Refuse(status, {"__type": code, "message": message})

    def authorize(self, r):
        check_sigv4(r, self.SECRET, self.KEY, "lightsail", self.no)

    @route("POST", "/")
    def call(self, r):
        version, _, action = r.headers["x-amz-target"].partition(".")
        if version != "Lightsail_20161128" or \
                r.headers["content-type"] != "application/x-amz-json-1.1":
            raise Malformed("target")
        return getattr(self, action)(r.json())

    def shown(self, zone):
        return {"name": zone["name"], "domainEntries": [
            {"id": x["id"], "name": x["name"], "type": x["type"],
             "target": quoted(x["value"]) if x["type"] == "TXT" else x["value"]}
            for x in zone["records"]]}

    def GetDomains(self, d):
        rows = list(self.store.zones.values())
        at = int(d.get("pageToken", 0))
        answer = {"domains": [self.shown(z) for z in rows[at:at + 2]]}
        if at + 2 < len(rows):
            answer["nextPageToken"] = str(at + 2)
        return answer

    def the_zone(self, d):
        return self.store.zone(d["domainName"]) or self.no(
            "NotFoundException", "The Domain does not exist: " + d["domainName"])

    def GetDomain(self, d):
        return {"domain": self.shown(self.the_zone(d))}

    def CreateDomainEntry(self, d):
        zone, e = self.the_zone(d), d["domainEntry"]
        if e["target"] != quoted(e["target"]):
            self.no("InvalidInputException", "target")
        self.store.add(zone, e["name"], e["type"], unquoted(e["target"]), 60)
        return {"operation": {"status": "Succeeded"}}

    def DeleteDomainEntry(self, d):
        zone, e = self.the_zone(d), d["domainEntry"]
        for x in self.store.find(zone, e["name"], e["type"]):
            if x["value"] == unquoted(e["target"]):
                self.store.remove(zone, x["id"])
                return {"operation": {"status": "Succeeded"}}
        self.no("NotFoundException", "no such entry")
