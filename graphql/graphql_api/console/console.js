"use strict";
// Nothing outlives the page: what GraphiQL would keep in the browser, the token with it, is held here.
const held = new Map();
const storage = {
  getItem: (name) => held.get(name) ?? null,
  setItem: (name, value) => void held.set(name, value),
  removeItem: (name) => void held.delete(name),
  clear: () => held.clear(),
  get length() {
    return held.size;
  },
};

// It is how the page is kept to sandboxes, and no secret.
const ask = GraphiQL.createFetcher({ url: location.pathname, headers: { "Safeguard-Console": "GraphiQL" } });
const HEADERS = JSON.stringify({ Authorization: "Bearer ", "Safeguard-Partnership": "" }, null, 2);
const QUERY = `# Put an access token under Headers, below,
# after "Bearer ". Who may enter several
# partnerships names one there, too.
# Nothing that you write here is kept
# once the page is closed.
{
  partnership {
    name
  }
}
`;
const WITHOUT_TOKEN = "Put an access token under Headers, below the query. The schema is fetched as soon as there is one.";

function tokenOf(headers) {
  try {
    const given = Object.entries(JSON.parse(headers)).find(([name]) => name.toLowerCase() === "authorization");
    return String(given?.[1] ?? "").replace(/^Bearer\s*/i, "").trim();
  } catch {
    return ""; // half a header, while it is typed
  }
}

function Console() {
  const [headers, setHeaders] = React.useState(HEADERS);
  const token = tokenOf(headers);
  // Another function for another token: GraphiQL then fetches the schema anew.
  const fetcher = React.useMemo(
    () => (asked, options) => (token ? ask(asked, options) : { errors: [{ message: WITHOUT_TOKEN }] }),
    [token],
  );
  return React.createElement(GraphiQL, {
    fetcher,
    storage,
    headers,
    onEditHeaders: setHeaders,
    defaultQuery: QUERY,
    defaultEditorToolsVisibility: "headers",
    inputValueDeprecation: true,
    shouldPersistHeaders: false,
  });
}

// The editors have no names for a screen reader, and are made some time after the page.
const NAMES = {
  ".graphiql-query-editor": "Query",
  ".graphiql-editor-tool .graphiql-editor:nth-child(1)": "Variables",
  ".graphiql-editor-tool .graphiql-editor:nth-child(2)": "Headers",
  ".result-window": "Response",
};

function name() {
  for (const [place, text] of Object.entries(NAMES)) {
    for (const area of document.querySelectorAll(`${place} textarea:not([aria-label])`)) {
      area.setAttribute("aria-label", text);
    }
  }
}

const root = document.getElementById("graphiql");
new MutationObserver(name).observe(root, { childList: true, subtree: true });
ReactDOM.createRoot(root).render(React.createElement(Console));
