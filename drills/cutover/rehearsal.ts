import { expectDecision, type CutoverDrill } from './drill.ts';

/** Who would be locked out (R15), compared with who has really not moved. */
export async function rehearsal(drill: CutoverDrill): Promise<string> {
  const { rows } = await drill.world.login.database.pool.query<{ n: number }>(
    `select count(*)::int as n from console_link l where l.console_id = $1 and not l.api_only and not exists
       (select 1 from sign_in_day d where d.console_id = l.console_id and d.account_id = l.account_id and d.kind = 'unified')`,
    [drill.world.consoleId],
  );
  const left = drill.people.filter((person) => !drill.moved.has(person) && !drill.apiOnly.has(person)).length;
  expectDecision(drill, 'people who have not moved', String(rows[0]?.n), String(left));
  return `${left} would be locked out`;
}
