# Netlify DNS: single records, full names.
def records: "/dns_zones/\(.zone.id)/dns_records";

if .op == "find" then
  find_in_list(get("/dns_zones"); body[] | {id, name}; null)
elif .op == "add" then
  if begins then
    post(records; {type: "TXT", hostname: .fqdn, value: .value, ttl: .ttl})
  else {done: body.id} end
elif .op == "remove" then
  .value as $v | .fqdn as $fqdn
  | paged(get(records);
      body[] | select(.type == "TXT" and (.hostname | same_name($fqdn))
        and (.value | unquoted == $v)) | .id;
      null;
      delete_found(delete("\(records)/\(.id)")))
else null end
