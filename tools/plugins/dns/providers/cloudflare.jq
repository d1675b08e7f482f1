# Cloudflare API v4: single records.
def account: "https://dash.cloudflare.com/?to=/:account/profile/api-tokens";
def code: .last.body.errors[0].code? // 0;
def message: .last.body.errors[0].message? // "no reason";
def records: "/zones/\(.zone.id)/dns_records";

if .op == "check" then
  (.config.credentials | tostring) as $file
  | (.has | index("api_token")) as $token
  | (.has | index("email")) as $email
  | (.has | index("api_key")) as $key
  | if $token and ($email or $key) then
      fail("\($file): dns_cloudflare_email and dns_cloudflare_api_key are not needed when using an API Token")
    elif $token then done
    elif $key and ($email | not) then
      fail("\($file): dns_cloudflare_email is required when using a Global API Key. (should be email address associated with Cloudflare account)")
    elif $email and ($key | not) then
      fail("\($file): dns_cloudflare_api_key is required when using a Global API Key. (see \(account))")
    elif $key then done
    else
      fail("\($file): Either dns_cloudflare_api_token (recommended), or dns_cloudflare_email and dns_cloudflare_api_key are required. (see \(account))")
    end
elif .op == "find" then
  if begins then get("/zones"; {name: .guess, per_page: 1})
  elif (body.result | length) > 0 then
    found({id: body.result[0].id, name: body.result[0].name})
  else next end
elif .op == "add" then
  if begins then
    post(records; {type: "TXT", name: .fqdn, content: .value, ttl: .ttl})
  else {done: body.result.id} end
elif .op == "remove" then
  .value as $v
  | paged(get(records; {type: "TXT", name: .fqdn, per_page: 100});
      body.result[] | select(.content | unquoted == $v) | .id;
      null;
      delete_found(delete("\(records)/\(.id)")))
elif .op == "error" then
  if .failed == "find" then
    ({"6003": "Did you copy your entire API token/key?",
      "9103": "Did you enter the correct email address and Global key?",
      "9109": "Did you enter a valid Cloudflare Token?"}["\(code)"]) as $hint
    | if $hint then
        fail_whole("Error determining zone_id: \(code) \(message). Please confirm that you have supplied valid Cloudflare API credentials. (\($hint))")
      elif code == 0 or status == 429 or status >= 500 then null
      else
        {next: true, keep: {refusal: "The error from Cloudflare was: \(code) \(message)."}}
      end
  elif .failed == "add" and (code == 81057 or code == 81058) then done
  elif .failed == "add" and status < 500 and status != 429 then
    fail_whole("Error communicating with the Cloudflare API: \(message)"
      + (if code == 1009 then " (Does your API token have \"Zone:DNS:Edit\" permissions?)" else "" end))
  else null end
else null end
