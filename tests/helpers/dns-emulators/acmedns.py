from emulator import *


class AcmeDNS(Emulator):
    HOSTS = ["auth.acmedns.test"]
    CREDENTIALS = {"api_url": "https://auth.acmedns.test",
                   "registration_file": "{T}/acmedns.json"}
    FILES = {"acmedns.json": json.dumps({"acmedns.test": {
        "username": "c36f50e8-4632-44f0-83fe-e070fef28a10",
        "password": "htB9mR9DYgcu9bX_afHF62erXaH2TS7bg9KW3F7Z",
        "fulldomain": "8e5700ea-a4bf-41c7-8a77-e990661dcc6a.auth.acmedns.test",
        "subdomain": "8e5700ea-a4bf-41c7-8a77-e990661dcc6a",
        "allowfrom": []}, "www.acmedns.test": {
            "username": "eabcdb41-d89f-4580-826f-3e62e9755ef2",
            "password": "pbAXVjlIOE01xbut7YnAbkhMQIkcwoHO0ek2j4Q0",
            "fulldomain": "d420c923-bbd7-4056-ab64-c3ca54c9b3cf.auth.acmedns.test",
            "subdomain": "d420c923-bbd7-4056-ab64-c3ca54c9b3cf",
            "allowfrom": []}})}
    ONE_SLOT = True  # nothing is removed
    LIMIT = None

    def __init__(self):
        super().__init__()
        self.accounts = {one["subdomain"]: dict(one, domain=domain, values=[])
                         for domain, one in json.loads(self.FILES["acmedns.json"]).items()}

    def txt(self, name):
        return sorted(v for a in self.accounts.values() for v in a["values"]
                      if name in ("_acme-challenge." + a["domain"], a["fulldomain"]))

    def cleared(self, foreign):
        return self.txt("_acme-challenge." + self.zone_name)

    @route("POST", "/register")
    @opened
    def register(self, r):
        ident = "00000000-0000-4000-8000-%012d" % self.store.number()
        account = {"username": "u-" + ident, "password": "p-" + ident * 2,
                   "fulldomain": ident + ".auth.acmedns.test", "subdomain": ident,
                   "allowfrom": []}
        self.accounts[ident] = dict(account, domain="", values=[])
        return 201, account, {}

    @route("POST", "/update")
    def update(self, r):
        d = r.json()
        account = self.accounts.get(d["subdomain"])
        if account is None or r.headers.get("x-api-user") != account["username"] or \
                r.headers.get("x-api-key") != account["password"]:
            raise Refuse(401, {"error": "forbidden"})
        if not re.match(r"[A-Za-z0-9_-]{43}\Z", d["txt"]):
            raise Refuse(400, {"error": "bad_txt"})
        account["values"] = (account["values"] + [d["txt"]])[-2:]
        return {"txt": d["txt"]}
