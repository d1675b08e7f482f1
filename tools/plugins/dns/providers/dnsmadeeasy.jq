# DNS Made Easy API 2.0: single records.
def records: "/dns/managed/\(.zone.id)/records";

if .op == "find" then
  if begins then
    get("/dns/managed/name"; {domainname: .guess}) | accept([404])
  elif status == 404 then next
  else found({id: body.id, name: .guess}) end
elif .op == "add" then
  if begins then
    post("\(records)/"; {type: "TXT", name: .rel, value: .value, ttl: .ttl,
      gtdLocation: "DEFAULT"})
  else {done: body.id} end
elif .op == "remove" then
  .value as $v
  | .rel as $rel
  | def listing($page):
      get(records; {type: "TXT", recordName: .rel, rows: 100, page: $page});
    paged(listing(0);
      body.data[]
        | select(.name == $rel and (.value | unquoted == $v)) | .id;
      if (body.page // 0) + 1 < (body.totalPages // 1) then
        listing((body.page // 0) + 1) else null end;
      delete_found(delete("\(records)/\(.id)") | as_text))
elif .op == "error" and status == 400
    and (body | tostring | test("Rate limit exceeded")) then
  {error: {retry: 0, detail: "DNS Made Easy: rate limit exceeded"}}
elif .op == "error" and .failed == "add" and status == 400
    and (body | tostring | test("already exists")) then done
else null end
