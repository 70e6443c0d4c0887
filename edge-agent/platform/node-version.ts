/*
 * Imported first by every entry point, for its effect: better-sqlite3 13 needs Node-API 10 (Node 22.14); on an older Node
 * it installs, loads, and then ends the process without a word.
 */

/** Words for the person who started it, or undefined where this version will do. */
export function nodeVersionProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 14)) return undefined;
  return (
    `This is Node ${version}; Quietround needs 22.14 or newer and brings its own Node 24.\n` +
    "Start it with scripts/start or `npm start`, which use that one."
  );
}

const problem = nodeVersionProblem(process.versions.node);
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}
