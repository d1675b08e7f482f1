# bunny.net: single records inside the zone's object; PUT adds.
def zones($page): get("/dnszone"; {page: $page, perPage: 1000});

if .op == "find" then
  find_in_list(zones(1); body.Items[] | {id: .Id, name: .Domain};
    if body.HasMoreItems then zones(body.CurrentPage + 1) else null end)
elif .op == "add" then
  if begins then
    put("/dnszone/\(.zone.id)/records"; {Type: 3, Name: .rel, Value: .value, Ttl: .ttl})
  else {done: body.Id} end
elif .op == "remove" then
  .value as $v | .rel as $rel
  | paged(get("/dnszone/\(.zone.id)");
      body.Records[]? | select(.Type == 3 and .Name == $rel and (.Value | unquoted == $v)) | .Id;
      null;
      delete_found(delete("/dnszone/\(.zone.id)/records/\(.id)")))
else null end
