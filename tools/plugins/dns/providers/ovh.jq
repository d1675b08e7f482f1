# OVH API 1.0: single records; nothing is published without a refresh.
def record: "/domain/zone/\(.zone.name)/record";
def refresh:
  post("/domain/zone/\(.zone.name)/refresh"; null) | del(.request.json)
  | keeping("refreshed");

if .op == "login" then
  if begins then get("/auth/time") | noauth
  else {done: {offset: (body - .now)}} end
elif .op == "find" then
  if begins then get("/domain/zone/\(.guess)") | accept([404])
  elif status == 404 then next
  else found({name: .guess}) end
elif .op == "add" then
  if begins then
    post(record; {fieldType: "TXT", subDomain: .rel, target: .value, ttl: .ttl})
  elif .state == null then refresh
  else done end
elif .op == "remove" then
  if begins then
    get(record; {fieldType: "TXT", subDomain: .rel}) | keeping({left: null})
  elif .state == "refreshed" then done
  else
    .value as $v
    # .state.left: ids to look at; .state.look: the one that was asked for;
    # .state.gone: something was deleted.
    | (if .state.left == null then .state = {left: body, gone: false}
       elif .state.deleting then .state = {left: .state.left, gone: true}
       else . end)
    | if .state.look and status == 200 and (body.target | unquoted == $v) then
        .state as $s
        | delete("\(record)/\($s.look)") | accept([404])
        | keeping({left: $s.left, gone: true, deleting: true})
      elif .state.left == [] then
        if .state.gone then refresh else done end
      else
        .state as $s
        | get("\(record)/\($s.left[0])") | accept([404])
        | keeping({left: $s.left[1:], look: $s.left[0], gone: $s.gone})
      end
  end
elif .op == "check" then
  if .cred.endpoint | IN("ovh-eu", "ovh-ca", "ovh-us", "kimsufi-eu", "kimsufi-ca",
      "soyoustart-eu", "soyoustart-ca") then done
  else fail("The OVH endpoint \(.cred.endpoint) is unknown (use ovh-eu, ovh-ca or ovh-us)") end
else null end
