import subprocess
from emulator import *


def pem():
    return subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt",
                           "rsa_keygen_bits:2048"], check=True,
                          capture_output=True).stdout.decode()


def public_of(key):
    return subprocess.run(["openssl", "pkey", "-pubout"], check=True, input=key.encode(),
                          capture_output=True).stdout.decode()


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Google(Emulator):
    HOSTS = ["dns.googleapis.com", "oauth2.googleapis.com", "www.googleapis.com"]
    OPTIONS = {"credentials": "{T}/google.json"}
    LEGO = ("gcloud", {"GCE_SERVICE_ACCOUNT_FILE": "{T}/google.json",
                       "GCE_PROJECT": "my-project"})

    def __init__(self):
        super().__init__()
        self.key = pem()
        self.public = public_of(self.key)
        self.tokens, self.changes = {}, {}
        self.FILES = {"google.json": json.dumps({
            "type": "service_account", "project_id": "my-project",
            "private_key_id": "kid-1", "private_key": self.key,
            "client_email": "dns@my-project.iam.gserviceaccount.com",
            "client_id": "1", "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": "https://oauth2.googleapis.com/token"})}

    def expire(self):
        self.tokens.clear()
        return True

    def no(self, status, message):
        raise Refuse(status, {"error": {"code": status, "message": message,
                                        "errors": [{"message": message}]}})

    def authorize(self, r):
        scheme, _, token = r.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens:
            self.no(401, "Request had invalid authentication credentials.")

    @route("POST", "/token")
    @opened
    def token(self, r):
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding
        d = r.form()
        if d["grant_type"] != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            raise Malformed("grant type")
        head, claims, signature = d["assertion"].split(".")
        key = serialization.load_pem_public_key(self.public.encode())
        key.verify(unpadded(signature), (head + "." + claims).encode(),
                                padding.PKCS1v15(), hashes.SHA256())
        h, c = json.loads(unpadded(head)), json.loads(unpadded(claims))
        if h["alg"] != "RS256" or c["aud"] != "https://oauth2.googleapis.com/token" or \
                "ndev.clouddns.readwrite" not in c["scope"] or \
                c["iss"] != "dns@my-project.iam.gserviceaccount.com" or \
                not c["iat"] - 60 <= clock() <= c["exp"] <= c["iat"] + 3600:
            raise Refuse(400, {"error": "invalid_grant",
                               "error_description": "Invalid JWT"})
        token = "ya29.token-%d" % self.store.number()
        self.tokens[token] = True
        return {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}

    @route("GET", "/(?:dns/v1|dns/v1beta2)/projects/my-project/managedZones")
    def zones(self, r):
        want = r.query.get("dnsName")
        rows = []
        for n, z in self.store.zones.items():
            if want in (None, n + "."):
                if n == self.zone_name:
                    rows.append({"id": "9" + z["id"], "name": "private-zone",
                                 "dnsName": n + ".", "visibility": "private",
                                 "privateVisibilityConfig": {}})
                rows.append({"id": z["id"], "name": n.replace(".", "-"),
                             "dnsName": n + ".", "visibility": "public"})
        return {"kind": "dns#managedZonesListResponse", "managedZones": rows}

    def the_zone(self, ident):
        for z in self.store.zones.values():
            if ident in (z["id"], z["name"].replace(".", "-")):
                return z
        self.no(404, "The 'parameters.managedZone' resource named '%s' does not exist." % ident)

    def sets(self, zone):
        found = {}
        for x in zone["records"]:
            s = found.setdefault((x["name"] + ".", x["type"]), {
                "name": x["name"] + ".", "type": x["type"], "ttl": x["ttl"],
                "rrdatas": []})
            s["rrdatas"].append(quoted(x["value"]) if x["type"] == "TXT" else x["value"])
        return found

    @route("GET", "/dns/v1/projects/my-project/managedZones/([^/]+)/rrsets")
    def rrsets(self, r, ident):
        return {"rrsets": [s for (n, t), s in self.sets(self.the_zone(ident)).items()
                           if r.query.get("name") in (None, n)
                           and r.query.get("type") in (None, t)]}

    @route("POST", "/dns/v1/projects/my-project/managedZones/([^/]+)/changes")
    def change(self, r, ident):
        zone, d = self.the_zone(ident), r.json()
        sets = self.sets(zone)
        for s in d.get("deletions", []):
            old = sets.get((s["name"], s["type"]))
            if old is None or old["ttl"] != s["ttl"] or \
                    sorted(map(quoted, old["rrdatas"])) != sorted(map(quoted, s["rrdatas"])):
                self.no(412, "Precondition not met for 'entity.change.deletions[0]'")
        gone = [(s["name"], s["type"]) for s in d.get("deletions", [])]
        for s in d.get("additions", []):
            if (s["name"], s["type"]) in sets and (s["name"], s["type"]) not in gone:
                self.no(409, "The resource 'entity.change.additions[0]' already exists")
        for n, t in gone:
            self.store.replace(zone, n, t, [], 0)
        for s in d.get("additions", []):
            if not s["name"].endswith("."):
                raise Malformed("name")
            self.store.replace(zone, s["name"], s["type"],
                               [unquoted(v) for v in s["rrdatas"]], s["ttl"])
        number = str(self.store.number())
        self.changes[number] = 1
        return {"id": number, "status": "pending"}

    @route("GET", "/dns/v1/projects/my-project/managedZones/([^/]+)/changes/([0-9]+)")
    def poll(self, r, ident, number):
        self.changes[number] -= 1
        return {"id": number, "status": "pending" if self.changes[number] > 0 else "done"}
