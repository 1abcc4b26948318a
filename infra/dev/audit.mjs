// Runs the audits of GraphQL over HTTP against the URL given, one after another, and prints
// a JSON list of {id, name, status, reason}. Called with the folder that holds `graphql-http`.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { folder, url, headers } = JSON.parse(process.argv[2]);
const entry = createRequire(`${folder}/package.json`).resolve("graphql-http");
const { serverAudits } = await import(pathToFileURL(entry).href);

const fetchFn = (target, options = {}) =>
  fetch(target, { ...options, headers: { ...headers, ...options.headers } });

const results = [];
for (const audit of serverAudits({ url, fetchFn })) {
  const { status, reason } = await audit.fn();
  results.push({ id: audit.id, name: audit.name, status, reason: reason ?? null });
}
console.log(JSON.stringify(results));
