# What every provider file may use; certbot-dns-provider(7) describes it. The
# engine puts these definitions before the provider's own.

# Requests. The API's address is the descriptor's "base".
def request($method; $path): {request: {method: $method, path: $path}};
def get($path): request("GET"; $path);
def get($path; $query): get($path) | .request.query = $query;
def post($path; $json): request("POST"; $path) | .request.json = $json;
def put($path; $json): request("PUT"; $path) | .request.json = $json;
def patch($path; $json): request("PATCH"; $path) | .request.json = $json;
def delete($path): request("DELETE"; $path);
def delete($path; $json): delete($path) | .request.json = $json;
def query($q): .request.query = $q;
def form($f): .request.form = $f;
def header($name; $value): .request.headers[$name] = $value;
# These statuses come to the program, too.
def accept($statuses): .request.accept = $statuses;
def noauth: .request.auth = false;
def as_text: .request.as = "text";
def as_xml: .request.as = "xml";
# What the program finds in .state when the answer is there.
def keeping($state): .state = $state;
# A credential that the program never sees.
def secret($key): {"$secret": $key};

# Results.
def fail($detail): {error: {detail: $detail}};
def fail_whole($detail): {error: {detail: $detail, whole: true}};
# The session is over: another login, then the operation from its beginning.
def fail_session($detail): {error: {detail: $detail, login: true}};
def next: {next: true};
def done: {done: true};
def found($zone): {zone: $zone};

# Names and values. Names compare without case and final dot, values without a
# pair of quotes and with their strings joined.
def folded: ascii_downcase | rtrimstr(".");
def same_name($other): (folded) == ($other | folded);
def unquoted:
  tostring
  | if test("^\".*\"$") then
      gsub("\"[ \t]+\""; "") | .[1:-1] | gsub("\\\\\""; "\"")
    else . end;
def quoted: "\"" + . + "\"";
def path_segment: @uri;
# The record's name in its zone, "@" (or what is given) for the zone's own.
def rel_or($apex): if .rel == "" then $apex else .rel end;
def rel: rel_or("@");
# The zone of the list whose name is the longest suffix of a guess.
def pick($zones; name):
  . as $in
  | [.guesses[] as $g | $zones[] | select(name | same_name($g))]
  | .[0];

# The steps of an operation: .state is null at first.
def begins: .state == null and .last == null;
def body: .last.body;
def status: .last.status;

# A list that comes in pages: `first` is the first request, `items` gives the
# items of an answer, `more` the request for the next page or null. `finish` is
# the rest of the operation; it begins with all items in .state.found.
def paged(first; items; more; finish):
  if begins then first | keeping({items: []})
  elif .state.items then
    (.state.items + [items]) as $all
    | ([more] | .[0]) as $next
    | if $next then $next | keeping({items: $all})
      else .state = {found: $all} | finish end
  else finish end;

# The zone from a list of {id, name} that is fetched once: the operation "find".
def find_in_list(first; items; more):
  def choose:
    pick(.kept.zones; .name) as $zone
    | if $zone then {zone: $zone} else next end;
  if .kept.zones then choose
  else
    paged(first; items; more;
      .kept.zones = .state.found | choose + {keep: {zones: .kept.zones}})
  end;

# Delete what .state.found lists, one after the other; `request` sees the id as
# .id. What is gone already is fine.
def delete_found(request):
  (if .state.found then .state = {ids: .state.found} else . end)
  | if (.state.ids | length) == 0 then done
    else
      .state.ids[1:] as $rest
      | .id = .state.ids[0]
      | request
      | .request.accept = ((.request.accept // []) + [404])
      | keeping({ids: $rest})
    end;

# Values of a record set after adding and removing ours.
def with_values($old): $old + (.values - $old);
def without_values($old): $old - .values;
