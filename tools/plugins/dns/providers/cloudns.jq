# ClouDNS: form calls, credentials among the fields.
def who:
  (if .has | index("sub_auth_id") then {"sub-auth-id": .cred.sub_auth_id}
   elif .has | index("sub_auth_user") then {"sub-auth-user": .cred.sub_auth_user}
   else {"auth-id": .cred.auth_id} end)
  + {"auth-password": secret("auth_password")};
def call($op; $more): who as $who | request("POST"; "/dns/\($op).json") | form($who + $more);
def reason: "ClouDNS: \(body.statusDescription // "no reason")";
def bad: (body | type) == "object" and body.status == "Failed";

if .op == "check" then
  if .has | index("auth_id") or index("sub_auth_id") or index("sub_auth_user") then done
  else fail("\(.config.credentials): one of dns_cloudns_auth_id, dns_cloudns_sub_auth_id and dns_cloudns_sub_auth_user is required") end
elif .op == "find" then
  if begins then call("get-zone-info"; {"domain-name": .guess})
  elif bad then
    if body.statusDescription // "" | test("authentication|Invalid") then fail(reason) else next end
  else found({name: body.name}) end
elif .op == "add" then
  if begins then
    call("add-record"; {"domain-name": .zone.name, "record-type": "TXT", host: .rel,
      record: .value, ttl: "\(.ttl)"})
  elif bad then fail(reason)
  else {done: body.data.id?} end
elif .op == "remove" then
  .value as $v | .rel as $rel
  | paged(call("records"; {"domain-name": .zone.name, host: .rel, type: "TXT"});
      body | if type == "object" then .[] | objects else empty end
        | select(.type == "TXT" and .host == $rel and (.record | unquoted == $v)) | .id;
      null;
      delete_found(call("delete-record"; {"domain-name": .zone.name, "record-id": "\(.id)"})))
else null end
