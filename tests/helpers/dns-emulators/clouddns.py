from emulator import *


class CloudDNS(Emulator):
    HOSTS = ["admin.vshosting.cloud"]
    CREDENTIALS = {"clientId": "client-1", "email": "me@example.com",
                   "password": "clouddns-password-0123"}
    WRONG = "password"
    LEGO = ("clouddns", {"CLOUDDNS_CLIENT_ID": "client-1", "CLOUDDNS_EMAIL": "me@example.com",
                         "CLOUDDNS_PASSWORD": "clouddns-password-0123"})

    def __init__(self):
        super().__init__()
        self.published = None

    def restore(self):
        super().restore()
        self.published = None

    ended = 0

    def expire(self):
        self.ended += 1
        return True

    def token(self):
        return "clouddns-session-token" + "x" * self.ended

    def authorize(self, r):
        r.bearer(self.token(), body={"error": {"code": 401, "message": "Unauthorized"}})

    def txt(self, name):
        if self.published is None:
            self.publish()
        return sorted(v for n, v in self.published if n == name)

    def publish(self):
        self.published = [(x["name"], x["value"]) for z in self.store.zones.values()
                          for x in z["records"] if x["type"] == "TXT"]

    @route("POST", "/api/public/auth/login")
    @opened
    def login(self, r):
        d = r.json()
        if (d["email"], d["password"]) != ("me@example.com", "clouddns-password-0123"):
            raise Refuse(401, {"error": {"code": 401, "message": "Invalid credentials"}})
        return {"auth": {"accessToken": self.token(), "refreshToken": "r"}}

    @route("POST", "/clouddns/domain/search")
    def search(self, r):
        want = {s["name"]: s["value"] for s in r.json()["search"]}
        if want["clientId"] != "client-1":
            raise Refuse(403, {"error": {"message": "forbidden"}})
        zone = self.store.zone(want["domainName"])
        return {"items": [{"id": "d" + zone["id"], "domainName": zone["name"] + "."}]
                if zone else []}

    def the_zone(self, ident):
        zone = self.store.by_id(ident[1:])
        if zone is None:
            raise Refuse(404, {"error": {"message": "not found"}})
        return zone

    @route("POST", "/clouddns/record-txt")
    def add(self, r):
        d = r.json()
        x = self.store.add(self.the_zone(d["domainId"]), d["name"], "TXT", d["value"], 300)
        return {"id": "r" + x["id"]}

    @route("GET", "/clouddns/domain/(d[0-9]+)")
    def zone_(self, r, ident):
        zone = self.the_zone(ident)
        return {"id": ident, "domainName": zone["name"] + ".", "lastDomainRecordList": [
            {"id": "r" + x["id"], "domainId": ident, "name": x["name"] + ".",
             "type": x["type"], "value": x["value"]} for x in zone["records"]]}

    @route("DELETE", "/clouddns/record/r([0-9]+)")
    def delete(self, r, ident):
        if not any([self.store.remove(z, ident) for z in self.store.zones.values()]):
            raise Refuse(404, {"error": {"message": "not found"}})
        return {}

    @route("PUT", "/clouddns/domain/(d[0-9]+)/publish")
    def publish_(self, r, ident):
        if "soaTtl" not in r.json():
            raise Malformed("soaTtl")
        self.publish()
        return {}
