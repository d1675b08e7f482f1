# INWX DomRobot, JSON-RPC with a session cookie and perhaps one-time passwords.
def call($method; $params):
  {method: $method, params: $params} as $body
  | .session.cookie as $cookie
  | post("/jsonrpc/"; $body)
  | if $cookie then header("Cookie"; $cookie) else . end;
def good: body.code == 1000 or body.code == 1001;
def fresh: .op == "login" or .op == "logout" or body.code? != 2200;
def reason: "INWX: \(body.msg // "no reason") (\(body.code))";
def cookies:
  [.last.headers["set-cookie"] | if type == "array" then .[] elif . == null then empty else . end
   | split(";")[0]] | join("; ");
def unlock($c; $again):
  .session = {cookie: $c}
  | call("account.unlock"; {tan: {"$totp": "shared_secret"}})
  | keeping({cookie: $c, again: $again});

if fresh | not then fail_session(reason)
elif .op == "login" then
  if begins then
    call("account.login"; {user: .cred.username, pass: secret("password")})
  elif .state.slept then .state.cookie as $c | unlock($c; true)
  elif .state.cookie and good then {done: {cookie: .state.cookie}}
  elif .state.cookie and body.code == 2200 and (.state.again | not) then
    # A one-time password serves once: wait for the next.
    {sleep: (31 - (.now % 30)), state: {cookie: .state.cookie, slept: true}}
  elif good | not then fail(reason)
  elif body.resData.tfa == "GOOGLE-AUTH" then
    cookies as $c
    | if .has | index("shared_secret") then
        unlock($c; false)
      else fail("INWX asks for a one-time password: dns_inwx_shared_secret is missing") end
  else {done: {cookie: cookies}} end
elif .op == "logout" then
  if begins then call("account.logout"; {}) else done end
elif .op == "find" then
  if .kept.zones then
    pick(.kept.zones; .name) as $z | if $z then found($z) else next end
  else
    paged(call("nameserver.list"; {page: 1, pagelimit: 100});
      body.resData.domains[]? | {name: .domain};
      null;
      .kept.zones = .state.found | .kept.zones as $all
      | pick($all; .name) as $z
      | (if $z then found($z) else next end) + {keep: {zones: $all}})
  end
elif .op == "add" then
  if begins then
    call("nameserver.createRecord"; {domain: .zone.name, name: .fqdn, type: "TXT",
      content: .value, ttl: .ttl})
  elif good then {done: body.resData.id}
  elif body.code == 2302 then done
  else fail(reason) end
elif .op == "remove" then
  .value as $v
  | paged(call("nameserver.info"; {domain: .zone.name, name: .fqdn, type: "TXT", content: .value});
      body.resData.record[]? | select(.content | unquoted == $v) | .id;
      null;
      delete_found(call("nameserver.deleteRecord"; {id: .id})))
else null end
