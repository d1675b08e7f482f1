# Google Cloud DNS: record sets, changed atomically against the old set.
def project: .session.project;
def zones: "/projects/\(project)/managedZones";
def metadata($path):
  {request: {method: "GET", auth: false, plain: true, timeout: 3, maybe: true,
    url: ("http://" + (.cred.env.GCE_METADATA_HOST
        // .cred.env.GCE_METADATA_ROOT // "metadata.google.internal")
      + "/computeMetadata/v1/" + $path),
    headers: {"Metadata-Flavor": "Google"}}};
def wanted_project:
  .config.project // .cred.project_id // .cred.env.GOOGLE_CLOUD_PROJECT
    // .cred.env.GCLOUD_PROJECT;
def token($form):
  {request: {method: "POST", auth: false, form: $form,
    url: (.cred.token_uri // "https://oauth2.googleapis.com/token")}};
def no_credentials:
  fail("Unable to get Google Cloud Metadata and no credentials specified. Automatic credential lookup is only available on Google Cloud Platform. Please configure credentials using --dns-google-credentials <file>");
# Another provider's token for one of Google's (RFC 8693).
def scope:
  "https://www.googleapis.com/auth/"
    + (if .cred.service_account_impersonation_url then "cloud-platform"
       else "ndev.clouddns.readwrite" end);
def exchange($token):
  .cred as $c | scope as $scope
  | {request: {method: "POST", auth: false, url: ($c.token_url // "https://sts.googleapis.com/v1/token"),
      form: {grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        audience: $c.audience, scope: $scope, subject_token: $token,
        subject_token_type: $c.subject_token_type,
        requested_token_type: "urn:ietf:params:oauth:token-type:access_token"}}}
  | keeping({});
def begin_login:
  if .cred.type == "service_account" then
    .cred as $c
    | token({grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        assertion: {"$jwt": {key: "private_key",
          header: {alg: "RS256", typ: "JWT", kid: $c.private_key_id},
          claims: {iss: $c.client_email,
            scope: "https://www.googleapis.com/auth/ndev.clouddns.readwrite",
            aud: ($c.token_uri // "https://oauth2.googleapis.com/token"),
            iat: .now, exp: (.now + 3600)}}}})
  elif .cred.type == "authorized_user" then
    token({grant_type: "refresh_token", refresh_token: secret("refresh_token"),
      client_id: .cred.client_id, client_secret: secret("client_secret")})
  elif .cred.type == "external_account" then
    if .has | index("subject_token") then exchange(secret("subject_token"))
    else
      .cred.credential_source as $s
      | {request: {method: "GET", auth: false, plain: true, timeout: 10, url: $s.url,
          headers: ($s.headers // {}), as: "text"}}
      | keeping({subject: true})
    end
  elif .cred.type then
    fail("Credentials of the type \(.cred.type) are not supported; a service account's, a user's or an external account's file is needed.")
  else
    metadata("instance/service-accounts/default/token")
  end
  | if .request and .state == null then keeping({}) else . end;
# The token that the URL of an external account gave.
def subject:
  .cred.credential_source.format as $f
  | if $f.type? == "json" then body | fromjson[$f.subject_token_field_name]
    else body end;
def impersonate($token):
  .cred.service_account_impersonation_url as $url
  | {request: {method: "POST", auth: false, url: $url,
      headers: {Authorization: "Bearer \($token)"},
      json: {scope: ["https://www.googleapis.com/auth/ndev.clouddns.readwrite"],
        lifetime: "3600s"}}}
  | keeping({impersonated: true});
def finish_login($project):
  {done: {access_token: .state.token, project: $project,
    expires: (.now + (.state.seconds // 3600))}};

def rrset: "\(zones)/\(.zone.id)/rrsets";
def old: [body.rrsets[]? | select(.type == "TXT")][0];
def change($old; $values):
  .fqdn as $name
  | (if $old then {deletions: [$old | {name, type, ttl, rrdatas}]} else {} end)
    + (if $values == [] then {} else
        {additions: [{name: ($name + "."), type: "TXT",
          ttl: ($old.ttl // .ttl), rrdatas: ($values | map(quoted))}]} end);
def read_first:
  if begins then
    get(rrset; {name: (.fqdn + "."), type: "TXT"}) | accept([403])
    | keeping("read")
  else null end;
def send($old; $values):
  post("\(zones)/\(.zone.id)/changes"; change($old; $values))
  | accept([409, 412]) | keeping("sent");
# After the change: again when somebody was faster, else wait until it is done.
def settle:
  if status == 409 or status == 412 then {again: true}
  elif body.status == "pending" then
    if .state == "slept" then
      get("\(zones)/\(.zone.id)/changes/\(body.id)") | keeping("sent")
    else {sleep: 1, state: "slept"} end
  else done end;

if .op == "login" then
  if begins then begin_login
  elif .state.token then
    (if status == 200 then .last.body else null end) as $found
    | if $found then finish_login($found)
      else fail("Unable to find the Google Cloud project. Please name it with --dns-google-project.") end
  elif status != 200 then no_credentials
  elif .state.subject then subject as $token | exchange($token)
  elif .cred.service_account_impersonation_url and (.state.impersonated | not) then
    body.access_token as $token | impersonate($token)
  else
    .state = {token: (body.accessToken // body.access_token), seconds: body.expires_in}
    | wanted_project as $project
    | if $project then finish_login($project)
      else .state as $state
        | metadata("project/project-id") | as_text | keeping($state) end
  end
elif .op == "find" then
  if begins then get(zones; {dnsName: (.guess + ".")})
  else
    .guess as $guess
    | [body.managedZones[]?
        | select((.dnsName | same_name($guess))
          and (.visibility // "public") == "public"
          and .privateVisibilityConfig == null)][0] as $zone
    | if $zone then found({id: "\($zone.id)", name: $guess}) else next end
  end
elif .op == "add" then
  if begins then read_first
  elif .state == "read" then
    old as $old
    | [$old.rrdatas[]? | unquoted] as $values
    | if (.values - $values) == [] then done
      else send($old; with_values($values)) end
  else settle end
elif .op == "remove" then
  if begins then read_first
  elif .state == "read" then
    old as $old
    | [$old.rrdatas[]? | unquoted] as $values
    | if $old == null or ($values - .values) == $values then done
      else send($old; without_values($values)) end
  else settle end
elif .op == "error" and status < 429 then
  if .failed == "login" then
    fail_whole("Unable to get a token from Google: \(body.error_description? // body.error? // status)")
  elif .failed == "find" then
    fail_whole("Encountered error finding managed zone: \(body.error.message? // status)")
  else
    fail_whole("Error communicating with the Google Cloud DNS API: \(body.error.message? // status)")
  end
else null end
