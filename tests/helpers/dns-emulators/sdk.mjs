// sdk.mjs - providers' own client libraries against the emulators:
//
//	node sdk.mjs MODULES NAME ZONE PARAMETERS
//
// MODULES is the directory where they are installed, PARAMETERS a JSON object.
// Each adds two values at one name, finds both, and removes them one by one.
import { createRequire } from "node:module";

const [modules, name, zone, text] = process.argv.slice(2);
const require = createRequire(modules + "/");
const given = JSON.parse(text);
const label = "_acme-challenge.www";
const fqdn = `${label}.${zone}`;
const values = ["one-value", "-another_value"];

function expect(got, want, what) {
	const a = JSON.stringify([...got].sort()), b = JSON.stringify([...want].sort());
	if (a !== b)
		throw new Error(`${what}: got ${a}, want ${b}`);
}

const plain = (v) => v.replace(/^"(.*)"$/, "$1");

// Adds, lists and removes by three functions of the provider.
async function record_by_record(add, list, remove) {
	for (const v of values)
		await add(v);
	expect(await list(), values, "after adding");
	await remove(values[0]);
	expect(await list(), [values[1]], "after removing one");
	await remove(values[1]);
	expect(await list(), [], "after removing both");
}

const providers = {
	async inwx() {
		const { ApiClient, Language } = require("domrobot-client");
		const api = new ApiClient(ApiClient.API_URL_LIVE, Language.EN);
		const call = async (method, params, codes = [1000]) => {
			const answer = await api.callApi(method, params);
			if (!codes.includes(answer.code))
				throw new Error(`${method}: ${JSON.stringify(answer)}`);
			return answer.resData;
		};
		const login = await api.login(given.username, given.password, given.secret);
		if (login.code !== 1000)
			throw new Error(JSON.stringify(login));
		const found = await call("nameserver.list", { page: 1, pagelimit: 100 });
		if (!found.domains.some((d) => d.domain === zone))
			throw new Error("no zone");
		const records = async () => (await call("nameserver.info",
			{ domain: zone, name: fqdn, type: "TXT" })).record ?? [];
		await record_by_record(
			(content) => call("nameserver.createRecord",
				{ domain: zone, name: fqdn, type: "TXT", content, ttl: 300 }),
			async () => (await records()).map((r) => r.content),
			async (content) => call("nameserver.deleteRecord",
				{ id: (await records()).find((r) => r.content === content).id }));
		await api.logout();
	},

	async bunny() {
		const { createBunnyApiClient } = await import(
			modules + "/node_modules/bunny-sdk/index.js");
		const api = createBunnyApiClient({ accessKey: given.key });
		let id, page = 1, part;
		do {
			part = await api.dnszone.get({ queryParameters: { page, perPage: 1000 } });
			id ??= part.items.find((z) => z.domain === zone)?.id;
			page++;
		} while (part.hasMoreItems);
		const records = async () => (await api.dnszone.byId(id).get()).records
			.filter((r) => r.type === 3 && r.name === label);
		await record_by_record(
			(value) => api.dnszone.byId(id).records.put(
				{ type: 3, name: label, value, ttl: 60 }),
			async () => (await records()).map((r) => r.value),
			async (value) => api.dnszone.byId(id).records.byId(
				(await records()).find((r) => r.value === value).id).delete());
	},

	async scaleway() {
		const { createClient } = require("@scaleway/sdk-client");
		const { Domainv2beta1 } = require("@scaleway/sdk-domain");
		const api = new Domainv2beta1.API(createClient({
			accessKey: "SCWXXXXXXXXXXXXXXXXX", secretKey: given.key }));
		const change = (c) => api.updateDNSZoneRecords({ dnsZone: zone, changes: [c],
			returnAllRecords: false, disallowNewZoneCreation: true });
		await record_by_record(
			(v) => change({ add: { records: [
				{ name: label, type: "TXT", data: `"${v}"`, ttl: 60, priority: 0, id: "" }] } }),
			async () => (await api.listDNSZoneRecords({ dnsZone: zone, name: "", type: "TXT" }))
				.records.filter((r) => r.name === label).map((r) => plain(r.data)),
			(v) => change({ delete: { idFields: { name: label, type: "TXT", data: `"${v}"` } } }));
	},

	async tencentcloud() {
		const { dnspod } = require("tencentcloud-sdk-nodejs-dnspod");
		const api = new dnspod.v20210323.Client({
			credential: { secretId: given.id, secretKey: given.key },
			profile: { signMethod: "TC3-HMAC-SHA256" } });
		let all = [], part;
		do {
			part = await api.DescribeDomainList({ Offset: all.length, Limit: 3000 });
			all = all.concat(part.DomainList);
		} while (all.length < part.DomainCountInfo.AllTotal);
		if (!all.some((d) => d.Name === zone))
			throw new Error("no zone");
		const records = async () => {
			try {
				return (await api.DescribeRecordList({ Domain: zone, Subdomain: label,
					RecordType: "TXT" })).RecordList;
			} catch (e) {
				if (e.code === "ResourceNotFound.NoDataOfRecord")
					return [];
				throw e;
			}
		};
		await record_by_record(
			(Value) => api.CreateRecord({ Domain: zone, SubDomain: label, RecordType: "TXT",
				RecordLine: "默认", Value, TTL: 600 }),
			async () => (await records()).map((r) => r.Value),
			async (Value) => api.DeleteRecord({ Domain: zone,
				RecordId: (await records()).find((r) => r.Value === Value).RecordId }));
	},

	async azure() {
		const { ClientSecretCredential } = require("@azure/identity");
		const { DnsManagementClient } = require("@azure/arm-dns");
		const api = new DnsManagementClient(new ClientSecretCredential(given.tenant, given.id,
			given.secret, { disableInstanceDiscovery: true }), given.subscription);
		const read = async () => {
			try {
				return await api.recordSets.get(given.group, zone, label, "TXT");
			} catch (e) {
				if (e.statusCode === 404)
					return { txtRecords: [] };
				throw e;
			}
		};
		const write = async (list, old) => api.recordSets.createOrUpdate(given.group, zone, label,
			"TXT", { ttl: 60, txtRecords: list },
			old.etag ? { ifMatch: old.etag } : { ifNoneMatch: "*" });
		await api.zones.get(given.group, zone);
		await record_by_record(
			async (v) => {
				const old = await read();
				await write([...old.txtRecords, { value: [v] }], old);
			},
			async () => (await read()).txtRecords.map((r) => r.value.join("")),
			async (v) => {
				const old = await read();
				const left = old.txtRecords.filter((r) => r.value.join("") !== v);
				if (left.length > 0)
					await write(left, old);
				else
					await api.recordSets.delete(given.group, zone, label, "TXT",
						{ ifMatch: old.etag });
			});
	},

	async oci() {
		const dns = require("oci-dns");
		const common = require("oci-common");
		const api = new dns.DnsClient({ authenticationDetailsProvider:
			new common.ConfigFileAuthenticationDetailsProvider(given.file, "DEFAULT") });
		await api.getZone({ zoneNameOrId: zone });
		const change = (operation, v, more = {}) => api.patchDomainRecords({
			zoneNameOrId: zone, domain: fqdn, patchDomainRecordsDetails: { items: [
				{ operation, domain: fqdn, rtype: "TXT", rdata: `"${v}"`, ...more }] } });
		const { Operation } = dns.models.RecordOperation;
		await record_by_record(
			(v) => change(Operation.Add, v, { ttl: 60 }),
			async () => (await api.getDomainRecords({ zoneNameOrId: zone, domain: fqdn }))
				.recordCollection.items.map((r) => plain(r.rdata)),
			(v) => change(Operation.Remove, v));
	},
};

try {
	await providers[name]();
} catch (e) {
	console.error(e?.message ?? e, e?.stack ?? "", JSON.stringify(e).slice(0, 400));
	process.exit(1);
}
process.exit(0);
