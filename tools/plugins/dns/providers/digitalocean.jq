# DigitalOcean API v2: single records.
def records: "/domains/\(.zone.name)/records";
def listing($page):
  get(records; {type: "TXT", name: .fqdn, per_page: 200, page: $page});

if .op == "find" then
  if begins then get("/domains/\(.guess)") | accept([404])
  elif status == 404 then next
  else found({name: body.domain.name}) end
elif .op == "add" then
  if begins then
    post(records; {type: "TXT", name: rel, data: .value, ttl: .ttl})
  else {done: body.domain_record.id} end
elif .op == "remove" then
  .value as $v
  | paged(listing(1);
      body.domain_records[]
        | select(.type == "TXT" and (.data | unquoted == $v)) | .id;
      (body.links.pages.next? // "" | capture("[?&]page=(?<n>[0-9]+)")
        | .n | tonumber) as $n | listing($n);
      delete_found(delete("\(records)/\(.id)")))
elif .op == "error" and .failed == "find" and status == 401 then
  fail_whole("Error finding domain using the DigitalOcean API: \(body.message? // "") (Did you provide a valid API token?)")
elif .op == "error" and .failed == "add" and status < 429 then
  fail_whole("Error adding TXT record using the DigitalOcean API: \(body.message? // status)")
else null end
