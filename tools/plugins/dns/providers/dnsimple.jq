# DNSimple API v2: single records below an account.
def records: "/\(.zone.account)/zones/\(.zone.name)/records";
def listing($page):
  get(records; {type: "TXT", name: .rel, per_page: 100, page: $page});

if .op == "login" then
  if begins then get("/accounts")
  else
    [body.data[] | select(.plan_identifier != null)][0] as $account
    | ($account // body.data[0]) as $account
    | if $account then {done: {account: "\($account.id)"}}
      else fail("the token belongs to no DNSimple account") end
  end
elif .op == "find" then
  if begins then get("/\(.session.account)/zones/\(.guess)") | accept([404])
  elif status == 404 then next
  else found({name: body.data.name, account: .session.account}) end
elif .op == "add" then
  if begins then
    post(records; {type: "TXT", name: .rel, content: .value, ttl: .ttl})
  else {done: body.data.id} end
elif .op == "remove" then
  .value as $v
  | paged(listing(1);
      body.data[] | select(.content | unquoted == $v) | .id;
      if body.pagination.current_page < body.pagination.total_pages then
        listing(body.pagination.current_page + 1) else null end;
      delete_found(delete("\(records)/\(.id)")))
else null end
