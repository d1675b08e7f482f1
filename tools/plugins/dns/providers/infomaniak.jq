# Infomaniak: single records below a product of the kind domain.
def records: "/1/domain/\(.zone.id)/dns/record";
def good: if body.result == "success" then . else error("Infomaniak: \(body.error.description? // body.error.code? // "no reason")") end;

if .op == "find" then
  if begins then get("/1/product"; {service_name: "domain", customer_name: .guess})
  else
    good | .guess as $g
    | [body.data[] | select(.customer_name | same_name($g))][0] as $zone
    | if $zone then found({id: $zone.id, name: $zone.customer_name}) else next end
  end
elif .op == "add" then
  if begins then
    post(records; {type: "TXT", source: .rel, target: .value, ttl: .ttl})
  else good | {done: body.data} end
elif .op == "remove" then
  .value as $v | .rel as $rel
  | paged(get(records);
      good | body.data[] | select(.type == "TXT" and .source == $rel
        and (.target | unquoted == $v)) | .id;
      null;
      delete_found(delete("\(records)/\(.id)")))
else null end
