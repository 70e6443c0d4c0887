/*
 * Which columns hold what names or describes a person, and so are sealed (sealed-value.ts), and why the others need not be. A test
 * reads the real schema and finds every column of text or bytes that stands in neither list.
 */

export interface SealedTable {
  /** Column of the row's own key, which a value is tied to. */
  readonly key: string;
  /** The key is a number that is counted up. */
  readonly counted?: true;
  readonly columns: readonly string[];
  /** Sealed words that are looked up: the column with the mark they are found by. */
  readonly marks?: Readonly<Record<string, string>>;
}

export const sealedTables: Readonly<Record<string, SealedTable>> = {
  stay: { key: "id", columns: ["label"] },
  consent: { key: "transition", counted: true, columns: ["by", "record"] },
  care_order: { key: "number", counted: true, columns: ["care_order"] },
  observation_order: { key: "number", counted: true, columns: ["observation"] },
  sedation_watch: { key: "number", counted: true, columns: ["watch"] },
  needs: { key: "number", counted: true, columns: ["needs"] },
  characteristics: { key: "stay", columns: ["told"] },
  person_check: { key: "id", columns: ["by_name", "seen", "retrospective"] },
  accepted_rate: { key: "number", counted: true, columns: ["by_name"] },
  alarm: { key: "id", columns: ["acknowledged_by", "outcome_by"] },
  feedback: { key: "number", counted: true, columns: ["feels", "words"] },
  feedback_answer: { key: "number", counted: true, columns: ["words", "by"] },
  access: {
    key: "number",
    counted: true,
    columns: ["reason", "lawful", "untold", "asked_name", "agreed_name", "review_name", "review_words"],
  },
  hold: { key: "number", counted: true, columns: ["reason"] },
  advocate_look: { key: "number", counted: true, columns: ["name"] },
  ward_audio: { key: "number", counted: true, columns: ["held"] },
  staff: { key: "id", columns: ["name"], marks: { name: "name_mark" } },
  account: { key: "staff", columns: ["badge", "added_by"], marks: { badge: "badge_mark" } },
  oidc_account: { key: "staff", columns: ["subject"], marks: { subject: "subject_mark" } },
  training: { key: "number", counted: true, columns: ["by"] },
  floor_order: { key: "number", counted: true, columns: ["by"] },
  invite: { key: "code_sha256", columns: ["name"] },
  phi: { key: "seq", columns: ["blob"] },
};

const randomId = "a random number that stands for a stay, an entry or a member of staff, and names nobody";
const closedWord = "a word of a closed list, tied to a random number";
const placeWord = "a bed of the ward, not who lies in it";
const hashed = "a hash of a random secret, or keyed with the data key";
const ofTheLog = "of the audit log's own proof: hashes, keys and signatures";

/** By table and column: why it may lie open. */
export const openColumns: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  stay: { id: randomId, bed: placeWord },
  consent: {
    stay: randomId,
    purpose: closedWord,
    state: "a word of a closed list: the rules of the database refuse what is not allowed, and have to read it",
    held: "times and hours that were agreed, which the rules of the database read; no words, no name",
  },
  care_order: { stay: randomId },
  observation_order: { stay: randomId },
  sedation_watch: { stay: randomId },
  needs: { stay: randomId },
  characteristics: { stay: randomId },
  person_check: { id: randomId, stay: randomId, level: closedWord, by_id: randomId, supersedes: randomId },
  accepted_rate: { stay: randomId, by_id: randomId },
  alarm: {
    id: "the bed and a number",
    stay: randomId,
    condition: closedWord,
    priority: closedWord,
    presence: closedWord,
    outcome: closedWord,
    false_because: closedWord,
  },
  lease_number: { bed: placeWord, stay: randomId },
  fact: { stay: randomId, occupancy: closedWord, place: closedWord, people: closedWord, reason: closedWord },
  feedback: { stay: randomId, about: closedWord },
  access: { kind: closedWord, stay: randomId, asked_by: randomId, agreed_by: randomId, review_by: randomId },
  hold: { stay: randomId, first_by: randomId, second_by: randomId },
  purge: { class: closedWord },
  advocate_look: { stay: randomId, code_sha256: hashed, token_sha256: hashed },
  ward_audio: { kind: closedWord },
  staff: { id: randomId, name_mark: hashed },
  account: {
    staff: randomId,
    role: closedWord,
    password: "argon2id only",
    pin: "argon2id only",
    badge_mark: hashed,
  },
  oidc_account: { staff: randomId, subject_mark: hashed },
  oidc_token: { token_sha256: "a hash of a token that the identity provider signed, and of no use any more" },
  training: { staff: randomId, done_on: "a day", valid_until: "a day" },
  floor_order: { beds: "beds of the ward" },
  invite: { code_sha256: hashed, kind: closedWord, role: closedWord, stay: randomId, staff: randomId },
  session: { token_sha256: hashed, staff: randomId, role: closedWord, stay: randomId, oidc_sid_sha256: hashed },
  station_shift: { station_sha256: hashed, staff: randomId },
  wrong_try: { badge_sha256: hashed },
  log_identity: { origin: ofTheLog, vkey: ofTheLog },
  entry: {
    data: "what was done at which bed and stay, in closed words and numbers; names of who did or ordered it are cut out and sealed",
    who: "sealed: the names that were cut out (sealed-entry.ts)",
  },
  hash: { h: ofTheLog },
  checkpoint: { note: ofTheLog },
  phi: { salt: "random; without the sealed words beside it it tells nothing" },
  cosignature: { name: ofTheLog, line: ofTheLog },
  witness: { name: "of a witness of the log, a machine", state: closedWord, words: "what that machine answered" },
  verification: { words: "the place in the log and what is wrong there, by its number" },
  witnessed: { origin: ofTheLog, root: ofTheLog, note: ofTheLog },
  data_key: { id: "of the key, not the key", proof: "sealed: a word that only the right key opens", state: closedWord },
};
