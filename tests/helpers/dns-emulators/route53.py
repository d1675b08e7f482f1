import datetime
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

from emulator import *

NS = "https://route53.amazonaws.com/doc/2013-04-01/"


def sigv4(r, secret, key, service, error):
    """Checked from the request alone, as AWS does."""
    auth = r.headers.get("authorization", "")
    m = re.match(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/"
                 r"aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$", auth)
    if not m or m.group(1) != key or m.group(4) != service:
        error("InvalidClientTokenId", "The security token included in the request is invalid.")
    _, date, region, _, names, signature = m.groups()
    when = r.headers["x-amz-date"]
    age = datetime.datetime.utcfromtimestamp(clock()) - datetime.datetime.strptime(when, "%Y%m%dT%H%M%SZ")
    if abs(age.total_seconds()) > 300 or when[:8] != date or "host" not in names.split(";"):
        error("SignatureDoesNotMatch", "Signature expired")
    query = "&".join("%s=%s" % (urllib.parse.quote(k, safe="-_.~"),
                                urllib.parse.quote(v, safe="-_.~"))
                     for k, v in sorted(urllib.parse.parse_qsl(
                         r.raw_query, keep_blank_values=True)))
    canonical = "\n".join(
        [r.method, r.path, query]
        + ["%s:%s" % (n, " ".join(r.headers[n].split())) for n in names.split(";")]
        + ["", names, hashlib.sha256(r.body).hexdigest()])
    scope = "/".join([date, region, service, "aws4_request"])
    text = "\n".join(["AWS4-HMAC-SHA256", when, scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    k = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request", text):
        k = hmac.new(k, part.encode(), hashlib.sha256).digest()
    if k.hex() != signature:
        error("SignatureDoesNotMatch", "The request signature we calculated does not match")


class Route53(Emulator):
    HOSTS = ["route53.amazonaws.com", "sts.amazonaws.com"]
    KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    ENV = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    WRONG = "secret"
    WRONG_ENV = {"AWS_SECRET_ACCESS_KEY": "wrongXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
    LEGO = ("route53", dict(ENV, AWS_REGION="us-east-1"))
    CERTBOT = "dns-route53"
    LIMIT = (400, '<?xml version="1.0"?><ErrorResponse xmlns="%s"><Error><Type>Sender</Type>'
             '<Code>Throttling</Code><Message>Rate exceeded</Message></Error>'
             '<RequestId>1</RequestId></ErrorResponse>' % NS, {})

    def __init__(self):
        super().__init__()
        self.polls = {}

    def restore(self):
        super().restore()
        self.polls.clear()

    def no(self, status, code, message):
        raise Refuse(status, '<?xml version="1.0"?><ErrorResponse xmlns="%s"><Error>'
                     '<Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error>'
                     '<RequestId>1</RequestId></ErrorResponse>' % (NS, code, escape(message)))

    def authorize(self, r):
        sigv4(r, self.SECRET, self.KEY, "route53", lambda c, m: self.no(403, c, m))

    def xml(self, root, inner):
        return '<?xml version="1.0"?>\n<%s xmlns="%s">%s</%s>' % (root, NS, inner, root)

    def hosted(self, z, private=False):
        return ("<HostedZone><Id>/hostedzone/%s</Id><Name>%s.</Name><CallerReference>x"
                "</CallerReference><Config><PrivateZone>%s</PrivateZone></Config>"
                "<ResourceRecordSetCount>2</ResourceRecordSetCount></HostedZone>"
                % (("P" if private else "Z") + z["id"], z["name"],
                   "true" if private else "false"))

    @route("GET", "/2013-04-01/hostedzone")
    def zones(self, r):
        rows = [self.hosted(self.zone, True)] + [
            self.hosted(z) for z in self.store.zones.values()]
        at = int(r.query.get("marker", "0"))
        more = at + 2 < len(rows)
        return self.xml("ListHostedZonesResponse",
                        "<HostedZones>%s</HostedZones><IsTruncated>%s</IsTruncated>%s"
                        "<MaxItems>2</MaxItems>" % (
                            "".join(rows[at:at + 2]), "true" if more else "false",
                            "<NextMarker>%d</NextMarker>" % (at + 2) if more else ""))

    @route("GET", "/2013-04-01/hostedzonesbyname")
    def by_name(self, r):
        want = r.query["dnsname"].rstrip(".")
        rows = sorted(self.store.zones.values(),
                      key=lambda z: z["name"].split(".")[::-1])
        rows = [z for z in rows if z["name"].split(".")[::-1] >= want.split(".")[::-1]]
        return self.xml("ListHostedZonesByNameResponse",
                        "<HostedZones>%s</HostedZones><IsTruncated>false</IsTruncated>"
                        "<MaxItems>100</MaxItems>" % "".join(map(self.hosted, rows)))

    def the_zone(self, ident):
        zone = self.store.by_id(ident[1:]) if ident[0] == "Z" else None
        if zone is None:
            self.no(404, "NoSuchHostedZone", "No hosted zone found with ID: " + ident)
        return zone

    def sets(self, zone):
        found = {}
        for x in zone["records"]:
            found.setdefault((x["name"], x["type"]), []).append(x)
        return found

    @route("GET", "/2013-04-01/hostedzone/([^/]+)/rrset/?")
    def listing(self, r, ident):
        zone = self.the_zone(ident)
        first = (r.query.get("name", "").rstrip("."), r.query.get("type", ""))
        rows = [(k, v) for k, v in sorted(self.sets(zone).items()) if k >= first]
        limit = int(r.query.get("maxitems", 100))
        return self.xml("ListResourceRecordSetsResponse", "<ResourceRecordSets>%s"
                        "</ResourceRecordSets><IsTruncated>%s</IsTruncated>"
                        "<MaxItems>%d</MaxItems>" % ("".join(
                            "<ResourceRecordSet><Name>%s.</Name><Type>%s</Type><TTL>%s</TTL>"
                            "<ResourceRecords>%s</ResourceRecords></ResourceRecordSet>" % (
                                k[0], k[1], v[0]["ttl"], "".join(
                                    "<ResourceRecord><Value>%s</Value></ResourceRecord>"
                                    % escape(quoted(x["value"]) if k[1] == "TXT" else x["value"])
                                    for x in v)) for k, v in rows[:limit]),
                            "true" if len(rows) > limit else "false", limit))

    @route("POST", "/2013-04-01/hostedzone/([^/]+)/rrset/?")
    def change(self, r, ident):
        zone = self.the_zone(ident)
        root = ET.fromstring(r.body)
        if root.tag != "{%s}ChangeResourceRecordSetsRequest" % NS:
            raise Malformed(root.tag)
        for c in root.iter("{%s}Change" % NS):
            get = lambda path: c.find("/".join("{%s}%s" % (NS, p) for p in path.split("/"))).text
            name = get("ResourceRecordSet/Name").rstrip(".")
            kind, ttl = get("ResourceRecordSet/Type"), int(get("ResourceRecordSet/TTL"))
            values = [v.text for v in c.iter("{%s}Value" % NS)]
            if kind == "TXT" and any(v != quoted(v) for v in values):
                self.no(400, "InvalidChangeBatch", "[Invalid Resource Record: FATAL problem: InvalidCharacterString]")
            old = self.sets(zone).get((name, kind))
            action = get("Action")
            if action == "DELETE":
                if old is None or sorted(quoted(x["value"]) for x in old) != sorted(values) \
                        or old[0]["ttl"] != ttl:
                    self.no(400, "InvalidChangeBatch", "[Tried to delete resource record set but the values provided do not match the current values]")
                values = []
            elif action not in ("UPSERT", "CREATE"):
                raise Malformed(action)
            self.store.replace(zone, name, kind, [unquoted(v) for v in values], ttl)
        ident = "C%d" % self.store.number()
        self.polls[ident] = 1
        return self.xml("ChangeResourceRecordSetsResponse", self.info(ident))

    def info(self, ident):
        return ("<ChangeInfo><Id>/change/%s</Id><Status>%s</Status><SubmittedAt>"
                "2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo>" % (
                    ident, "PENDING" if self.polls[ident] > 0 else "INSYNC"))

    @route("GET", "/2013-04-01/change/([^/]+)")
    def poll(self, r, ident):
        self.polls[ident] -= 1
        return self.xml("GetChangeResponse", self.info(ident))
