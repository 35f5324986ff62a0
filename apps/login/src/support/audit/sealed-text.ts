import { sql, type RawBuilder } from 'kysely';
import type { SealedText } from './digests.ts';

/** The columns of {@link SealedRow} of an `audit_event e`. */
export const SEALED_COLUMNS: RawBuilder<unknown> = sql`
  e.id::text as id, (extract(epoch from e.at) * 1000000)::bigint::text as at, e.action, e.actor, e.account_id, e.console_id, e.client_ip, e.request_id,
  case jsonb_typeof(e.detail)
    when 'object' then (select jsonb_object_agg('detail.' || member.key, member.value::text) from jsonb_each(e.detail) member)
    else jsonb_build_object('detail', e.detail::text)
  end as parts`;

export type SealedRow = {
  id: string;
  at: string;
  action: string;
  actor: string;
  account_id: string | null;
  console_id: string | null;
  client_ip: string | null;
  request_id: string | null;
  parts: Record<string, string> | null;
};

export function sealedText(row: SealedRow): SealedText {
  const parts = new Map(Object.entries(row.parts ?? {}));
  if (row.client_ip !== null) parts.set('clientIp', row.client_ip);
  return {
    id: row.id,
    at: row.at,
    action: row.action,
    actor: row.actor,
    accountId: row.account_id,
    consoleId: row.console_id,
    requestId: row.request_id,
    parts,
  };
}
