# Hetzner Cloud: values of a record set are added and removed one by one.
def set($action):
  {ttl: .ttl, records: [.values[] | {value: quoted}]} as $body
  | (if $action == "add_records" then $body else $body | del(.ttl) end) as $body
  | post("/zones/\(.zone.name)/rrsets/\(rel)/TXT/actions/\($action)"; $body)
  | accept([404, 422]) | keeping("sent");
def settle:
  if status == 404 then done
  elif status == 422 then
    if body.error.message // "" | test("already exist|not found|duplicate") then done
    else fail("Hetzner: \(body.error.message // "no reason")") end
  elif body.action.status == "running" then
    if .state == "slept" then
      get("/actions/\(body.action.id)") | keeping("sent")
    else {sleep: 1, state: "slept"} end
  elif body.action.status == "error" then
    fail("Hetzner: \(body.action.error.message // "no reason")")
  else done end;

if .op == "find" then
  if begins then get("/zones/\(.guess)") | accept([404])
  elif status == 404 then next
  else found({name: body.zone.name}) end
elif .op == "add" then
  if begins then set("add_records") else settle end
elif .op == "remove" then
  if begins then set("remove_records") else settle end
else null end
