import type { FastifyInstance } from "fastify";
import { kindOfModel } from "../../../edge-agent/contract/config.ts";
import { intendedUseWords } from "../../../edge-agent/contract/intended-use.ts";
import { orderedWords } from "../../words/order-words.ts";
import { statusOf } from "../told-status.ts";
import { type Body, bodyOf, type FieldError, textOf } from "./form-body.ts";
import { momentWords } from "./moment-words.ts";
import { type OrderMoment, orderForm, readOrder } from "./order-form.ts";
import { personForm, showForm } from "./person-form.ts";
import { askAs, type PersonDeps, receiveForm, type Visit } from "./visit.ts";
import { type WhatIfView, whatIfView } from "./what-if-words.ts";

/** /person/<bed>/order: what is watched for one person, by the nurse in charge, with a reason and an end. */
export function orderRoutes(app: FastifyInstance, deps: PersonDeps): void {
  const { alarms: policy, consent } = deps.site;
  const { timeZone } = consent;

  const momentOf = ({ tile, bed }: Visit): OrderMoment | undefined => {
    if (tile?.stay == null) return undefined;
    const sensors = deps.site.beds.find((place) => place.bed === bed)?.sensors ?? [];
    const tellsPlace = sensors.some(({ model }) => kindOfModel[model] === "depth");
    return { policy, tile, tellsPlace, nowUtcMs: deps.utcMs(), timeZone };
  };
  const view = (visit: Visit, body: Body) => {
    const moment = momentOf(visit);
    if (moment === undefined) return {};
    return { form: orderForm(moment, body), onNow: onNow(moment), intendedUse: intendedUseWords[policy.intendedUse] };
  };

  personForm(app, deps, {
    path: "order",
    template: "order.njk",
    least: "nurse-in-charge",
    did: "order",
    refused: (visit) => (visit.tile?.stay == null ? "Nobody is admitted to this bed." : null),
    view: (visit, _params, body) => view(visit, body),
    read(visit, _params, body) {
      const read = readOrder(policy, visit.who.name, body, deps.utcMs());
      if (!read.ok) return read;
      return { ok: true, value: { do: "order", bed: visit.bed, stay: textOf(body, "stay"), order: read.value } };
    },
  });

  // Tried and not ordered: the form comes back as it was sent, with what it would have meant.
  app.post("/person/:bed/order/what-if", async (request, reply) => {
    const visit = await receiveForm(deps, request, reply, "nurse-in-charge");
    if (visit === undefined) return reply;
    const body = bodyOf(request.body);
    const show = (errors: readonly FieldError[], status: number, meant: WhatIfView | null) =>
      showForm(deps, visit, reply, "order.njk", {
        refused: visit.tile?.stay == null ? "Nobody is admitted to this bed." : null,
        errors,
        status,
        view: async () => ({ ...view(visit, body), meant }),
      });
    const of = textOf(body, "of") === "ward" ? "ward" : "stay";
    // Why it is ordered is asked when it is.
    const read = readOrder(policy, visit.who.name, { ...body, reason: "tried" }, deps.utcMs());
    if (!read.ok) return show(read.errors, 400, null);
    const { value: order } = read;
    const told = await askAs(deps, visit, { do: "what-if", bed: visit.bed, stay: textOf(body, "stay"), order, of });
    if (!told.ok) return show([{ id: "maincontent", words: told.words }], statusOf(told.why), null);
    return show([], 200, told.result.is === "what-if" ? whatIfView(told.result, of, order) : null);
  });
}

/** What is watched now, until when, by whom and why; null: nothing was ordered. */
function onNow({ tile: { order }, nowUtcMs, timeZone }: OrderMoment) {
  if (order === null) return null;
  const until = order.untilUtcMs === null ? null : momentWords(order.untilUtcMs, nowUtcMs, timeZone);
  return { ordered: orderedWords(order), until, by: order.by, reason: order.reason };
}
