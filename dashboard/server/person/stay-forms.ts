import type { FastifyInstance } from "fastify";
import { commonNeeds } from "../../../edge-agent/contract/consent.ts";
import { needsForm, needsSoFar, readAdmission, readNeeds } from "./admission-form.ts";
import { choices, textOf } from "./form-body.ts";
import { personForm } from "./person-form.ts";
import type { PersonDeps } from "./visit.ts";

const faults = {
  sameLabel: "Somebody else on this ward is called that here. Add a letter, so that nobody is taken for another.",
} as const;
/** As somebody in a hurry reads it. */
const isSameLabel = (one: string, other: string): boolean => bare(one) === bare(other);
const bare = (label: string): string => label.toLocaleLowerCase("en-GB").replace(/[\s.,-]/g, "");

/** Admission to a free bed, and what the person needs to be able to decide. */
export function stayForms(app: FastifyInstance, deps: PersonDeps): void {
  const { site } = deps;
  const { languages, childrenToo } = site.consent;

  personForm(app, deps, {
    path: "admit",
    template: "admit.njk",
    least: "nurse-in-charge",
    did: "admit",
    refused(visit) {
      if (visit.tile === undefined) return "The ward computer has not spoken of this bed yet.";
      // The agent would end the stay that is open; that is a discharge, and has its own form.
      return visit.tile.stay === null ? null : "Somebody is admitted to this bed. Move or discharge them first.";
    },
    view: (_visit, _params, body) => ({
      typed: textOf(body, "label"),
      adults: choices({ yes: "18 or older", no: "Under 18" }, [textOf(body, "adult")]),
      childrenToo,
      form: needsForm(languages, needsSoFar(body)),
    }),
    read(visit, _params, body) {
      if (visit.tile?.stay !== null)
        return { ok: false, errors: [{ id: "maincontent", words: "This bed is not free. Move or discharge first." }] };
      const read = readAdmission(body);
      if (!read.ok) return read;
      const { label, adult, needs } = read.value;
      // Who is in a bed is checked by the label when they leave: two people of one label could not be told apart.
      const sameLabel = deps.agent.tiles().find(({ tile }) => isSameLabel(tile.stay?.label ?? "", label));
      if (sameLabel !== undefined) return { ok: false, errors: [{ id: "label", words: faults.sameLabel }] };
      const { demonstration } = site;
      const person = { label, demonstration, adult: adult === "yes", needs };
      return { ok: true, value: { do: "admit", bed: visit.bed, ...person } };
    },
  });

  personForm(app, deps, {
    path: "needs",
    template: "needs.njk",
    least: "nurse",
    did: "needs",
    refused: (visit) => (visit.tile?.stay == null ? "Nobody is admitted to this bed." : null),
    view: (visit, _params, body) => ({
      form: needsForm(
        languages,
        Object.keys(body).length === 0 ? (visit.tile?.needs ?? commonNeeds) : needsSoFar(body),
      ),
    }),
    read(visit, _params, body) {
      const read = readNeeds(body);
      if (!read.ok) return read;
      return { ok: true, value: { do: "needs", bed: visit.bed, stay: textOf(body, "stay"), needs: read.value } };
    },
  });
}
