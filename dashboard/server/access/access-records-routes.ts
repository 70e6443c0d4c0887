import type { FastifyInstance, FastifyReply } from "fastify";
import { writeVkey } from "../../../edge-agent/audit/note.ts";
import { manifestHash, manifestOf, manifestPath, notePath, signManifest } from "../../../edge-agent/audit/pack.ts";
import type { AccessRecords } from "../../../edge-agent/records/access-reading.ts";
import { zipPack } from "../pack/zip-pack.ts";
import { recordParts } from "../person/record-parts.ts";
import { setUpFrame } from "../staff/set-up-visit.ts";
import { type AccessDeps, type AccessPlace, lookThrough, receiveOne } from "./access-visit.ts";
import { accessView } from "./access-words.ts";

/**
 * /access/:number/records and its signed file: a person's records of one window, to the two who opened them together and while it is
 * open. While it is, the sign at the person's bed is lit, unless a law forbids that they are told.
 */
export function accessRecordsRoutes(app: FastifyInstance, deps: AccessDeps): void {
  const { pages, reports, site, utcMs, trail, openings, signer } = deps;
  const { timeZone } = site.consent;
  const bedName = (bed: string): string => site.beds.find((one) => one.bed === bed)?.name ?? bed;

  /** Undefined where the reply was given already. */
  async function readThrough(place: AccessPlace, reply: FastifyReply): Promise<AccessRecords | undefined> {
    const of = { number: place.access.number, staffId: place.who.id, nowUtcMs: utcMs() };
    const read = await reports.accessRecords(of);
    if (read !== null) return read;
    await pages.problem(reply, 409, "This is not open to you", "It is over, or it was opened by other people.");
    return undefined;
  }

  app.get("/access/:number/records", async (request, reply) => {
    const place = await receiveOne(deps, request, reply);
    if (place === undefined) return reply;
    const { who, access } = place;
    const read = await readThrough(place, reply);
    if (read === undefined) return reply;
    const look = lookThrough(access, "/access/records");
    if (!trail.opened(who, look)) return pages.closed(reply, look.purposeOfEvent);
    if (access.untold === null) openings.lit(who, access, access.agreed?.opensUntilUtcMs ?? utcMs());
    const nowUtcMs = utcMs();
    const data = {
      ...setUpFrame(deps, place),
      one: accessView(access, { nowUtcMs, timeZone, bedName }),
      parts: recordParts(read, nowUtcMs, timeZone),
      facts: read.facts,
    };
    return pages.render(reply, "access-records.njk", data, 200);
  });

  app.post("/access/:number/export", async (request, reply) => {
    const place = await receiveOne(deps, request, reply);
    if (place === undefined) return reply;
    const { who, access } = place;
    const read = await readThrough(place, reply);
    if (read === undefined) return reply;
    const look = lookThrough(access, "/access/records");
    if (!trail.exported(who, look)) return pages.closed(reply, look.purposeOfEvent);
    const roots = await reports.rootsBefore(utcMs());
    const { factsCsv, ...records } = read;
    const json = `${JSON.stringify({ v: 1, madeAt: new Date(utcMs()).toISOString(), ...records }, null, 2)}\n`;
    const data = new Map(
      Object.entries({
        "data/records.json": json,
        "data/sensor-readings.csv": factsCsv,
        "data/policy.json": `${JSON.stringify({ retention: site.retention, alarms: site.alarms, consent: site.consent }, null, 2)}\n`,
        "log/ward.checkpoint": roots?.ward?.note,
        "log/dashboard.checkpoint": roots?.dashboard?.note,
      }).flatMap(([path, text]) => (text === undefined ? [] : [[path, new TextEncoder().encode(text)] as const])),
    );
    const manifest = manifestOf(data);
    const note = signManifest(manifest, signer.vkey, signer.sign);
    const zipped = await zipPack(
      new Map([
        ...data,
        [manifestPath, manifest],
        [notePath, new TextEncoder().encode(note)],
        ["READ-ME.txt", new TextEncoder().encode(readMe(manifestHash(manifest), writeVkey(signer.vkey)))],
      ]),
    );
    reply.header("content-disposition", `attachment; filename="records-${access.number}.zip"`);
    return reply.type("application/zip").send(Buffer.from(zipped));
  });
}

const readMe = (hash: string, vkey: string): string => `Records of one person and one time, opened by two people.

data/records.json         decisions about consent, orders, checks, alarms, and who looked
data/sensor-readings.csv  what the sensors told, a line each; no picture and no sound was ever kept
data/policy.json          the rules that are in force
log/                      the signed state of both audit logs when this file was made

Hash of the manifest (SHA-256): ${hash}
Signed by: ${vkey}

To check that nothing was changed (take the key from somebody you trust, not from here):
  npm run pack:verify -- THIS.zip --key FILE_WITH_THE_KEY
`;
