# Tencent Cloud DNSPod (TC3): errors come with status 200.
def call($action; $json):
  post("/"; $json)
  | .request.headers = {"X-TC-Action": $action, "X-TC-Version": "2021-03-23",
      "Content-Type": "application/json"};
def failure: body.Response.Error;
def reason: "Tencent Cloud: \(failure.Message // "no reason") (\(failure.Code // "?"))";
def empty_list: failure.Code == "ResourceNotFound.NoDataOfRecord";
def domains($offset): call("DescribeDomainList"; {Offset: $offset, Limit: 3000});

if failure? and (empty_list | not) and .op != "error" then
  if failure.Code | test("LimitExceeded|RequestLimit") then
    {error: {retry: 1, detail: reason}} else fail(reason) end
elif .op == "find" then
  find_in_list(domains(0); body.Response.DomainList[]? | {name: .Name};
    ((.state.items | length) + (body.Response.DomainList | length)) as $n
    | if $n < body.Response.DomainCountInfo.AllTotal then domains($n) else null end)
elif .op == "add" then
  if begins then
    call("CreateRecord"; {Domain: .zone.name, SubDomain: rel, RecordType: "TXT",
      RecordLine: "默认", Value: .value, TTL: .ttl})
  else {done: body.Response.RecordId} end
elif .op == "remove" then
  .value as $v | rel as $rel
  | paged(call("DescribeRecordList"; {Domain: .zone.name, Subdomain: rel, RecordType: "TXT"});
      body.Response.RecordList[]? | select(.Type == "TXT" and .Name == $rel
        and (.Value | unquoted == $v)) | .RecordId;
      null;
      delete_found(call("DeleteRecord"; {Domain: .zone.name, RecordId: .id})))
else null end
