/*
 * An export is a folder that a verifier needs nothing else for but the public key:
 *
 *   entries.jsonl    each entry's bytes as they were hashed, one a line (JCS has no line feed)
 *   hashes.txt       the stored hashes in the order of their index, base64, one a line: they name the entry that was changed
 *   checkpoints.txt  the signed notes, a line "=====" before each
 *   vkey.txt         the key that the database says it is: to be compared, not to be believed
 *   phi.jsonl        only with personal data: {"phi":...,"salt":base64,"seq":n} in canonical form, one a line
 *   tile/            on request: the same tree and entries as tiles (c2sp.org/tlog-tiles), for other programs
 *
 * It ends with the newest checkpoint: what nobody has signed yet is left out.
 */
export const exportFiles = {
  entries: "entries.jsonl",
  hashes: "hashes.txt",
  checkpoints: "checkpoints.txt",
  vkey: "vkey.txt",
  phi: "phi.jsonl",
} as const;

/** No origin is this, and no line of a note begins so. */
export const checkpointSeparator = "=====";
