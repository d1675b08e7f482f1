import datetime

from emulator import *


class Aliyun(Emulator):
    HOSTS = ["alidns.aliyuncs.com"]
    CREDENTIALS = {"access_key": "LTAI0123456789", "access_key_secret": "aliyun-secret-0123456789"}
    LEXICON = ("aliyun", {"auth_key_id": "LTAI0123456789", "auth_secret": "aliyun-secret-0123456789"})
    SUFFIX = ".com"
    WRONG = "access_key_secret"
    LIMIT = (400, {"Code": "Throttling.User", "Message": "Request was denied due to user flow control."}, {})

    def no(self, code, message, status=400):
        raise Refuse(status, {"Code": code, "Message": message, "RequestId": "x"})

    def authorize(self, r):
        q = dict(r.query, **({} if r.method == "GET" else r.form()))
        sig = q.pop("Signature", "")
        if q.get("AccessKeyId") != "LTAI0123456789":
            self.no("InvalidAccessKeyId.NotFound", "Specified access key is not found.", 404)
        enc = lambda s: urllib.parse.quote(s, safe="-_.~")
        text = r.method + "&%2F&" + enc("&".join(
            "%s=%s" % (enc(k), enc(v)) for k, v in sorted(q.items())))
        want = base64.b64encode(hmac.new(b"aliyun-secret-0123456789&", text.encode(),
                                         hashlib.sha1).digest()).decode()
        when = datetime.datetime.strptime(q["Timestamp"], "%Y-%m-%dT%H:%M:%SZ").replace(
            tzinfo=datetime.timezone.utc).timestamp()
        if sig != want or abs(when - clock()) > 900 or not q["SignatureNonce"]:
            self.no("SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")

    @route("GET", "/")
    def read(self, r):
        return self.call(r.query)

    @route("POST", "/")
    def write(self, r):
        return self.call(dict(r.query, **r.form()))

    def call(self, q):
        if q["Version"] != "2015-01-09":
            raise Malformed("version")
        return dict(getattr(self, q["Action"])(q), RequestId="x")

    def page(self, q, rows, outer, inner):
        page, size = int(q.get("PageNumber", 1)), 2
        return {"PageNumber": page, "PageSize": size, "TotalCount": len(rows),
                outer: {inner: rows[(page - 1) * size:page * size]}}

    def DescribeDomains(self, q):
        return self.page(q, [{"DomainName": n, "DomainId": z["id"]}
                             for n, z in self.store.zones.items()], "Domains", "Domain")

    def the_zone(self, q):
        return self.store.zone(q["DomainName"]) or self.no(
            "InvalidDomainName.NoExist", "The specified domain name does not exist.")

    def DescribeDomainInfo(self, q):
        zone = self.the_zone(q)
        return {"DomainName": zone["name"], "DomainId": zone["id"]}

    def AddDomainRecord(self, q):
        zone = self.the_zone(q)
        fqdn = absolute(q["RR"], zone["name"])
        if any(x["value"] == q["Value"] for x in self.store.find(zone, fqdn, q["Type"])):
            self.no("DomainRecordDuplicate", "The DNS record already exists.")
        x = self.store.add(zone, fqdn, q["Type"], q["Value"], int(q.get("TTL", 600)))
        return {"RecordId": x["id"]}

    def DescribeDomainRecords(self, q):
        zone = self.the_zone(q)
        rows = [{"RecordId": x["id"], "RR": relative(x["name"], zone["name"]),
                 "Type": x["type"], "Value": x["value"], "TTL": x["ttl"],
                 "DomainName": zone["name"]} for x in zone["records"]]
        rows = [x for x in rows if q.get("RRKeyWord", "") in x["RR"]
                and q.get("TypeKeyWord", "") in x["Type"]]
        return self.page(q, rows, "DomainRecords", "Record")

    def DeleteDomainRecord(self, q):
        if not any([self.store.remove(z, q["RecordId"]) for z in self.store.zones.values()]):
            self.no("DomainRecordNotBelongToUser", "no such record")
        return {"RecordId": q["RecordId"]}
