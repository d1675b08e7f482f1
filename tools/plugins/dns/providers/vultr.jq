# Vultr API v2: single records, quoted.
def records: "/domains/\(.zone.name)/records";
def listing($cursor):
  get(records; {per_page: 500} + (if $cursor then {cursor: $cursor} else {} end));

if .op == "find" then
  if begins then get("/domains/\(.guess)") | accept([404])
  elif status == 404 then next
  else found({name: body.domain.domain}) end
elif .op == "add" then
  if begins then
    post(records; {type: "TXT", name: .rel, data: (.value | quoted), ttl: .ttl, priority: 0})
  else {done: body.record.id} end
elif .op == "remove" then
  .value as $v | .rel as $rel
  | paged(listing(null);
      body.records[] | select(.type == "TXT" and .name == $rel
        and (.data | unquoted == $v)) | .id;
      (body.meta.links.next // "") as $n | if $n == "" then null else listing($n) end;
      delete_found(delete("\(records)/\(.id)")))
else null end
