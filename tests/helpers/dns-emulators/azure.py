from emulator import *

GROUP = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg"
ZONES = GROUP + "/providers/Microsoft.Network/dns[zZ]ones"


class Azure(Emulator):
    HOSTS = ["management.azure.com", "login.microsoftonline.com"]
    CREDENTIALS = {"tenant_id": "my-tenant", "sp_client_id": "my-client",
                   "sp_client_secret": "azure-secret-0123456789",
                   "zone1": "azure.test:" + GROUP, "zone2": "z1.test:" + GROUP}
    WRONG = "sp_client_secret"
    SDK = ("azure-sdk", ["@azure/arm-dns@5.1.0", "@azure/identity@4.14.1"], {
        "tenant": "my-tenant", "id": "my-client", "secret": "azure-secret-0123456789",
        "subscription": GROUP.split("/")[2], "group": "rg"})

    def __init__(self):
        super().__init__()
        self.tokens = set()

    def expire(self):
        self.tokens.clear()
        return True

    def authorize(self, r):
        scheme, _, token = r.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens:
            raise Refuse(401, {"error": {"code": "AuthenticationFailed",
                                         "message": "Authentication failed."}})
        if r.query.get("api-version") not in ("2018-05-01", "2017-09-01", "2017-10-01"):
            raise Malformed("api-version")

    @route("POST", "/my-tenant/oauth2(?:/v2.0)?/token")
    @opened
    def token(self, r):
        d = r.form()
        if d.get("grant_type") != "client_credentials" or not (
                d.get("scope") == "https://management.azure.com/.default"
                or d.get("resource", "").startswith("https://management.")):
            raise Malformed("grant")
        if (d["client_id"], d["client_secret"]) != ("my-client", "azure-secret-0123456789"):
            raise Refuse(401, {"error": "invalid_client",
                               "error_description": "AADSTS7000215: Invalid client secret provided."})
        token = "eyJ-azure-%d" % self.store.number()
        self.tokens.add(token)
        return {"access_token": token, "expires_in": "3599", "token_type": "Bearer",
                "expires_on": str(int(clock()) + 3599), "resource": "x"}

    def the_zone(self, name):
        zone = self.store.zone(name)
        if zone is None:
            raise Refuse(404, {"error": {"code": "ResourceNotFound", "message": "not found"}})
        return zone

    @route("GET", ZONES + "/([^/]+)")
    def zone_(self, r, name):
        return {"name": self.the_zone(name)["name"], "id": r.path,
                "properties": {"nameServers": ["ns1." + name + "."]}}

    def shown(self, zone, rel):
        rows = self.store.find(zone, absolute(rel, zone["name"]), "TXT")
        if not rows:
            raise Refuse(404, {"code": "NotFound", "message": "The resource record '%s' does not exist" % rel})
        values = [x["value"] for x in rows]
        return {"name": rel, "type": "Microsoft.Network/dnszones/TXT",
                "etag": hashlib.md5(repr(values).encode()).hexdigest(),
                "properties": {"TTL": rows[0]["ttl"],
                               "TXTRecords": [{"value": [v]} for v in values]}}

    def guard(self, r, zone, rel):
        try:
            tag = self.shown(zone, rel)["etag"]
        except Refuse:
            tag = None
        if r.headers.get("if-match", tag) not in (tag, "*") or \
                r.headers.get("if-none-match") == "*" and tag is not None:
            raise Refuse(412, {"code": "PreconditionFailed", "message": "etag"})

    @route("GET", ZONES + "/([^/]+)/TXT/([^/]+)")
    def read(self, r, name, rel):
        return self.shown(self.the_zone(name), rel)

    @route("PUT", ZONES + "/([^/]+)/TXT/([^/]+)")
    def write(self, r, name, rel):
        zone, d = self.the_zone(name), r.json()["properties"]
        self.guard(r, zone, rel)
        self.store.replace(zone, absolute(rel, zone["name"]), "TXT",
                           ["".join(t["value"]) for t in d["TXTRecords"]], d["TTL"])
        return self.shown(zone, rel)

    @route("DELETE", ZONES + "/([^/]+)/TXT/([^/]+)")
    def delete(self, r, name, rel):
        zone = self.the_zone(name)
        self.guard(r, zone, rel)
        self.store.replace(zone, absolute(rel, zone["name"]), "TXT", [], 0)
        return 200, b"", {}
