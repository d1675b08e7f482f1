# IONOS hosting DNS API: single records, full names.
if .op == "find" then
  find_in_list(get("/dns/v1/zones"); body[] | {id, name}; null)
elif .op == "add" then
  if begins then
    post("/dns/v1/zones/\(.zone.id)/records";
      [{name: .fqdn, type: "TXT", content: .value, ttl: .ttl, prio: 0, disabled: false}])
  else done end
elif .op == "remove" then
  .value as $v | .fqdn as $fqdn
  | paged(get("/dns/v1/zones/\(.zone.id)"; {recordName: .fqdn, recordType: "TXT"});
      body.records[]? | select(.type == "TXT" and (.name | same_name($fqdn))
        and (.content | unquoted == $v)) | .id;
      null;
      delete_found(delete("/dns/v1/zones/\(.zone.id)/records/\(.id)")))
else null end
