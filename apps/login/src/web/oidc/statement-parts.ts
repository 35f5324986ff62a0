import { sql, type RawBuilder } from 'kysely';

/** A row of `oidc_artifact`, ready to be written. */
export type StoredArtifact = {
  kind: string;
  id_hash: string;
  grant_id: string | null;
  account_id: string | null;
  client_id: string | null;
  session_uid: string | null;
  payload: string;
  expires_at: Date | null;
};

/** What the engine keeps of one of its models. */
export type Payload = Record<string, unknown>;

/** The person columns of a row that was read ahead; all null when there is no active account. */
export type PersonColumns = {
  account_id: string | null;
  email_address: string | null;
  name: string | null;
  locale: 'ja' | 'en' | null;
  console_user_ids: Record<string, string> | null;
};

export const ARTIFACT_COLUMNS = sql`(kind, id_hash, grant_id, account_id, client_id, session_uid, payload, expires_at)`;

export const PERSON = sql`a.email_address, a.name, a.locale, links.console_user_ids`;

/** Joins an active account and its links. */
export function personOf(table: 's' | 'o'): RawBuilder<unknown> {
  return sql`
    left join account a on a.id = ${sql.ref(`${table}.account_id`)} and a.state = 'active'
    left join lateral (
      select jsonb_object_agg(console_id, console_user_id) as console_user_ids from console_link where account_id = a.id and deactivated_at is null
    ) links on true`;
}

/** A row of `oidc_artifact` in the order of `ARTIFACT_COLUMNS`. */
export function valuesOf(value: (column: keyof StoredArtifact) => unknown): RawBuilder<unknown> {
  return sql`${value('kind')}, ${value('id_hash')}, ${value('grant_id')}, ${value('account_id')}, ${value('client_id')}, ${value('session_uid')},
    ${value('payload')}::jsonb, ${value('expires_at')}::timestamptz`;
}

/** Ends a pending sign-in; one row if there is one that had not ended: of many who go on with it at once one does. */
export function endingSignIn({ idHash, now }: { idHash: unknown; now: unknown }): RawBuilder<unknown> {
  return sql`update oidc_artifact set ended_at = ${now} where kind = 'Interaction' and id_hash = ${idHash} and ended_at is null returning 1`;
}
