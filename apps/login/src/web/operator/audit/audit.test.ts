import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addOperator } from '#domain/operators/operators.ts';
import { AUDIT_ACTIONS } from '#support/audit/events.ts';
import { recordEvent } from '#support/audit/record.ts';
import { sealEvents } from '#support/audit/seal.ts';
import { SECOND } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { PASSWORD, signIn } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
let browser: Browser;
let person = '';
const PAYLOAD = '"><script>alert(1)</script>';
beforeAll(async () => {
  world = await openWorld({ work: false });
  const { db } = world.database;
  const consoleId = await world.addConsole('sms');
  person = await world.addPerson('taro@example.co.jp', {}, { password: PASSWORD });
  await world.addPerson('hanako@example.co.jp', {}, { password: PASSWORD });
  await addOperator(
    db,
    { emailAddress: 'hanako@example.co.jp', role: 'administrator' },
    { actor: 'operator:cli', now: world.now },
  );
  for (const [i, action] of AUDIT_ACTIONS.entries())
    await recordEvent(db, {
      at: new Date(world.now.getTime() - (i + 1) * SECOND),
      action,
      actor: i % 2 === 0 ? person : 'anonymous',
      accountId: person,
      consoleId: i % 3 === 0 ? consoleId : null,
      clientIp: '192.0.2.1',
      requestId: `req_${i}`,
      detail: {
        reason: PAYLOAD,
        userAgent: PAYLOAD,
        from: PAYLOAD,
        to: PAYLOAD,
        role: PAYLOAD,
        note: PAYLOAD,
        sendAt: PAYLOAD,
        list: [PAYLOAD],
      },
    });
  await sealEvents(db, Buffer.alloc(32), () => world.now);
  browser = new Browser(world);
  await signIn(browser, '/sign-in', 'hanako@example.co.jp');
}, 60_000);
afterAll(() => world.close());

const inLanguage = (lang: 'ja' | 'en') => browser.request('POST', '/language', { lang, return_path: '/' });
const eventLinks = (body: string): string[] =>
  [...body.matchAll(/href="(\/operator\/audit\/\d+)"/g)].map(([, path]) => path ?? '');

/** The events of a list, on all its pages. */
async function eventsOf(search: string): Promise<Set<string>> {
  const found = new Set<string>();
  let next: string | undefined = `/operator/audit?${search}`;
  while (next !== undefined) {
    const { body }: Answer = await browser.open(next);
    for (const link of eventLinks(body)) found.add(link);
    next = /href="([^"]*[?&;]after=[^"]*)"/.exec(body)?.[1]?.replaceAll('&amp;', '&');
  }
  return found;
}

describe('R25, R27: the audit page', () => {
  it('says each event of the list in both languages, on the list and on its own page, and runs nothing of what is in it', async () => {
    const titles = { ja: new Set<string>(), en: new Set<string>() };
    for (const lang of ['ja', 'en'] as const) {
      await inLanguage(lang);
      const list = await browser.open('/operator/audit?account=taro%40example.co.jp');
      expect(list.statusCode).toBe(200);
      expect(list.body).toContain(lang === 'ja' ? '>監査</h1>' : '>Audit</h1>');
      expect(list.body).not.toContain('<script>alert');
      const links = await eventsOf('account=taro%40example.co.jp');
      expect(links.size).toBe(AUDIT_ACTIONS.length);
      for (const link of links) {
        const page = await browser.open(link);
        expect(page.statusCode).toBe(200);
        expect(page.body).not.toContain('<script>alert');
        expect(page.body).toContain('req_');
        titles[lang].add(/<h1[^>]*>(.*?)<\/h1>/s.exec(page.body)?.[1] ?? '');
        if (lang === 'en')
          expect(page.body.replaceAll(/見本[^<]*|日本語|管理画面sms/g, '')).not.toMatch(/[ぁ-んァ-ヶ]/);
      }
    }
    expect(titles.ja.size).toBe(AUDIT_ACTIONS.length);
    expect(titles.en.size).toBe(AUDIT_ACTIONS.length);
  });

  it('narrows by who, whom, event, result, console and days, and the address says all of it', async () => {
    await inLanguage('ja');
    const count = async (search: string): Promise<number> => (await eventsOf(search)).size;
    expect(await count(`account=${person}&result=refused`)).toBe(3);
    expect(await count('actor=taro%40example.co.jp')).toBe(Math.ceil(AUDIT_ACTIONS.length / 2));
    expect(await count(`account=${person}&action=plan.changed`)).toBe(1);
    expect(await count(`account=${person}&console=sms`)).toBe(Math.ceil(AUDIT_ACTIONS.length / 3));
    expect(await count(`account=${person}&from=2026-11-22&to=2026-11-22`)).toBe(AUDIT_ACTIONS.length);
    expect(await count(`account=${person}&from=2026-11-23`)).toBe(0);
    for (const nobody of ['actor=nobody%40example.co.jp', 'console=none', 'account=none'])
      expect((await browser.open(`/operator/audit?${nobody}`)).body).toContain('条件に合う記録はありません');
    const narrowed = await browser.open('/operator/audit?result=refused&console=sms&from=2026-11-01');
    expect(narrowed.body).toContain('href="/operator/audit?console=sms&amp;from=2026-11-01"');
    expect((await browser.open('/operator/audit?from=2026-99-99&action=none&after=x')).statusCode).toBe(200);
    for (const id of ['none', '0', '99999999999999999999'])
      expect((await browser.open(`/operator/audit/${id}`)).statusCode).toBe(404);
  });

  it('turns its pages by the address, and saves the list for administrators, which is recorded', async () => {
    for (let i = 0; i < 60; i++)
      await recordEvent(world.database.db, { at: world.now, action: 'people.imported', actor: 'system' });
    const first = await browser.open('/operator/audit?action=people.imported');
    const next = /rel="next" href="([^"]+)"/.exec(first.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const both = [...eventLinks(first.body), ...eventLinks((await browser.open(next)).body)];
    expect(new Set(both).size).toBe(61);
    const csv = await browser.request('GET', '/operator/audit.csv?action=people.imported');
    expect(csv.body.trim().split('\r\n')).toHaveLength(62);
    expect(
      (await browser.request('GET', '/operator/audit.jsonl?action=people.imported')).body.trim().split('\n'),
    ).toHaveLength(61);
    const saved = await browser.open('/operator/audit?action=audit.exported&actor=hanako%40example.co.jp');
    expect(new Set(eventLinks(saved.body)).size).toBe(2);
  });
});
