import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPeople, announce, statesOf, until } from '#domain/notices/test-world.ts';
import { openSmtp, type SmtpBehaviour } from './smtp.ts';
import { MASTER_SECRET, openWorld, type World } from './world.ts';

/** CI: a small one of the same; `HITOKAGI_FULL_CAMPAIGN=1` runs it whole. */
const FULL = process.env.HITOKAGI_FULL_CAMPAIGN === '1';
const [RECIPIENTS, KILLS, PER_SECOND] = FULL ? [10_000, 100, 100] : [300, 6, 30];

/** What the mail server does to recipient number n at its first, second, … try; afterwards it accepts. */
const TREATMENT: Record<number, readonly SmtpBehaviour[]> = {
  3: ['refuse-recipient'],
  23: ['refuse-message'],
  5: ['defer-recipient', 'defer-recipient'],
  25: ['defer-message'],
  7: ['cut-before-message'],
  27: ['hang-at-recipient'],
  9: ['cut-after-message'],
  29: ['hang-after-message'],
  31: ['cut-after-message', 'cut-after-message', 'cut-after-message'],
};
const EVERY = 50;

let world: World;
let smtp: Awaited<ReturnType<typeof openSmtp>>;
let child: ChildProcess | undefined;
const complaints: string[] = [];
const kills: number[] = [];
const tries = new Map<string, number>();
const inTheWindow = new Set<string>();

beforeAll(async () => {
  smtp = await openSmtp();
  smtp.behaviourOf = (address) => {
    const n = tries.get(address) ?? 0;
    tries.set(address, n + 1);
    return treatmentOf(address)[n] ?? (isRefused(address) ? treatmentOf(address)[0] : undefined) ?? 'accept';
  };
  world = await openWorld({ work: false, now: new Date() });
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await world.close();
  await smtp.close();
});

describe('J1, R14: kill -9 in the middle of sending', () => {
  it(
    `${KILLS} kills, ${RECIPIENTS} recipients, a mail server that also refuses, defers, hangs and cuts: everybody gets exactly one, after a cut past DATA two at most`,
    async () => {
      const { db } = world.database;
      const sms = await world.addConsole('sms');
      await addPeople(db, sms, RECIPIENTS, world.now, 'n');
      const noticeId = await announce(db, sms, world.now);
      const begun = performance.now();
      for (let i = 0; i < KILLS; i++) {
        const before = smtp.arrived.length;
        await startServer();
        // In the middle: mails have gone out of this process, and more are on their way.
        await until(async () => smtp.arrived.length > before, 60_000);
        await pause(Math.random() * 1_000);
        child?.kill('SIGKILL');
        kills.push(performance.now());
        await once(child as ChildProcess, 'exit');
        // What the dead process had promised to the database before it gave the mails away: of these nobody knows.
        await pause(300);
        for (const { recipient } of await db
          .selectFrom('message')
          .select('recipient')
          .where('handed_over_at', 'is not', null)
          .execute())
          inTheWindow.add(recipient);
      }
      const lastKill = performance.now();
      const inTheMiddle = kills.filter((kill) =>
        smtp.arrived.some((mail) => mail.at < kill && mail.at > kill - 1_500),
      ).length;
      expect(inTheMiddle).toBe(KILLS);
      expect(smtp.arrived.length).toBeLessThan(RECIPIENTS);
      await startServer();
      // None stuck for more than two minutes: until the end verdicts come, or the limit is passed.
      let waiting = RECIPIENTS;
      let progressAt = performance.now();
      let longestPause = 0;
      while (waiting > 0) {
        await pause(200);
        const states = await statesOf(db, noticeId);
        const now = (states.waiting ?? 0) + (states.queued ?? 0);
        longestPause = Math.max(longestPause, performance.now() - progressAt);
        expect(performance.now() - progressAt, JSON.stringify(states)).toBeLessThan(120_000);
        if (now < waiting) [waiting, progressAt] = [now, performance.now()];
      }
      await until(
        async () =>
          (
            await db
              .selectFrom('notice')
              .select('ended_at')
              .where('id', '=', noticeId)
              .executeTakeFirstOrThrow()
          ).ended_at !== null,
      );
      const ended = performance.now();

      const copies = new Map<string, number[]>();
      for (const mail of smtp.arrived)
        copies.set(mail.recipients[0] ?? '', [...(copies.get(mail.recipients[0] ?? '') ?? []), mail.at]);
      const rows = await db
        .selectFrom('notice_recipient as r')
        .innerJoin('message as m', 'm.id', 'r.message_id')
        .select(['r.recipient', 'r.state', 'r.smtp_response', 'm.unconfirmed', 'm.tries'])
        .where('r.notice_id', '=', noticeId)
        .execute();
      expect(rows).toHaveLength(RECIPIENTS);
      let [afterCut, afterKill, unknown] = [0, 0, 0];
      for (const row of rows) {
        const address = row.recipient ?? '';
        const at = copies.get(address) ?? [];
        const cuts = treatmentOf(address).some((how) => how.endsWith('-after-message'));
        const what = `${address} ${row.state} ${row.smtp_response ?? ''} copies at ${at.join(', ')}`;
        if (row.state === 'accepted') expect(at.length, what).toBeGreaterThanOrEqual(1);
        else {
          expect(row.state, what).toBe('refused');
          const nobodyKnows = row.smtp_response?.startsWith('Nobody knows') ?? false;
          expect(isRefused(address) || nobodyKnows, what).toBe(true);
          if (nobodyKnows) unknown++;
        }
        const kept = isRefused(address) ? 0 : at.length - deferredCopies(address, at.length);
        expect(kept, what).toBeLessThanOrEqual(2);
        if (kept < 2) continue;
        if (cuts) {
          afterCut++;
          continue;
        }
        // Not cut by the mail server: then a kill came between the mail's first byte and its verdict.
        afterKill++;
        expect(row.unconfirmed, what).toBe(1);
        expect(inTheWindow.has(address), what).toBe(true);
      }
      const messages = await db
        .selectFrom('message')
        .select(['account_id'])
        .where('template', '=', 'notice')
        .execute();
      expect(messages).toHaveLength(RECIPIENTS);
      expect(new Set(messages.map((row) => row.account_id)).size).toBe(RECIPIENTS);
      const states = await statesOf(db, noticeId);
      process.stderr.write(
        `${JSON.stringify({
          recipients: RECIPIENTS,
          kills: kills.length,
          states,
          arrived: smtp.arrived.length,
          underWayAtAKill: inTheWindow.size,
          twiceAfterCut: afterCut,
          twiceAfterKill: afterKill,
          nobodyKnows: unknown,
          seconds: Math.round((ended - begun) / 1_000),
          longestPauseSeconds: Math.round(longestPause / 1_000),
          secondsAfterLastKill: Math.round((ended - lastKill) / 1_000),
        })}\n`,
      );
      expect(complaints).toEqual([]);
    },
    FULL ? 3_600_000 : 280_000,
  );
});

function treatmentOf(address: string): readonly SmtpBehaviour[] {
  return TREATMENT[Number(/\d+/.exec(address)?.[0]) % EVERY] ?? [];
}
function isRefused(address: string): boolean {
  return treatmentOf(address)[0]?.startsWith('refuse-') ?? false;
}
/** Copies that the mail server said it would not keep. */
function deferredCopies(address: string, tries: number): number {
  return treatmentOf(address)
    .slice(0, tries)
    .filter((how) => how === 'defer-message').length;
}

async function startServer(): Promise<void> {
  const started = spawn(process.execPath, ['apps/login/bin/serve.js'], {
    env: {
      PATH: process.env.PATH,
      HITOKAGI_PORT: '0',
      HITOKAGI_ISSUER: 'http://login.example.co.jp',
      DATABASE_URL: world.databaseUrl,
      HITOKAGI_SECRET: MASTER_SECRET,
      HITOKAGI_SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
      HITOKAGI_LOG_LEVEL: 'error',
      HITOKAGI_NOTICES_PER_SECOND: String(PER_SECOND),
      HITOKAGI_MAIL_TIME_LIMIT: '5',
      HITOKAGI_MAIL_RETRY_AFTER: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  started.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  await new Promise<void>((ready, failed) => {
    started.stdout.once('data', () => ready());
    started.once('exit', (code) =>
      failed(new Error(`The server ended with ${code}: ${complaints.join('')}`)),
    );
  });
  started.removeAllListeners('exit');
}
