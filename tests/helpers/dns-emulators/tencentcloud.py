from emulator import *


class TencentCloud(Emulator):
    HOSTS = ["dnspod.tencentcloudapi.com"]
    CREDENTIALS = {"secret_id": "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
                   "secret_key": "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"}
    WRONG = "secret_key"
    SDK = ("tencentcloud-sdk", ["tencentcloud-sdk-nodejs-dnspod@4.1.213"], {
        "id": CREDENTIALS["secret_id"], "key": CREDENTIALS["secret_key"]})
    LIMIT = (200, {"Response": {"Error": {"Code": "RequestLimitExceeded",
                                          "Message": "slow down"}, "RequestId": "x"}}, {})

    def no(self, code, message):
        raise Refuse(200, {"Response": {"Error": {"Code": code, "Message": message},
                                        "RequestId": "x"}})

    def authorize(self, r):
        m = re.match(r"TC3-HMAC-SHA256 Credential=([^/]+)/(\d{4}-\d\d-\d\d)/dnspod/tc3_request, "
                     r"SignedHeaders=([^,]+), Signature=([0-9a-f]+)$",
                     r.headers.get("authorization", ""))
        if not m or m.group(1) != self.CREDENTIALS["secret_id"]:
            self.no("AuthFailure.SecretIdNotFound", "The SecretId is not found.")
        _, date, names, signature = m.groups()
        when = r.headers["x-tc-timestamp"]
        if abs(int(when) - clock()) > 300:
            self.no("AuthFailure.SignatureExpire", "expired")
        headers = dict(r.headers, host=r.host)
        canonical = "\n".join(
            [r.method, r.path, r.raw_query]
            + ["%s:%s" % (n, headers[n].strip().lower() if n == "x-tc-action" else headers[n].strip())
               for n in names.split(";")]
            + ["", names, hashlib.sha256(r.body).hexdigest()])
        text = "\n".join(["TC3-HMAC-SHA256", when, date + "/dnspod/tc3_request",
                          hashlib.sha256(canonical.encode()).hexdigest()])
        k = ("TC3" + self.CREDENTIALS["secret_key"]).encode()
        for part in (date, "dnspod", "tc3_request", text):
            k = hmac.new(k, part.encode(), hashlib.sha256).digest()
        if k.hex() != signature:
            self.no("AuthFailure.SignatureFailure", "The provided credentials could not be validated.")

    @route("POST", "/")
    def call(self, r):
        if r.headers["x-tc-version"] != "2021-03-23":
            raise Malformed("version")
        answer = getattr(self, r.headers["x-tc-action"])(r.json())
        return {"Response": dict(answer, RequestId="x")}

    def DescribeDomainList(self, d):
        at, rows = d.get("Offset") or 0, list(self.store.zones.values())
        return {"DomainCountInfo": {"AllTotal": len(rows), "DomainTotal": len(rows)},
                "DomainList": [{"DomainId": int(z["id"]), "Name": z["name"], "Status": "ENABLE"}
                               for z in rows[at:at + 2]]}

    def the_zone(self, d):
        return self.store.zone(d["Domain"]) or self.no(
            "InvalidParameterValue.DomainNotExists", "The domain does not exist.")

    def CreateRecord(self, d):
        zone = self.the_zone(d)
        if d["RecordLine"] != "默认" and d.get("RecordLineId") != "0":
            self.no("InvalidParameter.RecordLineInvalid", "line")
        if d.get("TTL", 600) < 600:
            self.no("LimitExceeded.RecordTtlLimit", "ttl")
        x = self.store.add(zone, absolute(d.get("SubDomain") or "@", zone["name"]),
                           d["RecordType"], d["Value"], d.get("TTL", 600))
        return {"RecordId": int(x["id"])}

    def DescribeRecordList(self, d):
        zone = self.the_zone(d)
        sub = d.get("Subdomain")
        rows = self.store.find(zone, None if sub is None else absolute(sub, zone["name"]),
                               d.get("RecordType"))
        if not rows:
            self.no("ResourceNotFound.NoDataOfRecord", "no records")
        return {"RecordCountInfo": {"TotalCount": len(rows)}, "RecordList": [
            {"RecordId": int(x["id"]), "Name": relative(x["name"], zone["name"]),
             "Type": x["type"], "Value": x["value"], "TTL": x["ttl"], "Line": "默认",
             "LineId": "0"} for x in rows]}

    def DeleteRecord(self, d):
        if not self.store.remove(self.the_zone(d), d["RecordId"]):
            self.no("InvalidParameter.RecordIdInvalid", "no such record")
        return {}
