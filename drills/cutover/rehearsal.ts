import { progressOf } from '../../apps/login/src/domain/migration/progress.ts';
import { momentToRehearse, rehearse } from '../../apps/login/src/domain/migration/rehearse.ts';
import { expectDecision, type CutoverDrill } from './drill.ts';

/** What the system says of who would be locked out (R15), compared with who has really not moved. */
export async function rehearsal(drill: CutoverDrill): Promise<string> {
  const { login, consoleId, clock } = drill.world;
  const { db } = login.database;
  const now = clock.now();
  const at = await momentToRehearse(db, consoleId, now);
  const { lockedOut, toldLate, mustSetPassword, fine, apart } = await rehearse(db, consoleId, at, now);
  const { states } = await progressOf(db, consoleId, now);
  const toMove = drill.people.filter((person) => !drill.apiOnly.has(person));
  const left = toMove.filter((person) => !drill.moved.has(person));
  const noMail = left.filter(({ emailAddress }) => drill.world.mail.refused.has(emailAddress));
  const must = (what: string, is: number, really: number): void =>
    expectDecision(drill, `rehearsal: ${what}`, String(is), String(really));
  must('moved', states['signed-in-unified'], toMove.length - left.length);
  must('locked out', lockedOut, noMail.length);
  must('told late', toldLate, 0);
  must('must set a password', mustSetPassword, left.length - noMail.length);
  must('use the API only', apart.apiOnly, drill.apiOnly.size);
  return `${fine} get in as they are, ${mustSetPassword} must set a password first, ${lockedOut} are locked out (their mail does not arrive), ${toldLate} told late, ${apart.apiOnly} use the API only`;
}
