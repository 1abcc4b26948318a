// Follows something with the npm package graphql-ws: hears of it, loses the connection, and goes on from where it was.
// Given {folder, url, token, subscription, variables, first, second}: `first` and `second` are the bodies of requests
// that change what is followed. Prints a JSON list of {name, holds, reason}.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { folder, url, token, subscription, variables, first, second } = JSON.parse(process.argv[2]);
const load = (name) => import(pathToFileURL(createRequire(`${folder}/package.json`).resolve(name)).href);
const { createClient } = await load("graphql-ws");
const { default: WebSocket } = await load("ws");

const found = [];
const note = (name, holds, reason = null) => found.push({ name, holds, reason });
const within = (seconds, promise) =>
  Promise.race([promise, new Promise((_, no) => setTimeout(() => no(new Error("nothing came")), seconds * 1000))]);
const change = async (body) => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const told = await answer.json();
  if (told.errors || Object.values(told.data)[0].message) throw new Error(JSON.stringify(told));
};

let socket;
let opened = 0;
let lost = () => {};
const client = createClient({
  url: url.replace(/^http/, "ws"),
  webSocketImpl: WebSocket,
  connectionParams: { authorization: `Bearer ${token}` },
  retryAttempts: 3,
  shouldRetry: () => true,
  retryWait: async () => lost(),
  on: { connected: (it) => { socket = it; opened += 1; } },
});

const heard = [];
let hear = () => {};
const next = () => new Promise((yes) => { hear = yes; });
const take = (message) => {
  if (message.errors) throw new Error(message.errors[0].message);
  const event = Object.values(message.data)[0];
  variables.since = event.cursor; // sent when the client subscribes again
  heard.push(event);
  hear(event);
};
const end = client.subscribe({ query: subscription, variables }, { next: take, error: (why) => note("ends", false, `${why}`), complete: () => {} });

try {
  await within(20, new Promise((yes) => { const look = () => (opened ? yes() : setTimeout(look, 20)); look(); }));
  note("connects and is acknowledged", true);
  await new Promise((yes) => setTimeout(yes, 1000)); // the subscription has looked at the log once
  let coming = next();
  await change(first);
  const event = await within(20, coming);
  note("hears of what it follows", Boolean(event.cursor), event.type);
  await new Promise((yes) => setTimeout(yes, 1000));
  const before = heard.length;
  coming = next();
  lost = () => change(second); // while there is no connection
  socket.terminate();
  const missed = await within(20, coming);
  note("connects again by itself after a drop", opened === 2, `${opened} connections`);
  note("hears what happened meanwhile", heard.length > before, missed.type);
  const cursors = heard.map((one) => one.cursor);
  note("hears nothing a second time", new Set(cursors).size === cursors.length);
} catch (why) {
  note("goes through", false, why.message);
}
end();
await client.dispose();
console.log(JSON.stringify(found));
