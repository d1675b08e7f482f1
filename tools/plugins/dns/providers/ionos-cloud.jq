# IONOS Cloud DNS: single records.
def records: "/zones/\(.zone.id)/records";

if .op == "find" then
  if begins then get("/zones"; {"filter.zoneName": .guess})
  else
    .guess as $g
    | [body.items[]? | select(.properties.zoneName | same_name($g))][0] as $z
    | if $z then found({id: $z.id, name: $g}) else next end
  end
elif .op == "add" then
  if begins then
    post(records; {properties: {name: .rel, type: "TXT", content: .value, ttl: .ttl}})
  else {done: body.id} end
elif .op == "remove" then
  .value as $v | .rel as $rel
  | paged(get(records);
      body.items[]? | select(.properties.type == "TXT" and .properties.name == $rel
        and (.properties.content | unquoted == $v)) | .id;
      null;
      delete_found(delete("\(records)/\(.id)")))
else null end
