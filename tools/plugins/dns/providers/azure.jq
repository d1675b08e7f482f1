# Azure DNS: record sets guarded by their ETag.
def cloud:
  {AzurePublicCloud: ["management.azure.com", "login.microsoftonline.com"],
   AzureUSGovernmentCloud: ["management.usgovcloudapi.net", "login.microsoftonline.us"],
   AzureChinaCloud: ["management.chinacloudapi.cn", "login.chinacloudapi.cn"],
   AzureGermanCloud: ["management.microsoftazure.de", "login.microsoftonline.de"]
  }[.cred.environment // "AzurePublicCloud"];
def version: {"api-version": "2018-05-01"};
def at($method; $path):
  cloud[0] as $host
  | {request: {method: $method, url: "https://\($host)\($path)", query: version}};
# dns_azure_zone1 = example.com:/subscriptions/S/resourceGroups/G[/providers/...]
def zones:
  [.cred.zones[] | capture("^(?<name>[^:]+):(?<id>/.*)$")
   | if .id | test("/dns[zZ]ones/") then .
     else .id = .id + "/providers/Microsoft.Network/dnsZones/" + .name end];
def set: "\(.zone.id)/TXT/\(rel)";
def values: [body.properties.TXTRecords[]?.value | join("")];
def write($values):
  (body.properties.TTL? // .ttl) as $ttl
  | (body.etag? // null) as $etag
  | at("PUT"; set)
  | .request.json = {properties: {TTL: $ttl, TXTRecords: [$values[] | {value: [.]}]}}
  | (if $etag then header("If-Match"; $etag) else header("If-None-Match"; "*") end)
  | accept([409, 412]) | keeping("written");
def settle: if status == 412 or status == 409 then {again: true} else done end;
def metadata($url; $version; $headers):
  cloud[0] as $host
  | (.cred.msi_client_id // null) as $id
  | {request: {method: "GET", url: $url, auth: false, plain: true, timeout: 5,
      maybe: true, headers: $headers,
      query: ({"api-version": $version, resource: "https://\($host)/"}
        + (if $id then {client_id: $id} else {} end))}};
def yes($text): ($text // "" | ascii_downcase) | IN("true", "yes", "on", "1");
def token_url($tenant): cloud as $c | "https://\($c[1])/\($tenant)/oauth2/v2.0/token";
def token($tenant; $client; $proof):
  token_url($tenant) as $url | cloud as $c
  | {request: {method: "POST", auth: false, url: $url,
      form: ({grant_type: "client_credentials", client_id: $client,
        scope: "https://\($c[0])/.default"} + $proof)}};
def assertion($token):
  {client_assertion: $token,
   client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"};

if .op == "check" then
  if cloud == null then fail("The Azure cloud \(.cred.environment) is unknown")
  elif (.cred.zones | length) == 0 then
    fail("\(.config.credentials): at least one zone must be given, as dns_azure_zone1 = ZONE:/subscriptions/ID/resourceGroups/NAME")
  elif zones | length == 0 then
    fail("\(.config.credentials): dns_azure_zone1 has not the form ZONE:/subscriptions/ID/resourceGroups/NAME")
  elif (.has | index("sp_client_id")) and ((.has | (index("sp_client_secret") or index("sp_certificate_path")) and index("tenant_id")) | not) then
    fail("\(.config.credentials): with dns_azure_sp_client_id, dns_azure_tenant_id and one of dns_azure_sp_client_secret and dns_azure_sp_certificate_path are required")
  else done end
elif .op == "login" then
  if begins then
    if .has | index("sp_client_id") then
      if .has | index("sp_client_secret") then
        token(.cred.tenant_id; .cred.sp_client_id; {client_secret: secret("sp_client_secret")})
      else
        token_url(.cred.tenant_id) as $aud
        | token(.cred.tenant_id; .cred.sp_client_id; assertion({"$jwt": {
            key: "sp_certificate_path", certificate: true,
            header: {alg: "RS256", typ: "JWT"},
            claims: {aud: $aud, iss: .cred.sp_client_id, sub: .cred.sp_client_id,
              nbf: .now, exp: (.now + 600)}}}))
      end
    elif yes(.cred.use_workload_identity_credentials) then
      if .has | index("federated_token") | not then
        fail("\(.config.credentials): dns_azure_use_workload_identity_credentials is set, but AZURE_FEDERATED_TOKEN_FILE names no token")
      else
        token(.cred.env.AZURE_TENANT_ID // .cred.tenant_id; .cred.env.AZURE_CLIENT_ID;
          assertion(secret("federated_token")))
      end
    elif yes(.cred.use_cli_credentials) then
      cloud[0] as $host
      | {run: ["az", "account", "get-access-token", "--output", "json", "--resource", "https://\($host)/"],
         state: "cli"}
    elif .cred.env.IDENTITY_ENDPOINT then
      metadata(.cred.env.IDENTITY_ENDPOINT; "2019-08-01";
        {"X-IDENTITY-HEADER": (.cred.env.IDENTITY_HEADER // "")})
    else
      metadata("http://169.254.169.254/metadata/identity/oauth2/token"; "2018-02-01";
        {Metadata: "true"})
    end
  elif .state == "cli" then
    (.last.text | fromjson? // {}) as $t
    | if $t.accessToken then
        {done: {access_token: $t.accessToken,
          expires: ($t.expires_on // (.now + 600) | tonumber)}}
      else fail("az gave no token: \(.last.error | split("\n")[0]) (run \"az login\")") end
  elif body.access_token? then
    {done: {access_token: body.access_token,
      expires: (.now + (body.expires_in // 3600 | tonumber))}}
  else fail("Azure gave no token: no service principal in the credentials file, and no managed identity answers") end
elif .op == "find" then
  zones as $zones
  | pick($zones; .name) as $zone
  | if $zone then found($zone) else next end
elif .op == "add" then
  if begins then at("GET"; set) | accept([404]) | keeping("read")
  elif .state == "read" then
    (if status == 404 then .last.body = null else . end)
    | write(with_values(values))
  else settle end
elif .op == "remove" then
  if begins then at("GET"; set) | accept([404]) | keeping("read")
  elif .state == "read" then
    values as $old
    | if status == 404 or ($old - .values) == $old then done
      elif without_values($old) == [] then
        body.etag as $etag
        | at("DELETE"; set) | accept([404, 412]) | header("If-Match"; $etag)
        | keeping("written")
      else write(without_values($old)) end
  else settle end
else null end
