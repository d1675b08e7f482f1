# Dynu API v2: the server says which zone a name is in.
if .op == "find" then
  if begins then get("/dns/getroot/\(.fqdn)") | accept([404])
  elif status == 404 or body.domainName == null then next
  else found({id: body.id, name: body.domainName}) end
elif .op == "add" then
  if begins then
    post("/dns/\(.zone.id)/record"; {nodeName: .rel, recordType: "TXT", textData: .value,
      ttl: .ttl, state: true})
  else {done: body.id} end
elif .op == "remove" then
  .value as $v
  | paged(get("/dns/record/\(.fqdn)"; {recordType: "TXT"});
      body.dnsRecords[]? | select(.recordType == "TXT" and (.textData | unquoted == $v)) | .id;
      null;
      delete_found(delete("/dns/\(.zone.id)/record/\(.id)")))
else null end
