import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { deleteInBatches } from '#support/db/delete-in-batches.ts';
import { after, HOUR } from '#support/primitives/durations.ts';
import { newSecret, secretHash } from '#support/primitives/secrets.ts';

/** How long a form waits for its operator to sign in again. */
export const FORM_KEPT_FOR = 1 * HOUR;

/** So many forms wait for one operator; the oldest go first. */
const MOST_FORMS = 10;

/** A form as it came: a text a field, several where boxes were ticked one by one. */
export type FormFields = Readonly<Record<string, string | readonly string[]>>;

/** What says where in its steps a form is, not what was typed; or what is to be ticked anew. */
const STEERING: ReadonlySet<string> = new Set(['step', 'back', 'preview', 'revision', 'base', 'evenIfUsed']);
const SECRET = /pass(word|phrase)|secret|token|code/i;

/**
 * Keeps what was typed into a form of an operator page whose sign-in was too old. Fields that may hold a secret are not kept.
 * @param form what came, whatever it is; `path`: the page of the form, without a query
 * @returns what brings it back, once its operator has signed in; undefined where nothing was typed
 */
export async function keepOperatorForm(
  db: Db,
  form: { accountId: string; path: string; body: unknown },
  now: Date,
): Promise<string | undefined> {
  const fields = fieldsOf(form.body);
  if (!Object.entries(fields).some(([name, value]) => !STEERING.has(name) && value.length > 0))
    return undefined;
  const token = newSecret();
  await sql`
    with older as (
      delete from kept_operator_form where token_hash in (
        select token_hash from kept_operator_form where account_id = ${form.accountId}
        order by expires_at desc offset ${MOST_FORMS - 1})
    )
    insert into kept_operator_form (token_hash, account_id, path, fields, expires_at)
    values (${secretHash(token)}, ${form.accountId}, ${form.path}, ${JSON.stringify(fields)}, ${after(now, FORM_KEPT_FOR)})
  `.execute(db);
  return token;
}

/** What was kept of this operator for this page. Undefined for everybody else, on every other page, and when it is too late. */
export async function keptOperatorForm(
  db: Db,
  kept: { token: string; accountId: string; path: string },
  now: Date,
): Promise<FormFields | undefined> {
  const row = await db
    .selectFrom('kept_operator_form')
    .select('fields')
    .where('token_hash', '=', secretHash(kept.token))
    .where('account_id', '=', kept.accountId)
    .where('path', '=', kept.path)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row?.fields;
}

/** Forgets forms that nobody came back for in time. */
export async function forgetKeptForms(db: Db, now: Date): Promise<void> {
  await deleteInBatches(db, 'kept_operator_form', sql`expires_at <= ${now}`);
}

function fieldsOf(body: unknown): FormFields {
  const fields: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries((body ?? {}) as Record<string, unknown>)) {
    if (SECRET.test(name) || name.includes('\0')) continue;
    if (typeof value === 'string') fields[name] = withoutNul(value);
    if (Array.isArray(value))
      fields[name] = value.filter((one): one is string => typeof one === 'string').map(withoutNul);
  }
  return fields;
}

/** PostgreSQL has none in texts. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}
