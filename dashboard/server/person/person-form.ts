import type { FastifyInstance, FastifyReply } from "fastify";
import type { Ask } from "../../../edge-agent/contract/asks.ts";
import { statusOf } from "../told-status.ts";
import { type Body, bodyOf, type FieldError, type Read } from "./form-body.ts";
import { askAs, frameOf, type PersonDeps, receive, receiveForm, type Visit } from "./visit.ts";

/** A form of one bed that ends in one ask. */
export interface PersonForm {
  /** Below /person/:bed/. */
  readonly path: string;
  readonly template: string;
  readonly least: "nurse" | "nurse-in-charge";
  /** What the card says afterwards. */
  readonly did: string;
  /** Where it leads afterwards; left out: to the person's page. */
  readonly next?: () => string;
  /** Why there is no form now, in words for staff, or null. */
  readonly refused: (visit: Visit, params: Params) => string | null;
  readonly view: (visit: Visit, params: Params, body: Body) => Promise<Data> | Data;
  readonly read: (visit: Visit, params: Params, body: Body) => Read<Ask["ask"]>;
}
export type Params = Readonly<Record<string, string>>;
type Data = Readonly<Record<string, unknown>>;

/** GET shows it, POST asks the agent; what is wrong is shown beside what was typed. */
export function personForm(app: FastifyInstance, deps: PersonDeps, form: PersonForm): void {
  const route = `/person/:bed/${form.path}`;

  app.get(route, async (request, reply) => {
    const visit = await receive(deps, request, reply, form.least);
    if (visit === undefined) return reply;
    const params = { ...(request.query as Params), ...(request.params as Params) };
    return showForm(deps, visit, reply, form.template, {
      refused: form.refused(visit, params),
      errors: [],
      view: async () => form.view(visit, params, {}),
    });
  });

  app.post(route, async (request, reply) => {
    const visit = await receiveForm(deps, request, reply, form.least);
    if (visit === undefined) return reply;
    const params = request.params as Params;
    const body = bodyOf(request.body);
    const show = (errors: readonly FieldError[], status: number) =>
      showForm(deps, visit, reply, form.template, {
        refused: null,
        errors,
        status,
        view: async () => form.view(visit, params, body),
      });
    const read = form.read(visit, params, body);
    if (!read.ok) return show(read.errors, 400);
    const told = await askAs(deps, visit, read.value);
    if (!told.ok) return show([{ id: "maincontent", words: told.words }], statusOf(told.why));
    return reply.redirect(form.next?.() ?? `/person/${visit.bed}?did=${form.did}`, 303);
  });
}

export interface ShownForm {
  readonly refused: string | null;
  readonly errors: readonly FieldError[];
  readonly status?: number;
  readonly view: () => Promise<Data>;
}

/** A refused form is an opening as well: it names the person's bed. */
export function showForm(
  deps: PersonDeps,
  visit: Visit,
  reply: FastifyReply,
  template: string,
  { refused, errors, status = 200, view }: ShownForm,
): Promise<FastifyReply> {
  const opening = { page: visit.page, bed: visit.bed, purposeOfEvent: "TREAT" } as const;
  return deps.pages.openWith(reply, template, visit.who, opening, status, async () => ({
    ...frameOf(deps, visit),
    refused,
    errors,
    wrong: Object.fromEntries(errors.map(({ id, words }) => [id, words])),
    ...(refused === null ? await view() : {}),
  }));
}
