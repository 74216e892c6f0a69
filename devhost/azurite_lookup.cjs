// Azurite looks a blob up by account, container, name and snapshot in a Loki collection. Loki uses the index of the
// first of these alone, and so walks through all blobs of the account at each request. Here a directory by all four
// finds a blob in one step, whatever the container holds.
"use strict";

const BLOBS = "$BLOBS_COLLECTION$";
const FIELDS = ["accountName", "containerName", "name", "snapshot"];
const directories = new WeakMap(); // collection -> Map of key -> blob

const keyOf = (record) => JSON.stringify(FIELDS.map((field) => record[field]));

function directoryOf(collection) {
  let directory = directories.get(collection);
  if (!directory) {
    directory = new Map(collection.data.map((blob) => [keyOf(blob), blob]));
    collection.on(["insert", "update"], (blob) => directory.set(keyOf(blob), blob));
    directories.set(collection, directory);
  }
  return directory;
}

function isLookup(query) {
  return query && Object.keys(query).length === FIELDS.length && FIELDS.every((field) => typeof query[field] === "string");
}

exports.speedUp = ({ Collection }) => {
  const search = Collection.prototype.findOne;
  Collection.prototype.findOne = function (query) {
    if (this.name !== BLOBS || !isLookup(query)) return search.call(this, query);
    const directory = directoryOf(this);
    const blob = directory.get(keyOf(query));
    if (!blob) return null;
    if (this.get(blob.$loki) === blob) return blob;
    directory.delete(keyOf(query)); // it was removed since, or replaced in a way that told nobody
    return search.call(this, query);
  };
};
