# A program of the user's own: PROGRAM present|cleanup NAME. VALUE.
def call($verb): {run: [.cred.program, $verb, .fqdn + ".", .value]};
def settle:
  if status == 0 then done
  else fail("\(.cred.program) ended with status \(status): \(.last.error | rtrimstr("\n"))") end;

if .op == "find" then found({name: .domain})
elif .op == "add" then if .last == null then call("present") else settle end
elif .op == "remove" then if .last == null then call("cleanup") else settle end
else null end
