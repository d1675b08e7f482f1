# netcup CCP: actions with a session id; records that are not named stay.
def call($action; $param):
  .session.id as $id
  | {customernumber: .cred.customer_id, apikey: secret("api_key")} as $who
  | (if $id then {apisessionid: $id} else {} end) as $session
  | post("?JSON"; {action: $action, param: ($who + $session + $param)});
def good: body.status == "success";
def reason: "netcup: \(body.longmessage // body.shortmessage // "no reason")";
def update($record):
  call("updateDnsRecords"; {domainname: .zone.name, dnsrecordset: {dnsrecords: [$record]}})
  | keeping("sent");

def over:
  (.op | IN("login", "logout") | not) and body.statuscode? == 4001;

if over then fail_session(reason)
elif .op == "login" then
  if begins then call("login"; {apipassword: secret("api_password")})
  elif good then {done: {id: body.responsedata.apisessionid}}
  else fail(reason) end
elif .op == "logout" then
  if begins then call("logout"; {}) else done end
elif .op == "find" then
  if begins then call("infoDnsZone"; {domainname: .guess})
  elif good then found({name: .guess})
  elif body.statuscode == 5028 or body.statuscode == 5029 or body.statuscode == 4013 then next
  else fail(reason) end
elif .op == "add" then
  if begins then
    update({id: "", hostname: rel, type: "TXT", priority: "", destination: .value,
      deleterecord: false})
  elif good then done
  else fail(reason) end
elif .op == "remove" then
  if begins then call("infoDnsRecords"; {domainname: .zone.name})
  elif .state == null then
    .value as $v | rel as $rel
    | [body.responsedata | if type == "object" then .dnsrecords[]? else empty end
       | select(.type == "TXT" and .hostname == $rel and (.destination | unquoted == $v))][0] as $r
    | if $r then update($r + {deleterecord: true}) else done end
  elif good then done
  else fail(reason) end
else null end
