from emulator import *

BASE = "/cloud/zone/is1a/api/cloud/1.1/commonserviceitem"


class SakuraCloud(Emulator):
    HOSTS = ["secure.sakura.ad.jp"]
    CREDENTIALS = {"api_token": "sakura-token", "api_secret": "sakura-secret-0123456789"}
    WRONG = "api_secret"
    CERTBOT = "dns-sakuracloud"

    def authorize(self, r):
        r.basic("sakura-token", "sakura-secret-0123456789",
                {"is_fatal": True, "status": "401 Unauthorized", "error_msg": "unauthorized"})

    def item(self, z):
        rows = [{"Name": relative(x["name"], z["name"]), "Type": x["type"],
                 "RData": x["value"], "TTL": x["ttl"]} for x in z["records"]]
        body = {"ID": "1130%08d" % int(z["id"]), "Name": z["name"],
                "Provider": {"Class": "dns", "Name": "dns"},
                "Status": {"Zone": z["name"], "NS": ["ns1.gslb.sakura.ne.jp"]},
                "Settings": {"DNS": {"ResourceRecordSets": rows}}}
        body["SettingsHash"] = hashlib.md5(json.dumps(rows).encode()).hexdigest()
        return body

    @route("GET", BASE)
    def zones(self, r):
        want = json.loads(urllib.parse.unquote(r.raw_query))["Filter"] if r.raw_query else {}
        if want.get("Provider.Class", "dns") != "dns":
            raise Malformed("class")
        rows = [self.item(z) for n, z in self.store.zones.items()
                if want.get("Name") in (None, n) or want["Name"] in n]
        return {"From": 0, "Count": len(rows), "Total": len(rows), "is_ok": True,
                "CommonServiceItems": rows}

    def the_zone(self, ident):
        zone = self.store.by_id(str(int(ident[4:])))
        if zone is None:
            raise Refuse(404, {"is_fatal": True, "status": "404 Not Found",
                               "error_msg": "not found"})
        return zone

    @route("GET", BASE + "/([0-9]+)")
    def read(self, r, ident):
        return {"is_ok": True, "CommonServiceItem": self.item(self.the_zone(ident))}

    @route("PUT", BASE + "/([0-9]+)")
    def write(self, r, ident):
        zone, d = self.the_zone(ident), r.json()["CommonServiceItem"]
        if d.get("SettingsHash", "") not in ("", self.item(zone)["SettingsHash"]):
            raise Refuse(409, {"is_fatal": True, "error_msg": "changed meanwhile"})
        rows = d["Settings"]["DNS"]["ResourceRecordSets"]
        zone["records"] = []
        for x in rows:
            if x["Type"] not in ("A", "TXT"):
                raise Malformed(x["Type"])
            self.store.add(zone, absolute(x["Name"], zone["name"]), x["Type"],
                           x["RData"], x.get("TTL", 3600))
        return {"is_ok": True, "Success": True, "CommonServiceItem": self.item(zone)}
