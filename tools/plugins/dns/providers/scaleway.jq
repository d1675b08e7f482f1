# Scaleway DNS: values of a record set are added and removed one by one.
def change($c):
  patch("/dns-zones/\(.zone.name)/records";
    {return_all_records: false, disallow_new_zone_creation: true, changes: [$c]})
  | keeping("sent");

if .op == "find" then
  if begins then get("/dns-zones/\(.guess)/records"; {page_size: 1}) | accept([400, 403, 404])
  elif status == 403 and (body.message // "" | test("not found") | not) then
    fail("Scaleway: \(body.message // "permission denied")")
  elif status >= 400 then next
  else found({name: .guess}) end
elif .op == "add" then
  if begins then
    change({add: {records: [{name: .rel, type: "TXT", data: (.value | quoted), ttl: .ttl}]}})
  else done end
elif .op == "remove" then
  if begins then
    change({delete: {id_fields: {name: .rel, type: "TXT", data: (.value | quoted)}}})
    | accept([404])
  else done end
else null end
