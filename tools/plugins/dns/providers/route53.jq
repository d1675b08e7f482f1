# AWS Route 53: record sets, in XML.
def zones($marker):
  get("/hostedzone"; {maxitems: 100}
    + (if $marker then {marker: $marker} else {} end)) | as_xml;
def listed: body.ListHostedZonesResponse;
def set:
  get("/hostedzone/\(.zone.id)/rrset";
    {name: (.fqdn + "."), type: "TXT", maxitems: 1})
  | as_xml | keeping("read");
# The values and TTL of our set, or null; the answer may begin with another.
def old:
  (.fqdn | folded) as $fqdn
  | [body.ListResourceRecordSetsResponse.ResourceRecordSets[0].ResourceRecordSet[]?
      | select((.Name[0] | gsub("\\\\052"; "*") | folded) == $fqdn and .Type[0] == "TXT")][0]
  | if . == null then null
    else {ttl: .TTL[0], values: [.ResourceRecords[0].ResourceRecord[].Value[0]]} end;
def change($action; $ttl; $values):
  (.fqdn | @html) as $name
  | {request: {method: "POST", path: "/hostedzone/\(.zone.id)/rrset/", as: "xml",
      accept: [400],
      headers: {"Content-Type": "application/xml"},
      text: ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch><Comment>dns-01 challenge</Comment><Changes><Change><Action>"
        + $action + "</Action><ResourceRecordSet><Name>" + $name
        + ".</Name><Type>TXT</Type><TTL>" + ($ttl | tostring)
        + "</TTL><ResourceRecords>"
        + ($values | map("<ResourceRecord><Value>" + @html + "</Value></ResourceRecord>") | add)
        + "</ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>")}}
  | keeping("sent");
def reason:
  (body.ErrorResponse.Error[0] // body) as $e
  | ($e.Message[0]? // (body.InvalidChangeBatch.Messages[0].Message[0]?) // "status \(status)");
def code: body.ErrorResponse.Error[0].Code[0]? // "";
def settle:
  if status == 400 then
    if code | IN("PriorRequestNotComplete", "Throttling") then
      {error: {retry: 0, detail: "Route 53: \(code)"}}
    elif reason | test("not found|values provided do not match") then {again: true}
    else fail(reason) end
  else {done: {change: body.ChangeResourceRecordSetsResponse.ChangeInfo[0].Id[0]}} end;
def instructions:
  "To use certbot-dns-route53, configure credentials as described at https://boto3.readthedocs.io/en/latest/guide/configuration.html#best-practices-for-configuring-credentials and add the necessary permissions for Route53 access.";

if .op == "login" then aws_login(instructions)
elif .op == "find" then
  find_in_list(zones(null);
    listed.HostedZones[0].HostedZone[]?
      | select(.Config[0].PrivateZone[0]? != "true")
      | {id: (.Id[0] | ltrimstr("/hostedzone/")), name: (.Name[0] | rtrimstr("."))};
    if listed.IsTruncated[0] == "true" then zones(listed.NextMarker[0]) else null end)
elif .op == "add" then
  if begins then set
  elif .state == "read" then
    old as $old
    | change("UPSERT"; $old.ttl // .ttl;
        (.values | map(quoted)) as $new | ($old.values // []) as $have
        | $have + ($new - $have))
  else settle end
elif .op == "remove" then
  if begins then set
  elif .state == "read" then
    old as $old
    | (.values | map(quoted)) as $ours
    | if $old == null or ($old.values - $ours) == $old.values then done
      elif ($old.values - $ours) == [] then
        change("DELETE"; $old.ttl; $old.values)
      else change("UPSERT"; $old.ttl; $old.values - $ours) end
  else settle end
elif .op == "wait" then
  (.added.change? // "") as $change
  | if $change == "" then done
    elif .state == null or .state == "slept" then
      get("/change/\($change | ltrimstr("/change/"))") | as_xml | keeping("asked")
    elif body.GetChangeResponse.ChangeInfo[0].Status[0] == "INSYNC" then done
    else {sleep: 5, state: "slept"} end
elif .op == "error" and status == 400
    and (code | IN("PriorRequestNotComplete", "Throttling")) then
  {error: {retry: 0, detail: "Route 53: \(reason)"}}
elif .op == "error" and status == 400 then fail(reason)
elif .op == "error" and status == 403 and (code | test("^ExpiredToken")) then
  fail_session(reason)
elif .op == "error" and (status == 401 or status == 403) then
  fail_whole("\(reason)\n\(instructions)")
else null end
