from emulator import *


class Hurricane(Emulator):
    HOSTS = ["dyn.dns.he.net"]
    CREDENTIALS = {"password": "he-key-0123456789"}
    WRONG = "password"
    ONE_SLOT = True
    NO_ZONE = False
    LIMIT = (503, b"busy", {"Retry-After": "1"})
    LEGO = ("hurricane", {"HURRICANE_TOKENS": "hurricane.test:he-key-0123456789"})

    def seed(self):
        for n in ("_acme-challenge.", "_acme-challenge.www."):
            self.store.add(self.zone, n + self.zone_name, "TXT", ".", 60)

    @route("POST", "/nic/update")
    def update(self, r):
        d = r.form()
        if d.get("password") != "he-key-0123456789":
            return 200, b"badauth", {}
        rows = self.store.find(self.zone, d["hostname"], "TXT")
        if not rows:
            return 200, b"nohost", {}
        word = "nochg" if rows[0]["value"] == d["txt"] else "good"
        rows[0]["value"] = d["txt"]
        return 200, '%s "%s"' % (word, d["txt"]), {}
