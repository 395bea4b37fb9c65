"use strict";
// Installs the npm packages when they are missing or not those of the lock file, so that `npm start` and
// `npm test` work on a fresh clone. Plain JavaScript with Node's own modules: nothing else is there yet.
const { spawnSync } = require("node:child_process");
const { lstatSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");

/** What a lock file says is installed where; platform-dependent packages may be absent. */
function packages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  } catch {
    return undefined;
  }
}

function isCurrent() {
  const wanted = packages("package-lock.json");
  const installed = packages("node_modules/.package-lock.json");
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === "" || (installed[path]?.version ?? (optional && version)) === version,
  );
}

/** Through a link, npm would empty the packages of another checkout. */
function isLinked() {
  return lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

if (!isCurrent()) {
  if (isLinked()) {
    console.error(
      "node_modules is a link, and what it leads to is not what package-lock.json says. Run `npm ci` there.",
    );
    process.exit(2);
  }
  console.error("installing npm packages (once, about half a minute)");
  const { status } = spawnSync("npm", ["ci", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) {
    console.error("npm could not install the packages; nothing was started. Check the network, then try again.");
    process.exit(2);
  }
}
