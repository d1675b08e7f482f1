from emulator import *


class HttpReq(Emulator):
    HOSTS = ["hook.httpreq.test"]
    CREDENTIALS = {"endpoint": "https://hook.httpreq.test/dns", "username": "me",
                   "password": "httpreq-password-0123"}
    WRONG = "password"
    NO_ZONE = False
    LEGO = ("httpreq", {"HTTPREQ_ENDPOINT": "https://hook.httpreq.test/dns",
                        "HTTPREQ_USERNAME": "me", "HTTPREQ_PASSWORD": "httpreq-password-0123"})

    def authorize(self, r):
        r.basic("me", "httpreq-password-0123", {"message": "Unauthorized"})

    @route("POST", "/dns/present")
    def present(self, r):
        d = r.json()
        self.store.add(self.zone, d["fqdn"], "TXT", d["value"], 60)
        return 200, b"ok", {}

    @route("POST", "/dns/cleanup")
    def cleanup(self, r):
        d = r.json()
        for x in self.store.find(self.zone, d["fqdn"], "TXT"):
            if x["value"] == d["value"]:
                self.store.remove(self.zone, x["id"])
        return 200, b"", {}
