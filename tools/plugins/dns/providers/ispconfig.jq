# ISPConfig's remote API: a session id in each body.
def call($function; $more):
  .session.id as $id
  | post("?\($function)"; (if $id then {session_id: $id} else {} end) + $more);
def reason: "ISPConfig: \(body.message // "no reason")";
def good: body.code == "ok";

def over:
  (.op | IN("login", "logout") | not) and body.code? == "remote_fault"
    and (body.message // "" | tostring | test("session"; "i"));

if over then fail_session(reason)
elif .op == "login" then
  if begins then
    call("login"; {username: .cred.username, password: secret("password"), client_login: false})
  elif good then {done: {id: body.response}}
  else fail(reason) end
elif .op == "logout" then
  if begins then call("logout"; {}) else done end
elif .op == "find" then
  if begins then call("dns_zone_get"; {primary_id: {origin: (.guess + ".")}})
  elif .state then
    if good then found(.state + {client: body.response}) else fail(reason) end
  elif good and (body.response | type) == "array" and (body.response | length) > 0 then
    .guess as $g | body.response[0] as $z
    | call("client_get_id"; {sys_userid: $z.sys_userid})
    | keeping({id: $z.id, server: $z.server_id, name: $g})
  elif good then next
  else fail(reason) end
elif .op == "add" then
  if begins then
    .now as $now
    | call("dns_txt_add"; {client_id: .zone.client, update_serial: true,
        params: {server_id: .zone.server, zone: .zone.id, name: (.fqdn + "."), type: "txt",
          data: .value, aux: "0", ttl: "3600", active: "y",
          stamp: ($now | strftime("%Y-%m-%d %H:%M:%S")), serial: "\($now)"}})
  elif good then {done: body.response}
  else fail(reason) end
elif .op == "remove" then
  .value as $v
  | paged(call("dns_txt_get"; {primary_id: {name: (.fqdn + "."), type: "TXT"}});
      body.response | if type == "array" then .[] else empty end
        | select(.data | unquoted == $v) | .id;
      null;
      delete_found(call("dns_txt_delete"; {primary_id: .id, update_serial: true})))
else null end
