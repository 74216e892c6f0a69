// Runs Azurite, named by the first argument, as the child of another process: when the pipe on its standard input
// closes, however the parent ended and on every operating system, it saves what it holds in memory and ends.
"use strict";

const LONGEST_CLOSE_MS = 4000;

process.stdin.on("end", () => {
  process.emit("SIGINT"); // what Azurite closes on
  setTimeout(() => process.exit(1), LONGEST_CLOSE_MS).unref();
});
process.stdin.resume();
process.stdout.on("error", () => {}); // the reader is gone: closing goes on
process.stderr.on("error", () => {});

const entry = process.argv[2];
process.argv.splice(1, 2, entry);
require(entry);
