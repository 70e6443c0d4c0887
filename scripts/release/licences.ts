/*
 * Licences that a release may be made of, and why each is no burden for a hospital that runs it. What is not here fails a test.
 */
export const acceptedLicences: Readonly<Record<string, string>> = {
  MIT: "use and pass on freely, with its notice",
  ISC: "as MIT",
  "BSD-2-Clause": "as MIT",
  "BSD-3-Clause": "as MIT, without their name in advertising",
  "0BSD": "as MIT, without the notice",
  "BlueOak-1.0.0": "as MIT",
  "Apache-2.0": "as MIT, with a grant of patents",
  "CC0-1.0": "given up by its authors",
  "OFL-1.1": "letters: free to ship with a program, not to be sold alone",
  "MPL-2.0": "changes to its own files are published; nothing is changed, and it is no part of what runs at a bed",
  "LGPL-3.0-or-later": "libvips, a library of its own beside sharp: anybody may replace it",
};

/** Whether all (AND) or one (OR) of an SPDX expression are accepted. */
export function isAccepted(expression: string): boolean {
  const bare = expression.replaceAll(/[()]/g, "");
  if (bare.includes(" OR ")) return bare.split(" OR ").some(isAccepted);
  return bare.split(" AND ").every((one) => acceptedLicences[one.trim()] !== undefined);
}
