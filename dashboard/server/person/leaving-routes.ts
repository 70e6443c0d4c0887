import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { allowingStates } from "../../../edge-agent/contract/words.ts";
import { purposeNames } from "../../web/components/bed-tile/bed-words.ts";
import { statusOf } from "../told-status.ts";
import { type Body, bodyOf, type Choice, choices, type FieldError, textOf } from "./form-body.ts";
import { showForm } from "./person-form.ts";
import { askAs, type PersonDeps, receive, receiveForm, type Visit } from "./visit.ts";

/*
 * Discharge, and a move to another bed, in two steps: who is there, then what ends. Nobody's name stands on the page before it
 * was chosen: somebody who reads it off the screen has not looked who is in the bed.
 */

const nobody = "Nobody is admitted to this bed.";
const somebodyElse = "not-listed";

const faults = {
  label: "Choose who is in the bed. Go and look.",
  another: "The ward computer knows another person in this bed. Look who is there, and begin again.",
  to: "Choose a free bed.",
  adult: "Choose whether the person is 18 or older.",
} as const;

export function leavingRoutes(app: FastifyInstance, deps: PersonDeps): void {
  for (const act of ["discharge", "move"] as const) {
    const template = "leaving.njk";

    app.get(`/person/:bed/${act}`, async (request, reply) => {
      const visit = await receive(deps, request, reply, "nurse-in-charge");
      if (visit === undefined) return reply;
      return show(visit, reply, {}, [], 200, "look");
    });

    app.post(`/person/:bed/${act}`, async (request: FastifyRequest, reply) => {
      const visit = await receiveForm(deps, request, reply, "nurse-in-charge");
      if (visit === undefined) return reply;
      const body = bodyOf(request.body);
      const errors = errorsOf(visit, body);
      if (errors.length > 0) return show(visit, reply, body, errors, 400, "look");
      if (textOf(body, "step") !== "end") return show(visit, reply, body, [], 200, "end");
      return act === "discharge" ? discharge(visit, reply, body) : move(visit, reply, body);
    });

    const errorsOf = (visit: Visit, body: Body): FieldError[] => {
      const label = textOf(body, "label");
      const errors: FieldError[] = [];
      if (label === "") errors.push({ id: "label", words: faults.label });
      else if (visit.tile?.stay?.label !== label && textOf(body, "step") !== "end")
        errors.push({ id: "label", words: faults.another });
      const free = freeBeds(visit).some(({ value }) => value === textOf(body, "to"));
      if (act === "move" && !free) errors.push({ id: "to", words: faults.to });
      // Where everybody is an adult there is nothing to ask.
      const aged = !deps.site.consent.childrenToo || ["yes", "no"].includes(textOf(body, "adult"));
      if (act === "move" && !aged) errors.push({ id: "adult", words: faults.adult });
      return errors;
    };

    const show = (
      visit: Visit,
      reply: FastifyReply,
      body: Body,
      errors: readonly FieldError[],
      status: number,
      step: "look" | "end",
    ) =>
      showForm(deps, visit, reply, template, {
        refused: visit.tile?.stay == null ? nobody : null,
        errors,
        status,
        view: async () => ({
          act,
          step,
          // Of the first step: whoever came in between is another person.
          stay: textOf(body, "stay") || visit.tile?.stay?.id || "",
          people: peopleOfWard(textOf(body, "label")),
          chosen: textOf(body, "label"),
          beds: freeBeds(visit, textOf(body, "to")),
          to: textOf(body, "to"),
          toName: deps.site.beds.find(({ bed }) => bed === textOf(body, "to"))?.name ?? "",
          ends: endsWith(visit),
          childrenToo: deps.site.consent.childrenToo,
          adult: textOf(body, "adult"),
          adults: choices({ yes: "18 or older", no: "Under 18" }, [textOf(body, "adult")]),
        }),
      });

    const discharge = async (visit: Visit, reply: FastifyReply, body: Body) => {
      const told = await askAs(deps, visit, endStay(visit, body));
      if (told.ok) return reply.redirect(`/person/${visit.bed}?did=discharge`, 303);
      return show(visit, reply, body, [{ id: "maincontent", words: told.words }], statusOf(told.why), "look");
    };

    /** Ended first: a person who is in two beds could be sensed in the wrong one. */
    const move = async (visit: Visit, reply: FastifyReply, body: Body) => {
      const needs = visit.tile?.needs;
      const to = textOf(body, "to");
      if (needs === undefined) return show(visit, reply, body, [{ id: "maincontent", words: nobody }], 409, "look");
      const ended = await askAs(deps, visit, endStay(visit, body));
      if (!ended.ok)
        return show(visit, reply, body, [{ id: "maincontent", words: ended.words }], statusOf(ended.why), "look");
      const { demonstration, consent } = deps.site;
      const adult = !consent.childrenToo || textOf(body, "adult") === "yes";
      const person = { label: textOf(body, "label"), demonstration, adult, needs };
      const admitted = await askAs(deps, { ...visit, bed: to }, { do: "admit", bed: to, ...person });
      if (admitted.ok) return reply.redirect(`/person/${to}?did=move`, 303);
      const words = `Everything ended in ${visit.bedName}, but the admission to the other bed failed. Admit the person there. ${admitted.words}`;
      return deps.pages.problem(reply, statusOf(admitted.why), "Half of the move is done", words);
    };
  }

  const endStay = (visit: Visit, body: Body) =>
    ({ do: "end-stay", bed: visit.bed, stay: textOf(body, "stay"), label: textOf(body, "label") }) as const;

  /** In alphabetical order, so that the place in the list tells nothing of the bed. */
  const peopleOfWard = (chosen: string): Choice[] => {
    const labels = deps.agent.tiles().flatMap(({ tile }) => (tile.stay === null ? [] : [tile.stay.label]));
    const people = [...new Set(labels)].toSorted((a, b) => a.localeCompare(b, "en-GB"));
    return [
      ...people.map((label) => ({ value: label, words: label, chosen: label === chosen })),
      { value: somebodyElse, words: "None of these", chosen: chosen === somebodyElse },
    ];
  };

  const freeBeds = (visit: Visit, chosen = ""): Choice[] =>
    deps.site.beds
      .filter(({ bed }) => bed !== visit.bed && deps.agent.tile(bed)?.tile.stay === null)
      .map(({ bed, name }) => ({ value: bed, words: name, chosen: bed === chosen }));

  const endsWith = ({ tile }: Visit): string[] =>
    (tile?.consents ?? [])
      .filter(({ state }) => allowingStates.includes(state) || state === "paused" || state === "offered")
      .map(({ purpose, state }) => `${purposeNames[purpose]}${state === "offered" ? " (offered)" : ""}`);
}
