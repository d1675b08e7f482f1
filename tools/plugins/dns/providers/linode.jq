# Linode API v4: single records; filters go in a header.
def filter($f): header("X-Filter"; $f | tojson);
def records: "/domains/\(.zone.id)/records";
def listing($page):
  .rel as $rel
  | get(records; {page: $page, page_size: 500}) | filter({type: "TXT", name: $rel});

if .op == "find" then
  if begins then .guess as $g | get("/domains") | filter({domain: $g})
  else
    .guess as $g
    | [body.data[] | select(.domain | same_name($g))][0] as $zone
    | if $zone then found({id: $zone.id, name: $zone.domain}) else next end
  end
elif .op == "add" then
  if begins then
    post(records; {type: "TXT", name: .rel, target: .value, ttl_sec: .ttl})
  else {done: body.id} end
elif .op == "remove" then
  .value as $v | .rel as $rel
  | paged(listing(1);
      body.data[] | select(.type == "TXT" and .name == $rel
        and (.target | unquoted == $v)) | .id;
      if body.page < body.pages then listing(body.page + 1) else null end;
      delete_found(delete("\(records)/\(.id)")))
else null end
