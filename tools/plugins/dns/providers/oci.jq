# Oracle Cloud DNS: values of a record set are added and removed one by one.
def change($operation):
  patch("/zones/\(.zone.name)/records/\(.fqdn)";
    {items: [{operation: $operation, domain: .fqdn, rtype: "TXT", rdata: .value}
      + (if $operation == "ADD" then {ttl: .ttl} else {} end)]});

if .op == "find" then
  if begins then get("/zones/\(.guess)") | accept([404])
  elif status == 404 then next
  else found({name: body.name}) end
elif .op == "add" then
  if begins then change("ADD") else done end
elif .op == "remove" then
  if begins then change("REMOVE") | accept([404]) else done end
else null end
