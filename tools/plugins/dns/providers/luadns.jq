# LuaDNS API v1: single records, absolute names.
def records: "/zones/\(.zone.id)/records";

if .op == "find" then
  find_in_list(get("/zones"); body[] | {id, name}; null)
elif .op == "add" then
  if begins then
    post(records; {type: "TXT", name: (.fqdn + "."), content: .value, ttl: .ttl})
  else {done: body.id} end
elif .op == "remove" then
  .value as $v | .fqdn as $fqdn
  | paged(get(records);
      body[] | select(.type == "TXT" and (.name | same_name($fqdn))
        and (.content | unquoted == $v)) | .id;
      null;
      delete_found(delete("\(records)/\(.id)")))
else null end
