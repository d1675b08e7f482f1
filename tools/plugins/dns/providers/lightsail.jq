# Amazon Lightsail: entries of a domain, in us-east-1 alone.
def call($action; $json):
  {request: {method: "POST", path: "/", json: $json,
    headers: {"Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": "Lightsail_20161128.\($action)"}}};
def entry:
  {domainName: .zone.name,
   domainEntry: {type: "TXT", name: .fqdn, target: (.value | quoted)}};
def domains($token): call("GetDomains"; if $token then {pageToken: $token} else {} end);

if .op == "login" then
  aws_login("AWS credentials are needed, as the AWS command line has them.")
elif .op == "find" then
  find_in_list(domains(null); body.domains[]? | {name};
    if body.nextPageToken then domains(body.nextPageToken) else null end)
elif .op == "add" then
  if begins then call("CreateDomainEntry"; entry) else done end
elif .op == "remove" then
  if begins then call("GetDomain"; {domainName: .zone.name})
  elif .state == null then
    .value as $v | .fqdn as $fqdn
    | [body.domain.domainEntries[]? | select(.type == "TXT"
        and (.name | same_name($fqdn)) and (.target | unquoted == $v))][0] as $e
    | if $e then
        call("DeleteDomainEntry"; {domainName: .zone.name, domainEntry: $e}) | keeping("gone")
      else done end
  else done end
elif .op == "error" and (body.__type? // "" | tostring | test("ExpiredToken")) then
  fail_session(body.message? // "the AWS credentials have expired")
else null end
