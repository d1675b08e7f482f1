from emulator import *

SHIFT = 4000


class OVH(Emulator):
    HOSTS = ["eu.api.ovh.com"]
    CREDENTIALS = {"endpoint": "ovh-eu", "application_key": "MDAwMDAwMDAwMDAw",
                   "application_secret": "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw",
                   "consumer_key": "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDBB"}
    WRONG = "consumer_key"
    LEGO = ("ovh", {"OVH_ENDPOINT": "ovh-eu",
                    "OVH_APPLICATION_KEY": CREDENTIALS["application_key"],
                    "OVH_APPLICATION_SECRET": CREDENTIALS["application_secret"],
                    "OVH_CONSUMER_KEY": CREDENTIALS["consumer_key"]})
    CERTBOT = "dns-ovh"

    def __init__(self):
        super().__init__()
        self.published = None

    def authorize(self, r):
        c, h = self.CREDENTIALS, r.headers
        if h.get("x-ovh-application") != c["application_key"]:
            raise Refuse(403, {"message": "This application key is invalid"})
        if h.get("x-ovh-consumer") != c["consumer_key"]:
            raise Refuse(403, {"message": "This credential does not exist"})
        when = h["x-ovh-timestamp"]
        text = "+".join([c["application_secret"], c["consumer_key"], r.method,
                         r.url, r.body.decode(), when])
        if h["x-ovh-signature"] != "$1$" + hashlib.sha1(text.encode()).hexdigest() \
                or abs(int(when) - clock() - SHIFT) > 300:
            raise Refuse(400, {"message": "Invalid signature"})

    @route("GET", "/1.0/auth/time")
    @opened
    def now(self, r):
        return 200, json.dumps(int(clock()) + SHIFT), {
            "Content-Type": "application/json"}

    def txt(self, name):
        if self.published is None:
            self.publish()
        return sorted(v for n, v in self.published if n == name)

    def restore(self):
        super().restore()
        self.published = None

    def publish(self):
        self.published = [(x["name"], unquoted(x["value"])) for z in
                          self.store.zones.values() for x in z["records"]
                          if x["type"] == "TXT"]

    @route("GET", "/1.0/domain/zone/?")
    def zones(self, r):
        return list(self.store.zones)

    def the_zone(self, name):
        zone = self.store.zone(name)
        if zone is None:
            raise Refuse(404, {"message": "This service does not exist"})
        return zone

    @route("GET", "/1.0/domain/zone/([^/]+)")
    def zone_(self, r, name):
        return {"name": self.the_zone(name)["name"], "hasDnsAnycast": False}

    @route("GET", "/1.0/domain/zone/([^/]+)/status")
    def status(self, r, name):
        return {"isDeployed": bool(self.the_zone(name))}

    @route("POST", "/1.0/domain/zone/([^/]+)/refresh")
    def refresh(self, r, name):
        self.the_zone(name)
        self.publish()
        return None

    def shown(self, zone, x):
        return {"id": int(x["id"]), "zone": zone["name"], "fieldType": x["type"],
                "subDomain": relative(x["name"], zone["name"], ""), "ttl": x["ttl"],
                "target": quoted(x["value"]) if x["type"] == "TXT" else x["value"]}

    @route("POST", "/1.0/domain/zone/([^/]+)/record")
    def add(self, r, name):
        zone, d = self.the_zone(name), r.json()
        x = self.store.add(zone, absolute(d["subDomain"], zone["name"]),
                           d["fieldType"], unquoted(d["target"]), d["ttl"])
        return self.shown(zone, x)

    @route("GET", "/1.0/domain/zone/([^/]+)/record")
    def listing(self, r, name):
        zone = self.the_zone(name)
        sub = r.query.get("subDomain")
        return [int(x["id"]) for x in self.store.find(
            zone, None if sub is None else absolute(sub, zone["name"]),
            r.query.get("fieldType"))]

    def record(self, zone, ident):
        for x in zone["records"]:
            if x["id"] == ident:
                return x
        raise Refuse(404, {"message": "The requested object does not exist"})

    @route("GET", "/1.0/domain/zone/([^/]+)/record/([0-9]+)")
    def read(self, r, name, ident):
        zone = self.the_zone(name)
        return self.shown(zone, self.record(zone, ident))

    @route("DELETE", "/1.0/domain/zone/([^/]+)/record/([0-9]+)")
    def delete(self, r, name, ident):
        zone = self.the_zone(name)
        self.record(zone, ident)
        self.store.remove(zone, ident)
        return None
