# GoDaddy API v1: record sets.
def set: "/domains/\(.zone.name)/records/TXT/\(rel)";
def values: [body[]? | .data | select(. != "" and . != null) | unquoted];
def entries: . as $v | [$v[] | {data: ., ttl: 600}];
def settle: if status == 409 or status == 422 then {again: true} else done end;

if .op == "find" then
  if begins then get("/domains/\(.guess)") | accept([404])
  elif status == 404 then next
  else found({name: body.domain}) end
elif .op == "add" then
  if begins then get(set) | accept([404]) | keeping("read")
  elif .state == "read" then
    (if status == 404 then [] else values end) as $old
    | with_values($old) as $all
    | put(set; $all | entries) | accept([409]) | keeping("written")
  else settle end
elif .op == "remove" then
  if begins then get(set) | accept([404]) | keeping("read")
  elif .state == "read" then
    (if status == 404 then [] else values end) as $old
    | if ($old - .values) == $old then done
      elif without_values($old) == [] then
        delete(set) | accept([404, 409]) | keeping("written")
      else put(set; without_values($old) | entries) | accept([409]) | keeping("written") end
  else settle end
elif .op == "error" and status == 403 then
  fail("GoDaddy denies access: \(body.message? // "ACCESS_DENIED"). Its API is open to accounts with at least 10 domains or a Discount Domain Club only")
else null end
