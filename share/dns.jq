# What every provider file may use; certbot-dns-provider(7) describes it. The
# engine puts these definitions before the provider's own.

# Requests. The API's address is the descriptor's "base".
def request($method; $path): {request: {method: $method, path: $path}};
def get($path): request("GET"; $path);
def get($path; $query): get($path) | .request.query = $query;
def post($path; $json): request("POST"; $path) | .request.json = $json;
def put($path; $json): request("PUT"; $path) | .request.json = $json;
def patch($path; $json): request("PATCH"; $path) | .request.json = $json;
def delete($path): request("DELETE"; $path);
def delete($path; $json): delete($path) | .request.json = $json;
def query($q): .request.query = $q;
def form($f): .request.form = $f;
def header($name; $value): .request.headers[$name] = $value;
# These statuses come to the program, too.
def accept($statuses): .request.accept = $statuses;
def noauth: .request.auth = false;
def as_text: .request.as = "text";
def as_xml: .request.as = "xml";
# What the program finds in .state when the answer is there.
def keeping($state): .state = $state;
# A credential that the program never sees.
def secret($key): {"$secret": $key};

# Results.
def fail($detail): {error: {detail: $detail}};
def fail_whole($detail): {error: {detail: $detail, whole: true}};
# The session is over: another login, then the operation from its beginning.
def fail_session($detail): {error: {detail: $detail, login: true}};
def next: {next: true};
def done: {done: true};
def found($zone): {zone: $zone};

# Names and values. Names compare without case and final dot, values without a
# pair of quotes and with their strings joined.
def folded: ascii_downcase | rtrimstr(".");
def same_name($other): (folded) == ($other | folded);
def unquoted:
  tostring
  | if test("^\".*\"$") then
      gsub("\"[ \t]+\""; "") | .[1:-1] | gsub("\\\\\""; "\"")
    else . end;
def quoted: "\"" + . + "\"";
def path_segment: @uri;
# The record's name in its zone, "@" (or what is given) for the zone's own.
def rel_or($apex): if .rel == "" then $apex else .rel end;
def rel: rel_or("@");
# The zone of the list whose name is the longest suffix of a guess.
def pick($zones; name):
  . as $in
  | [.guesses[] as $g | $zones[] | select(name | same_name($g))]
  | .[0];

# The steps of an operation: .state is null at first.
def begins: .state == null and .last == null;
def body: .last.body;
def status: .last.status;

# A list that comes in pages: `first` is the first request, `items` gives the
# items of an answer, `more` the request for the next page or null. `finish` is
# the rest of the operation; it begins with all items in .state.found.
def paged(first; items; more; finish):
  if begins then first | keeping({items: []})
  elif .state.items then
    (.state.items + [items]) as $all
    | ([more] | .[0]) as $next
    | if $next then $next | keeping({items: $all})
      else .state = {found: $all} | finish end
  else finish end;

# The zone from a list of {id, name} that is fetched once: the operation "find".
def find_in_list(first; items; more):
  def choose:
    pick(.kept.zones; .name) as $zone
    | if $zone then {zone: $zone} else next end;
  if .kept.zones then choose
  else
    paged(first; items; more;
      .kept.zones = .state.found | choose + {keep: {zones: .kept.zones}})
  end;

# Delete what .state.found lists, one after the other; `request` sees the id as
# .id. What is gone already is fine.
def delete_found(request):
  (if .state.found then .state = {ids: .state.found} else . end)
  | if (.state.ids | length) == 0 then done
    else
      .state.ids[1:] as $rest
      | .id = .state.ids[0]
      | request
      | .request.accept = ((.request.accept // []) + [404])
      | keeping({ids: $rest})
    end;

# Values of a record set after adding and removing ours.
def with_values($old): $old + (.values - $old);
def without_values($old): $old - .values;

# The operation "login" of AWS, with the source "aws": a role's keys from STS, SSO
# or a metadata service. $instructions is what a user is told who has none.
def aws_env($name): .cred.env[$name];
def aws_session:
  {done: ({access_key: (.AccessKeyId // .accessKeyId),
      secret_key: (.SecretAccessKey // .secretAccessKey),
      token: (.Token // .SessionToken // .sessionToken)}
    + ((.Expiration | sub("[.][0-9]+"; "") | {expires: fromdateiso8601})?
      // (.expiration / 1000 | {expires: floor})? // {}))};
def aws_metadata($url; $headers):
  {request: {method: "GET", url: $url, auth: false, plain: true, timeout: 2,
    maybe: true, headers: $headers}};
def aws_imds: "http://169.254.169.254/latest";
def aws_sts($query):
  {request: {method: "GET", url: "https://sts.amazonaws.com/", as: "xml",
    sign: {service: "sts", key: "{access_key}", secret: "{secret_key}"},
    query: ({Version: "2011-06-15",
      RoleSessionName: (.cred.role_session_name // "acme-tools")} + $query)}}
  | keeping("sts");
def aws_assume:
  aws_sts({Action: "AssumeRole", RoleArn: .cred.role_arn}
    + (if .cred.external_id then {ExternalId: .cred.external_id} else {} end));
# These keys, or with them those of the role that the profile names.
def aws_keys($session):
  if .cred.role_arn then
    aws_assume
    | .request.sign = ({service: "sts"}
        + ($session.done | {key: .access_key, secret: .secret_key, token}
          | with_entries(select(.value != null))))
  else $session end;
def aws_sts_session:
  [body | .. | objects | .Credentials? // empty] | .[0][0]
  | map_values(.[0]) | aws_session;
def aws_sso:
  .cred as $c
  | {request: {method: "GET", auth: false,
      url: "https://portal.sso.\($c.sso_region).amazonaws.com/federation/credentials",
      headers: {"x-amz-sso_bearer_token": secret("sso_token")},
      query: {account_id: $c.sso_account_id, role_name: $c.sso_role_name}}}
  | accept([401, 403]) | keeping("sso");
# A token goes to the own machine, to the container's link-local addresses, or by
# TLS.
def aws_container_url:
  if test("^https://|^http://(127[.][0-9.]+|localhost|\\[::1\\]|169[.]254[.]170[.](2|23)|\\[fd00:ec2::23\\])([:/]|$)")
  then . else null end;
def aws_login($instructions):
  def nothing: fail_whole("Unable to locate credentials\n\($instructions)");
  (.cred.role_source != "Ec2InstanceMetadata") as $container
  | if begins and (.has | index("role_arn")) and (.has | index("access_key")) then
    aws_assume
  elif begins and (.has | index("access_key")) then {done: {}}
  elif begins and (.has | index("web_identity_token")) then
    aws_sts({Action: "AssumeRoleWithWebIdentity", RoleArn: .cred.role_arn,
      WebIdentityToken: secret("web_identity_token")}) | noauth
  elif .state == "sts" then aws_sts_session
  elif begins and (.has | index("sso_token")) then aws_sso
  elif .state == "sso" then
    if status == 200 then (body.roleCredentials | aws_session) as $s | aws_keys($s)
    else fail_whole("AWS SSO does not take the token: run \"aws sso login\"") end
  elif begins and $container and aws_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") then
    aws_metadata("http://169.254.170.2" + aws_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); {})
    | keeping("keys")
  elif begins and $container and aws_env("AWS_CONTAINER_CREDENTIALS_FULL_URI") then
    (aws_env("AWS_CONTAINER_CREDENTIALS_FULL_URI") | aws_container_url) as $url
    | if $url == null then
        fail_whole("AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address of the container's host")
      else
        aws_metadata($url;
          if aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN") then
            {Authorization: aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN")} else {} end)
        | keeping("keys")
      end
  elif begins and (aws_env("AWS_EC2_METADATA_DISABLED") // "" | ascii_downcase) == "true" then
    nothing
  elif begins then
    aws_metadata("\(aws_imds)/api/token"; {"X-aws-ec2-metadata-token-ttl-seconds": "21600"})
    | .request.method = "PUT" | as_text | accept([403, 404, 405])
    | keeping("imds")
  elif .state == "imds" then
    (if status == 200 then {"X-aws-ec2-metadata-token": body} else {} end) as $h
    | aws_metadata("\(aws_imds)/meta-data/iam/security-credentials/"; $h)
    | as_text | accept([401, 404]) | keeping({headers: $h})
  elif .state == "keys" or .state.role then
    if status == 200 then (body | aws_session) as $s | aws_keys($s) else nothing end
  elif status == 200 then
    .state.headers as $h | (body | split("\n")[0]) as $role
    | aws_metadata("\(aws_imds)/meta-data/iam/security-credentials/\($role)"; $h)
    | keeping({role: true})
  else nothing end;
