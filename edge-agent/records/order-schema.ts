/** When an order was over by its own time: a restart neither brings it back nor tells its end again. */
export const orderEnds = `
CREATE TABLE care_order_end (
  care_order INTEGER PRIMARY KEY REFERENCES care_order (number),
  at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER care_order_end_no_update BEFORE UPDATE ON care_order_end
  BEGIN SELECT RAISE(ABORT, 'care_order_end is append-only'); END;
CREATE TRIGGER care_order_end_no_delete BEFORE DELETE ON care_order_end
  BEGIN SELECT RAISE(ABORT, 'care_order_end is append-only'); END;
`;
