// Runs Azurite, named by the first argument, as the child of another process: when the pipe on its standard input
// closes, however the parent ended and on every operating system, it saves what it holds in memory and ends.
"use strict";

const LONGEST_CLOSE_MS = 4000;

const ignore = () => {};

process.stdin.on("end", () => {
  const up = process.listenerCount("SIGINT") > 0 && process.listenerCount("SIGTERM") > 0; // and not closing already
  if (up) {
    process.removeAllListeners("SIGTERM").on("SIGTERM", ignore); // Azurite fails when asked to close twice
    process.emit("SIGINT");
    process.on("SIGINT", ignore);
  }
  setTimeout(() => process.exit(1), LONGEST_CLOSE_MS).unref();
});
process.stdin.resume();
process.stdout.on("error", ignore); // the reader is gone: closing goes on
process.stderr.on("error", ignore);

const entry = process.argv[2];
process.argv.splice(1, 2, entry);

require("./azurite_lookup.cjs").speedUp(require(require.resolve("lokijs", { paths: [entry] })));
require(entry);
