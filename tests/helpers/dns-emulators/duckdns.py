from emulator import *


class DuckDNS(Emulator):
    HOSTS = ["www.duckdns.org"]
    CREDENTIALS = {"token": "duck-token-0123456789"}
    WRONG = "token"
    LEGO = ("duckdns", {"DUCKDNS_TOKEN": "duck-token-0123456789"})
    ONE_SLOT = True
    LIMIT = (503, b"busy", {"Retry-After": "1"})

    def __init__(self):
        super().__init__()
        self.zone_name = "mine.duckdns.org"
        self.store = Store([self.zone_name])
        self.zone = self.store.zone(self.zone_name)

    def txt(self, name):
        return [x["value"] for x in self.store.find(self.zone, None, "TXT")
                if name.endswith("." + self.zone_name)]

    @route("GET", "/update")
    def update(self, r):
        if r.query.get("token") != "duck-token-0123456789" or \
                r.query.get("domains") not in ("mine", self.zone_name):
            return 200, b"KO", {}
        name = self.zone_name
        if r.query.get("clear") == "true":
            self.store.replace(self.zone, name, "TXT", [], 60)
        else:
            self.store.replace(self.zone, name, "TXT", [r.query["txt"]], 60)
        return 200, b"OK\n\nUPDATED" if r.query.get("verbose") == "true" else b"OK", {}
