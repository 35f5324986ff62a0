import type { CompiledQuery, QueryResult, RawBuilder } from 'kysely';
import type { Db } from './database.ts';

/** The place of a value in a statement that is put together before there are values. */
class Place<Values> {
  readonly valueIn: (values: Values) => unknown;
  constructor(valueIn: (values: Values) => unknown) {
    this.valueIn = valueIn;
  }
}

/** Makes the place of a value; belongs where a value stands in an `sql` text. */
export type From<Values> = (valueIn: (values: Values) => unknown) => unknown;

/**
 * A statement whose text is put together once, when it first runs. What every sign-in asks is asked with the same text each time; building it anew costs more than
 * sending it, and a text that is the same object is found among the prepared ones without being read again.
 * @param write the statement; `from(values => …)` stands where a value belongs
 */
export function compiled<Values, Row>(
  write: (from: From<Values>) => RawBuilder<Row>,
): (db: Db, values: Values) => Promise<QueryResult<Row>> {
  let once: CompiledQuery<Row> | undefined;
  return (db, values) => {
    once ??= write((valueIn) => new Place(valueIn)).compile(db);
    const parameters = once.parameters.map((value) =>
      value instanceof Place ? (value as Place<Values>).valueIn(values) : value,
    );
    return db.executeQuery({ ...once, parameters });
  };
}
