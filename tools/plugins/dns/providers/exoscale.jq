# Exoscale v2 (EXO2): writes are operations that are waited for.
def records: "/dns-domain/\(.zone.id)/record";
def settle:
  if body.state == "pending" then
    if .state == "slept" then get("/operation/\(body.id)") | keeping("sent")
    else {sleep: 1, state: "slept"} end
  elif body.state == "success" or body.state == null then {done: body.reference.id?}
  else fail("Exoscale: \(body.message // body.reason // "the operation failed")") end;

if .op == "find" then
  find_in_list(get("/dns-domain"); body["dns-domains"][] | {id, name: .["unicode-name"]}; null)
elif .op == "add" then
  if begins then
    post(records; {name: .rel, type: "TXT", content: .value, ttl: .ttl}) | keeping("sent")
  else settle end
elif .op == "remove" then
  if begins then get(records) | keeping("listed")
  elif .state == "listed" then
    .value as $v | .rel as $rel
    | [body["dns-domain-records"][]? | select(.type == "TXT" and .name == $rel
        and (.content | unquoted == $v)) | .id][0] as $id
    | if $id then delete("\(records)/\($id)") | accept([404]) | keeping("sent") else done end
  else settle end
else null end
