import email.utils

from emulator import *
from google import pem, public_of


class OCI(Emulator):
    HOSTS = ["dns.eu-frankfurt-1.oci.oraclecloud.com"]
    SDK = ("oci-sdk", ["oci-dns@2.139.1"], {"file": "{T}/oci.config"})
    OPTIONS = {"credentials": "{T}/oci.config", "profile": "DEFAULT"}

    def __init__(self):
        self.key = pem()
        self.public = public_of(self.key)
        super().__init__()

    @property
    def FILES(self):
        from os import environ
        return {"oci.pem": self.key, "oci.config":
                "[DEFAULT]\nuser=ocid1.user.oc1..u\nfingerprint=aa:bb\n"
                "tenancy=ocid1.tenancy.oc1..t\nregion=eu-frankfurt-1\nkey_file=%s/oci.pem\n"
                % environ.get("T", "/tmp")}

    def authorize(self, r):
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding
        a = dict(re.findall(r'(\w+)="([^"]*)"', r.headers.get("authorization", "")))
        names = a.get("headers", "").lower().split()
        date = "x-date" if "x-date" in names else "date"
        need = {"(request-target)", date, "host"}
        if r.method in ("PUT", "PATCH", "POST"):
            need |= {"x-content-sha256", "content-type", "content-length"}
            if base64.b64encode(hashlib.sha256(r.body).digest()).decode() != \
                    r.headers.get("x-content-sha256"):
                raise Refuse(401, {"code": "NotAuthenticated", "message": "hash"})
        text = "\n".join("(request-target): %s %s" % (r.method.lower(), r.target)
                         if n == "(request-target)" else "%s: %s" % (n, r.headers.get(n))
                         for n in names)
        when = email.utils.parsedate_to_datetime(r.headers.get(date)).timestamp()
        try:
            serialization.load_pem_public_key(self.public.encode()).verify(
                base64.b64decode(a["signature"]), text.encode(), padding.PKCS1v15(),
                hashes.SHA256())
        except (InvalidSignature, KeyError):
            raise Refuse(401, {"code": "NotAuthenticated", "message": "The required information to complete authentication was not provided or was incorrect."})
        if not need <= set(names) or a["keyId"] != \
                "ocid1.tenancy.oc1..t/ocid1.user.oc1..u/aa:bb" or abs(when - clock()) > 300:
            raise Refuse(401, {"code": "NotAuthenticated", "message": "clock or key"})

    def the_zone(self, name):
        zone = self.store.zone(name)
        if zone is None:
            raise Refuse(404, {"code": "NotAuthorizedOrNotFound", "message": "not found"})
        return zone

    @route("GET", "/20180115/zones/([^/]+)")
    def zone_(self, r, name):
        return {"name": self.the_zone(name)["name"], "zoneType": "PRIMARY"}

    def shown(self, zone, name):
        return {"items": [{"domain": x["name"], "rtype": x["type"], "ttl": x["ttl"],
                           "rdata": quoted(x["value"]),
                           "recordHash": hashlib.md5(x["value"].encode()).hexdigest()}
                          for x in self.store.find(zone, name)]}

    @route("GET", "/20180115/zones/([^/]+)/records/([^/]+)")
    def listing(self, r, name, fqdn):
        return self.shown(self.the_zone(name), fqdn)

    @route("PATCH", "/20180115/zones/([^/]+)/records/([^/]+)")
    def change(self, r, name, fqdn):
        zone = self.the_zone(name)
        for item in r.json()["items"]:
            if item.get("operation", "ADD") == "ADD":
                self.store.add(zone, item["domain"], item["rtype"], unquoted(item["rdata"]),
                               item["ttl"])
                continue
            for x in self.store.find(zone, fqdn):
                if item.get("recordHash") == hashlib.md5(x["value"].encode()).hexdigest() or \
                        "rdata" in item and unquoted(item["rdata"]) == x["value"]:
                    self.store.remove(zone, x["id"])
        return self.shown(zone, fqdn)
