import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { addPeople, announce, statesOf, until } from '#domain/notices/test-world.ts';
import { waitForTurn } from '#support/mail/pace.ts';
import { Browser } from './browser.ts';
import { openSmtp } from './smtp.ts';
import { codeIn } from './steps.ts';
import { openWorld, type World } from './world.ts';

/** How many notices are under way; 10,000 with `HITOKAGI_FULL_CAMPAIGN=1`. */
const NOTICES = process.env.HITOKAGI_FULL_CAMPAIGN === '1' ? 10_000 : 600;
const PER_SECOND = 20;

let world: World;
let smtp: Awaited<ReturnType<typeof openSmtp>>;
let people = 0;
beforeAll(async () => {
  smtp = await openSmtp();
  world = await openWorld({
    environment: {
      HITOKAGI_SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
      HITOKAGI_NOTICES_PER_SECOND: String(PER_SECOND),
    },
  });
});
afterAll(async () => {
  await world.close();
  await smtp.close();
});
beforeEach(() => Object.assign(smtp, { behaviourOf: undefined, arrived: [] }));

const arrivedAt = (address: string) => smtp.arrived.find((mail) => mail.recipients.includes(address));

/** Asks for a code and tells how many seconds it took to come. */
async function secondsForACode(): Promise<number> {
  const address = `waiting${people++}@example.co.jp`;
  await world.addPerson(address);
  const browser = new Browser(world);
  const begun = performance.now();
  await browser.submit(await browser.open('/reset'), '/reset', { email_address: address });
  await until(async () => arrivedAt(address) !== undefined, 60_000);
  expect(codeIn(arrivedAt(address)?.parsed.text ?? '')).toMatch(/^\d{8}$/);
  return (performance.now() - begun) / 1_000;
}

describe('V5: a mass of notices delays nobody’s code', () => {
  it(`${NOTICES} under way, also when the mail server hangs on every one of them: codes come at once`, async () => {
    const { db } = world.database;
    const sms = await world.addConsole('sms');
    await addPeople(db, sms, NOTICES, world.now, 'notice');
    const id = await announce(db, sms, world.now);
    await until(async () => smtp.arrived.length > PER_SECOND);
    const delays = [await secondsForACode(), await secondsForACode()];
    smtp.behaviourOf = (address) => (address.startsWith('notice') ? 'hang-after-message' : 'accept');
    await new Promise((done) => setTimeout(done, 3_000));
    for (let i = 0; i < 3; i++) delays.push(await secondsForACode());
    expect(Math.max(...delays)).toBeLessThan(10);
    const states = await statesOf(db, id);
    expect((states.waiting ?? 0) + (states.queued ?? 0)).toBeGreaterThan(NOTICES / 2);
    process.stderr.write(`codes came after ${delays.map((delay) => delay.toFixed(1)).join(', ')} s\n`);
  }, 120_000);

  it('the pace holds for the whole installation, however many take their turns', async () => {
    const begun = performance.now();
    const turns: number[] = [];
    await sql`update mail_pace set next_at = clock_timestamp()`.execute(world.database.db);
    await Promise.all(
      Array.from({ length: 40 }, () =>
        waitForTurn(world.database.db, 40).then(() => turns.push(performance.now() - begun)),
      ),
    );
    // The first goes at once, the last 39/40 of a second later; the two ends are not exact on a busy machine.
    expect(Math.max(...turns)).toBeGreaterThan(900);
    expect(turns.filter((at) => at < 500).length).toBeLessThan(25);
  });
});
