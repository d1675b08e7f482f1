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
def env($name): .cred.env[$name];
# The role's keys, from a metadata service or from STS.
def keys:
  {done: {access_key: .AccessKeyId, secret_key: .SecretAccessKey,
    token: (.Token // .SessionToken)}};
def link_local($url; $headers):
  {request: {method: "GET", url: $url, auth: false, plain: true, timeout: 2,
    maybe: true, headers: $headers}};
def imds: "http://169.254.169.254/latest";
def sts($query):
  {request: {method: "GET", url: "https://sts.amazonaws.com/", as: "xml",
    sign: {service: "sts", key: "{access_key}", secret: "{secret_key}"},
    query: ({Version: "2011-06-15", RoleSessionName: "acme-tools"} + $query)}};
def sts_keys($root):
  .last.body[$root][0] as $b
  | ($b // .last.body) | [.. | objects | .Credentials? // empty] | .[0][0]
  | {done: {access_key: .AccessKeyId[0], secret_key: .SecretAccessKey[0],
      token: .SessionToken[0]}};
def instructions:
  "To use certbot-dns-route53, configure credentials as described at https://boto3.readthedocs.io/en/latest/guide/configuration.html#best-practices-for-configuring-credentials and add the necessary permissions for Route53 access.";

if .op == "login" then
  if begins and (.has | index("role_arn")) and (.has | index("access_key")) then
    sts({Action: "AssumeRole", RoleArn: .cred.role_arn}
      + (if .cred.external_id then {ExternalId: .cred.external_id} else {} end))
    | keeping("sts")
  elif begins and (.has | index("access_key")) then {done: {}}
  elif begins and (.has | index("web_identity_token")) then
    sts({Action: "AssumeRoleWithWebIdentity", RoleArn: env("AWS_ROLE_ARN"),
      WebIdentityToken: secret("web_identity_token")})
    | noauth | keeping("sts")
  elif .state == "sts" then sts_keys("")
  elif begins and env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") then
    link_local("http://169.254.170.2" + env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); {})
    | keeping("keys")
  elif begins and env("AWS_CONTAINER_CREDENTIALS_FULL_URI") then
    link_local(env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
      if env("AWS_CONTAINER_AUTHORIZATION_TOKEN") then
        {Authorization: env("AWS_CONTAINER_AUTHORIZATION_TOKEN")} else {} end)
    | keeping("keys")
  elif begins and (env("AWS_EC2_METADATA_DISABLED") // "" | ascii_downcase) == "true" then
    fail_whole("Unable to locate credentials\n\(instructions)")
  elif begins then
    link_local("\(imds)/api/token"; {"X-aws-ec2-metadata-token-ttl-seconds": "21600"})
    | .request.method = "PUT" | as_text | accept([403, 404, 405])
    | keeping("imds")
  elif .state == "imds" then
    (if status == 200 then {"X-aws-ec2-metadata-token": body} else {} end) as $h
    | link_local("\(imds)/meta-data/iam/security-credentials/"; $h)
    | as_text | accept([401, 404]) | keeping({headers: $h})
  elif .state == "keys" or .state.role then
    if status == 200 then body | keys
    else fail_whole("Unable to locate credentials\n\(instructions)") end
  elif status == 200 then
    .state.headers as $h | (body | split("\n")[0]) as $role
    | link_local("\(imds)/meta-data/iam/security-credentials/\($role)"; $h)
    | keeping({role: true})
  else fail_whole("Unable to locate credentials\n\(instructions)") end
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
elif .op == "error" and (status == 401 or status == 403) then
  fail_whole("\(reason)\n\(instructions)")
else null end
