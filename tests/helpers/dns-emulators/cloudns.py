from emulator import *


class ClouDNS(Emulator):
    HOSTS = ["api.cloudns.net"]
    CREDENTIALS = {"auth_id": "77", "auth_password": "cloudns-password-0123"}
    WRONG = "auth_password"
    LEGO = ("cloudns", {"CLOUDNS_AUTH_ID": "77", "CLOUDNS_AUTH_PASSWORD": "cloudns-password-0123"})

    def no(self, text):
        raise Refuse(200, {"status": "Failed", "statusDescription": text})

    def dispatch(self, r, op):
        q = dict(r.query, **(r.form() if r.body else {}))
        if (q.get("auth-id"), q.get("auth-password")) != ("77", "cloudns-password-0123"):
            self.no("Invalid authentication, incorrect auth-id or auth-password.")
        zone = self.store.zone(q["domain-name"]) or self.no("Missing domain-name")
        return getattr(self, op.replace("-", "_"))(zone, q)

    @route("GET", "/dns/([a-z-]+).json")
    def read(self, r, op):
        return self.dispatch(r, op)

    @route("POST", "/dns/([a-z-]+).json")
    def write(self, r, op):
        return self.dispatch(r, op)

    def get_zone_info(self, zone, q):
        return {"name": zone["name"], "type": "master", "zone": "domain", "status": "1"}

    def add_record(self, zone, q):
        if int(q["ttl"]) not in (60, 300, 900, 1800, 3600):
            self.no("Invalid TTL. Choose from the list of the values we support.")
        x = self.store.add(zone, absolute(q["host"], zone["name"]), q["record-type"],
                           q["record"], int(q["ttl"]))
        return {"status": "Success", "statusDescription": "The record was added successfully.",
                "data": {"id": int(x["id"])}}

    def records(self, zone, q):
        rows = self.store.find(zone, absolute(q["host"], zone["name"]) if "host" in q else None,
                               q.get("type"))
        return {x["id"]: {"id": x["id"], "type": x["type"], "record": x["value"],
                          "host": relative(x["name"], zone["name"], ""), "ttl": str(x["ttl"]),
                          "status": 1} for x in rows} or []

    def delete_record(self, zone, q):
        if not self.store.remove(zone, q["record-id"]):
            self.no("Invalid record-id param.")
        return {"status": "Success", "statusDescription": "The record was deleted successfully."}

    def update_status(self, zone, q):
        return [{"server": "ns1", "ip4": "192.0.2.1", "ip6": "", "updated": True}]
