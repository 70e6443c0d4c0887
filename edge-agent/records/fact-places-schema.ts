/**
 * Where the person was and how many were made out, so that an order can be tried on what was recorded. As much about movement as
 * the bed's occupancy is, and under the same consent.
 *
 * @param allowed SQL that is 1 where the new row's stay and time have a consent for movement alerts.
 */
export const factPlaces = (allowed: string): string => `
ALTER TABLE fact ADD COLUMN place TEXT;
ALTER TABLE fact ADD COLUMN people TEXT;
CREATE TRIGGER fact_place_needs_movement_grant BEFORE INSERT ON fact
  WHEN coalesce(NEW.place, NEW.people) IS NOT NULL AND ${allowed} IS NOT 1
  BEGIN SELECT RAISE(ABORT, 'no grant'); END;
`;
