// Runs the npm emulator of Cosmos DB as the child of another process, with the faults mended that our use of it meets.
// Arguments: port, folder of Node modules. Ends when the pipe on its standard input closes.
"use strict";

const { AsyncLocalStorage } = require("node:async_hooks");
const path = require("node:path");

const [port, modules] = process.argv.slice(2);
const library = (name) => require(path.join(modules, "@vercel", "cosmosdb-server", "lib", name));
const asked = new AsyncLocalStorage(); // the request that is being answered

const Items = library("account/items").default;
const Documents = library("account/documents").default;
const readDocument = library("handler/read-document");

function partitionAsked(request) {
  const header = request && request.headers["x-ms-documentdb-partitionkey"];
  return header ? JSON.parse(header)[0] : undefined;
}

function hasExpired(documents, data) {
  const collection = documents._parent.read();
  return collection.defaultTtl !== undefined && data.ttl > 0 && data._ts + data.ttl <= Date.now() / 1000;
}

// A missing document is answered with 500 instead of 404.
readDocument.default = (account, request, response, { dbId, collId, docId }) => {
  const found = account.database(dbId).collection(collId).document(docId, partitionAsked(request)).read();
  if (found) return found;
  response.statusCode = 404;
  return { code: "NotFound", message: "Entity with the specified id does not exist in the system." };
};

// Documents never expire.
Documents.prototype._item = function (keyPath, value, partition) {
  const item = Items.prototype._item.call(this, keyPath, value, partition);
  const data = item.read();
  if (!data || !hasExpired(this, data)) return item;
  this._data.delete(data._rid);
  this._index.delete(this._getId("/id", data.id, this._getPartition(data)));
  return this._newItem();
};

// A composite index serves its own direction only; the service reads it backwards as well.
function indexesBothWays(policy) {
  const opposite = { ascending: "descending", descending: "ascending" };
  const reverse = (index) => index.map((field) => ({ ...field, order: opposite[field.order] }));
  return { ...policy, compositeIndexes: (policy.compositeIndexes || []).flatMap((index) => [index, reverse(index)]) };
}

// A query reads every partition, whichever was asked for.
Documents.prototype.query = function (query, options) {
  const partition = partitionAsked(asked.getStore());
  const isAsked = (data) => partition === undefined || this._getPartition(data) === partition;
  const collection = this._parent.read();
  const policy = indexesBothWays(collection.indexingPolicy);
  const view = Object.create(this);
  view._parent = Object.create(this._parent, { read: { value: () => ({ ...collection, indexingPolicy: policy }) } });
  view._data = new Map([...this._data].filter(([, item]) => isAsked(item.read()) && !hasExpired(this, item.read())));
  return Items.prototype.query.call(view, query, options);
};

// A query of one partition is refused unless its text names the partition key.
function allowQuery(request) {
  if (partitionAsked(request) !== undefined) request.headers["x-ms-documentdb-query-enablecrosspartition"] = "true";
}

const server = library("index").createHttpsServer({ keepAlive: true });
const [answer] = server.listeners("request");
server.removeAllListeners("request");
server.on("request", (request, response) => {
  allowQuery(request);
  asked.run(request, () => answer.call(server, request, response));
});
server.listen(Number(port), "127.0.0.1", () => console.log(`Cosmos DB emulator listening on port ${port}`));

process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
