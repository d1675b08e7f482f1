# A webhook of the user's own: POST ENDPOINT/present and ENDPOINT/cleanup.
def call($path): post($path; {fqdn: (.fqdn + "."), value: .value}) | as_text;

if .op == "find" then found({name: .domain})
elif .op == "add" then if begins then call("/present") else done end
elif .op == "remove" then if begins then call("/cleanup") else done end
else null end
