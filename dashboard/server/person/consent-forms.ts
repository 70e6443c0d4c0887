import type { FastifyInstance } from "fastify";
import { neverOffered } from "../../../edge-agent/contract/consent.ts";
import type { Tile } from "../../../edge-agent/contract/tile.ts";
import { Purpose } from "../../../edge-agent/contract/words.ts";
import { purposeNames } from "../../web/components/bed-tile/bed-words.ts";
import { english } from "../../words/bedside-language.ts";
import { offerHere } from "../../words/offer-here.ts";
import { Saying } from "../../words/saying.ts";
import { sensesOf } from "../bedside-view.ts";
import { activationForm, hourChoices, readActivation, reviewChoices } from "./activation-form.ts";
import { bestInterestsForm, readBestInterests } from "./best-interests-form.ts";
import { cardRow } from "./consent-card.ts";
import { choices, textOf, wordsOf } from "./form-body.ts";
import { hoursWords } from "./moment-words.ts";
import { type Params, personForm } from "./person-form.ts";
import { readReview, useWords } from "./review-form.ts";
import type { PersonDeps, Visit } from "./visit.ts";

/*
 * Offering, reviewing, and deciding for a person who lacks capacity: each for one purpose of one person, because there is no
 * other way.
 */

type Told = Tile["consents"][number];
const alive: readonly Told["state"][] = ["granted", "best-interests", "paused"];

const nobody = "Nobody is admitted to this bed.";
const noPurpose = "There is no such purpose.";

export function consentForms(app: FastifyInstance, deps: PersonDeps): void {
  const { site, reports, utcMs } = deps;
  const policy = site.consent;
  const daysForPerson = Math.min(policy.bestInterestsDaysMax, policy.reviewDaysMax);

  const saying = new Saying(english);
  const placeOf = ({ bed }: Visit) => site.beds.find((one) => one.bed === bed);
  const about = (visit: Visit, params: Params): { consent: Told; purpose: Purpose } | string => {
    const purpose = Purpose.safeParse(params.purpose);
    if (!purpose.success) return noPurpose;
    if (visit.tile?.stay == null) return nobody;
    const found = visit.tile.consents.find((one) => one.purpose === purpose.data);
    const consent = found ?? { ...neverOffered, purpose: purpose.data, due: null, outOfHours: false };
    return { consent, purpose: purpose.data };
  };
  const row = (visit: Visit, consent: Told) =>
    cardRow(consent, undefined, { nowUtcMs: utcMs(), policy, inCharge: visit.inCharge });
  const unread = { ok: false, errors: [{ id: "maincontent", words: noPurpose }] } as const;

  personForm(app, deps, {
    path: "offer/:purpose",
    template: "offer.njk",
    least: "nurse",
    did: "offer",
    refused(visit, params) {
      const found = about(visit, params);
      if (typeof found === "string") return found;
      const { state } = found.consent;
      return state === "granted" || state === "paused" ? "The person has turned this on already." : null;
    },
    view(visit, params, body) {
      const found = about(visit, params);
      if (typeof found === "string") return {};
      const { purpose, consent } = found;
      return {
        purpose,
        name: purposeNames[purpose],
        saidNo: consent.personSaidNo ? row(visit, consent).decided : null,
        sentences: Object.values(offerHere(sensesOf(placeOf(visit)), purpose, saying)),
        form: activationForm(policy, purpose, policy.reviewDaysMax, body),
      };
    },
    read(visit, params, body) {
      const found = about(visit, params);
      const activation = readActivation(policy, body);
      if (typeof found === "string") return unread;
      if (!activation.ok) return activation;
      const { purpose } = found;
      const stay = textOf(body, "stay");
      return { ok: true, value: { do: "offer", bed: visit.bed, stay, purpose, activation: activation.value } };
    },
  });

  personForm(app, deps, {
    path: "review/:purpose",
    template: "review.njk",
    least: "nurse",
    did: "review",
    refused(visit, params) {
      const found = about(visit, params);
      if (typeof found === "string") return found;
      return alive.includes(found.consent.state) ? null : "This is not on: there is nothing to review.";
    },
    async view(visit, params, body) {
      const found = about(visit, params);
      if (typeof found === "string" || visit.tile?.stay == null) return {};
      const { consent, purpose } = found;
      const stay = visit.tile.stay.id;
      const nowUtcMs = utcMs();
      const history = (await reports.history(stay)) ?? [];
      const reviewed = history.findLast((one) => one.purpose === purpose && one.record?.is === "review");
      const sinceUtcMs = Math.max(consent.sinceUtcMs ?? nowUtcMs, reviewed?.atUtcMs ?? 0);
      const use = await reports.use({ stay, bed: visit.bed, purpose, sinceUtcMs });
      const others = visit.tile.consents.filter((one) => one.purpose !== purpose && alive.includes(one.state));
      return {
        purpose,
        name: purposeNames[purpose],
        row: row(visit, consent),
        used: useWords(use, nowUtcMs, policy.timeZone),
        others: others.map((one) => purposeNames[one.purpose]),
        hoursNow: hoursWords(consent.hours),
        outcome: textOf(body, "outcome"),
        words: textOf(body, "words"),
        reviews: reviewChoices(policy.reviewDaysMax, textOf(body, "reviewAfterHours")),
        hours: choices({ night: `At night, ${hoursWords(policy.quietHours)}`, other: "Other hours" }, [
          textOf(body, "hours") || "night",
        ]),
        fromHours: hourChoices(textOf(body, "fromHour") || String(policy.quietHours.fromHour)),
        toHours: hourChoices(textOf(body, "toHour") || String(policy.quietHours.toHour)),
      };
    },
    read(visit, params, body) {
      const found = about(visit, params);
      if (typeof found === "string") return unread;
      const review = readReview(policy, found.consent, body);
      if (!review.ok) return review;
      const { purpose } = found;
      const stay = textOf(body, "stay");
      return { ok: true, value: { do: "review", bed: visit.bed, stay, purpose, review: review.value } };
    },
  });

  personForm(app, deps, {
    path: "best-interests/:purpose",
    template: "best-interests.njk",
    least: "nurse-in-charge",
    did: "best-interests",
    refused(visit, params) {
      const found = about(visit, params);
      if (typeof found === "string") return found;
      const { consent } = found;
      if (consent.personSaidNo)
        return "The person said no to this, in this stay. Nobody can decide otherwise for them, whoever asks and whatever the reason.";
      return consent.state === "granted" || consent.state === "paused"
        ? "The person has turned this on themselves: there is nothing to decide for them."
        : null;
    },
    view(visit, params, body) {
      const found = about(visit, params);
      if (typeof found === "string") return {};
      return {
        purpose: found.purpose,
        name: purposeNames[found.purpose],
        form: activationForm(policy, found.purpose, daysForPerson, body),
        test: bestInterestsForm(daysForPerson, body),
      };
    },
    read(visit, params, body) {
      const found = about(visit, params);
      if (typeof found === "string") return unread;
      const read = readBestInterests(policy, body);
      if (!read.ok) return read;
      const { purpose } = found;
      const stay = wordsOf(body, "stay") ?? "";
      return { ok: true, value: { do: "best-interests", bed: visit.bed, stay, purpose, ...read.value } };
    },
  });
}
