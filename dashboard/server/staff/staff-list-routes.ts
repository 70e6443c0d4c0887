import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import type { Ask } from "../../../edge-agent/contract/asks.ts";
import { Badge, Day, type StaffMember } from "../../../edge-agent/contract/staff.ts";
import { Words } from "../../../edge-agent/contract/text.ts";
import { StaffRole } from "../../../edge-agent/contract/words.ts";
import { type Body, bodyOf, choices, type FieldError, type Read, readAs, textOf } from "../person/form-body.ts";
import { momentWords } from "../person/moment-words.ts";
import { roleWords } from "../roles.ts";
import { statusOf } from "../told-status.ts";
import { memberView } from "./member-words.ts";
import { askSetUp, openingOf, receiveSetUp, type SetUpDeps, type SetUpVisit, setUpFrame } from "./set-up-visit.ts";

const roles = ["nurse-in-charge"] as const;
const dayMs = 86_400_000;

const AddForm = z.object({
  name: Words(80),
  badge: Badge,
  role: StaffRole,
  /** 0: own staff. */
  days: z.coerce.number().int().min(0).max(14),
});
const addFaults = {
  name: "Enter the person’s name: at most 80 characters.",
  badge: "Enter the number on the badge: 3 to 16 letters, digits or hyphens.",
  role: "Choose what the person is here.",
  days: "Choose how long the account is for.",
} as const;
const TrainingForm = z.object({ doneOn: Day, validUntil: Day });
const trainingFaults = {
  doneOn: "Enter the day of the training.",
  validUntil: "Enter until when it is valid.",
} as const;

const doneWords: Readonly<Record<string, string>> = {
  "end-staff": "The account is ended, and every screen where this person was signed in is closed.",
  "unlock-staff": "The wrong tries are forgotten. The person can sign in now.",
  "record-training": "The training is written down.",
};

interface Shown {
  readonly errors: readonly FieldError[];
  readonly code?: { readonly code: string; readonly expiresAt: number; readonly name: string };
  readonly typed?: Body;
  readonly said?: string | undefined;
}

/** /set-up/staff: who has an account, and what the nurse in charge does about it. */
export function staffListRoutes(app: FastifyInstance, deps: SetUpDeps): void {
  app.get("/set-up/staff", async (request, reply) => {
    const visit = await receiveSetUp(deps, request, reply, roles);
    return visit === undefined ? reply : showList(deps, visit, reply, { errors: [] });
  });

  app.post("/set-up/staff", async (request, reply) => {
    const visit = await receiveSetUp(deps, request, reply, roles);
    if (visit === undefined) return reply;
    const body = bodyOf(request.body);
    const read = readAs(AddForm, fieldsOf(body, ["name", "badge", "role", "days"]), addFaults);
    if (!read.ok) return showList(deps, visit, reply, { errors: read.errors, typed: body }, 400);
    const { days, ...who } = read.value;
    const untilUtcMs = days === 0 ? null : Math.round(deps.utcMs()) + days * dayMs;
    const told = await askSetUp(deps, visit, { do: "add-staff", ...who, agency: days > 0, untilUtcMs });
    if (!told.ok) {
      const errors = [{ id: "maincontent", words: told.words }];
      return showList(deps, visit, reply, { errors, typed: body }, statusOf(told.why));
    }
    const code = told.result.is === "code" ? { code: { ...told.result, name: who.name } } : {};
    return showList(deps, visit, reply, { errors: [], ...code });
  });

  app.get("/set-up/staff/:staff", async (request, reply) => {
    const visit = await receiveSetUp(deps, request, reply, roles);
    if (visit === undefined) return reply;
    const { did } = request.query as { did?: unknown };
    const said = typeof did === "string" && Object.hasOwn(doneWords, did) ? doneWords[did] : undefined;
    return showMember(deps, visit, staffOf(request.params), reply, { errors: [], said });
  });

  const act = (path: string, read: (staff: string, body: Body) => Read<Ask["ask"]>): void => {
    app.post(`/set-up/staff/:staff/${path}`, async (request, reply) => {
      const visit = await receiveSetUp(deps, request, reply, roles);
      if (visit === undefined) return reply;
      const staff = staffOf(request.params);
      const body = bodyOf(request.body);
      const asked = read(staff, body);
      if (!asked.ok) return showMember(deps, visit, staff, reply, { errors: asked.errors, typed: body }, 400);
      const told = await askSetUp(deps, visit, asked.value);
      if (!told.ok) {
        const errors = [{ id: "maincontent", words: told.words }];
        return showMember(deps, visit, staff, reply, { errors, typed: body }, statusOf(told.why));
      }
      if (told.result.is === "code")
        return showMember(deps, visit, staff, reply, { errors: [], code: { ...told.result, name: "" } });
      return reply.redirect(`/set-up/staff/${staff}?did=${asked.value.do}`, 303);
    });
  };
  act("code", (staff) => ({ ok: true, value: { do: "renew-staff", staff } }));
  act("unlock", (staff) => ({ ok: true, value: { do: "unlock-staff", staff } }));
  act("end", (staff, body) =>
    textOf(body, "left") === "yes"
      ? { ok: true, value: { do: "end-staff", staff } }
      : { ok: false, errors: [{ id: "left", words: "Tick that this person has left." }] },
  );
  act("training", (staff, body) => {
    const read = readAs(TrainingForm, fieldsOf(body, ["doneOn", "validUntil"]), trainingFaults);
    return read.ok ? { ok: true, value: { do: "record-training", staff, ...read.value } } : read;
  });
}

/** From the address; the agent finds nobody for what is no id. */
const staffOf = (params: unknown): string => {
  const { staff } = params as { staff: string };
  return /^[A-Za-z0-9_-]{1,32}$/.test(staff) ? staff : "nobody";
};
const fieldsOf = (body: Body, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, textOf(body, name)]));

function showList(
  deps: SetUpDeps,
  visit: SetUpVisit,
  reply: FastifyReply,
  { errors, code, typed = {} }: Shown,
  status = 200,
): Promise<FastifyReply> {
  const { pages, reports, site, utcMs } = deps;
  const opening = { ...openingOf(visit), page: "/set-up/staff" };
  return pages.openWith(reply, "staff-list.njk", visit.who, opening, status, async () => {
    const members = await reports.staff(utcMs());
    const agencyDays = Array.from({ length: site.staff.agencyDaysMax }, (_, index) => index + 1);
    const lengths = Object.fromEntries(
      agencyDays.map((days) => [days, `Agency: ${days === 1 ? "1 day" : `${days} days`}`]),
    );
    return {
      ...setUpFrame(deps, visit),
      ...wrongOf(errors),
      code: codeView(deps, code),
      members: members && viewsOf(deps, members),
      typed: { name: textOf(typed, "name"), badge: textOf(typed, "badge") },
      roleChoices: choices(roleWords, [textOf(typed, "role") || "nurse"]),
      lengths: choices({ 0: "Own staff: no set end", ...lengths }, [textOf(typed, "days") || "0"]),
    };
  });
}

function showMember(
  deps: SetUpDeps,
  visit: SetUpVisit,
  staff: string,
  reply: FastifyReply,
  { errors, code, typed = {}, said }: Shown,
  status = 200,
): Promise<FastifyReply> {
  const { pages, reports, utcMs } = deps;
  const opening = { ...openingOf(visit), page: "/set-up/staff/member" };
  return pages.openWith(reply, "staff-member.njk", visit.who, opening, status, async () => {
    const members = await reports.staff(utcMs());
    const found = members?.find(({ id }) => id === staff);
    return {
      ...setUpFrame(deps, visit),
      ...wrongOf(errors),
      said,
      code: codeView(deps, code && { ...code, name: found?.name ?? "" }),
      readable: members !== null,
      member: found && viewsOf(deps, [found])[0],
      own: visit.who.id === staff,
      typed: { doneOn: textOf(typed, "doneOn"), validUntil: textOf(typed, "validUntil") },
    };
  });
}

const viewsOf = ({ site, utcMs }: SetUpDeps, members: readonly StaffMember[]) =>
  members.map((member) => memberView(member, utcMs(), site.consent.timeZone));

const wrongOf = (errors: readonly FieldError[]) => ({
  errors,
  wrong: Object.fromEntries(errors.map(({ id, words }) => [id, words])),
});

const codeView = ({ site, utcMs }: SetUpDeps, code: Shown["code"]) =>
  code && { ...code, until: momentWords(code.expiresAt, utcMs(), site.consent.timeZone) };
