import type { Locator } from '@playwright/test';
import { sql } from 'kysely';
import { describe } from 'vitest';
import { addOperator } from '../apps/login/src/domain/operators/operators.ts';
import { PAGE_RIGHTS } from '../apps/login/src/domain/operators/rights.ts';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { NEW_PASSWORD, signIn } from './pages.ts';
import { PAYLOADS } from './payloads.ts';
import { expectNoSidewaysScroll } from './screen.ts';
import type { Visitor } from './visitor.ts';
import type { World } from './world.ts';

/** How often each form is sent, with other texts each time. Every text in every field with HITOKAGI_FULL_CAMPAIGN. */
const SUBMISSIONS = process.env.HITOKAGI_FULL_CAMPAIGN ? 'all' : 1;
/** Addresses of one page that are opened. */
const ADDRESSES_A_PAGE = 4;

const journey = journeysIn();

describe('R25, A2: every operator page, with texts in it that would run', () => {
  journey(
    'is reached by links, answers, fits 768 and 360 px, and runs nothing of what is typed or stored',
    async (world) => {
      const visitor = await operator(world);
      await fillWithPayloads(world);
      const troubles = watch(visitor);
      const visited = new Map<string, string[]>();
      const forms = new Map<string, number>();
      const waiting = [
        ...(await peopleInNeed(world)),
        '/operator/accounts?q=mihon',
        await uploadFile(world, visitor),
        '/operator',
      ];
      for (let address = waiting.shift(); address !== undefined; address = waiting.shift()) {
        const page = pageOf(address);
        if (!page) continue;
        const seen = visited.get(page) ?? [];
        if (seen.includes(address) || seen.length >= ADDRESSES_A_PAGE) continue;
        visited.set(page, [...seen, address]);
        const answer = await visitor.page.goto(world.login.pagesUrl + address);
        expect(answer?.status(), address).toBe(200);
        await expect(visitor.heading(), address).toHaveCount(1);
        await expectNoSidewaysScroll(visitor, address);
        if (seen.length === 0) await expectFitsPhone(visitor, address);
        waiting.push(...(await linksOf(visitor)));
        if (seen.length === 0) await sendForms(world, visitor, address, forms);
        expect(troubles, address).toEqual([]);
      }
      const pages = PAGES.map(({ page }) => page).filter((page) => !page.endsWith('/preview'));
      expect(
        pages.filter((page) => !visited.has(page) && !LATER.has(page)),
        'never reached by a link',
      ).toEqual([]);
      expect(forms.size).toBeGreaterThan(10);
    },
  );
});

async function expectFitsPhone(visitor: Visitor, address: string): Promise<void> {
  const usual = visitor.page.viewportSize() ?? { width: 768, height: 1_024 };
  await visitor.page.setViewportSize({ width: 360, height: 740 });
  await expectNoSidewaysScroll(visitor, `${address} at 360 px`);
  await visitor.page.setViewportSize(usual);
}

/** Reached from what an act has made, which a journey of its own takes. */
const LATER: ReadonlySet<string> = new Set(['/operator/consoles/:clientId/end-secret']);

async function operator(world: World): Promise<Visitor> {
  const { emailAddress } = await world.addPerson({ consoles: [], password: NEW_PASSWORD });
  const by = { actor: 'operator:cli', now: world.clock.now() };
  await addOperator(world.login.database.db, { emailAddress, role: 'administrator' }, by);
  const visitor = await world.visitor({ width: 768 });
  await visitor.open(`${world.login.pagesUrl}/operator`);
  await signIn(visitor, emailAddress, NEW_PASSWORD);
  return visitor;
}

/** Payloads where people and consoles have written: names, companies, ids, browsers, answers of mail servers, notes. */
async function fillWithPayloads(world: World): Promise<void> {
  const { db } = world.login.database;
  const now = world.clock.now();
  for (let i = 0; i < 12; i += 1)
    await world.addPerson({ consoles: ['sms'], ...(i % 2 ? { password: NEW_PASSWORD } : {}) });
  const payloads = PAYLOADS.map((text) => text.replaceAll('\0', ''));
  const any = (n: number) => sql`(${payloads}::text[])[1 + (${n} + abs(hashtext(id))) % ${payloads.length}]`;
  // Words of a notice are refused while a placeholder in them is unknown, so no such text is stored.
  const words = (n: number) => sql`translate(${any(n)}, '{}', '()')`;
  await sql`update account set name = ${any(0)}, company = ${any(7)} where id not in (select account_id from operator)`.execute(
    db,
  );
  await sql`update console set name_ja = name_ja || ${any(3)}, name_en = name_en || ${any(5)}`.execute(db);
  await sql`update console_link set console_user_id = console_user_id || (${payloads}::text[])[1 + abs(hashtext(account_id)) % ${payloads.length}]`.execute(
    db,
  );
  await sql`
    insert into sso_session (uid, id_hash, account_id, payload, created_at, expires_at, client_ip, user_agent, seen_at)
    select 'past-' || id, md5(id), id, '{}', ${now}, ${now}::timestamptz + interval '8 hours', '192.0.2.1', ${any(11)}, ${now} from account
    where id not in (select account_id from operator)`.execute(db);
  await sql`
    insert into audit_event (at, action, actor, account_id, client_ip, request_id, detail)
    select ${now}, 'account.sign-in-refused', 'anonymous', id, '192.0.2.1', ${any(13)}, jsonb_build_object('reason', ${any(17)}, 'userAgent', ${any(19)}) from account`.execute(
    db,
  );
  await sql`
    insert into notice (id, console_id, kind, cut_over_at, texts, send_at, created_at, created_by)
    select 'ntc_1', id, 'announcement', ${now}::timestamptz + interval '40 days', jsonb_build_object('ja', jsonb_build_object('subject', ${words(23)}, 'body', ${words(29)})), ${now}, ${now}, 'operator:cli'
    from console where client_id = 'sms'`.execute(db);
  await sql`
    insert into notice (id, console_id, kind, cut_over_at, send_at, created_at, created_by)
    select 'ntc_2', id, 'announcement', ${now}::timestamptz + interval '40 days', ${now}::timestamptz + interval '1 day', ${now}, 'operator:cli'
    from console where client_id = 'mail'`.execute(db);
  await sql`
    insert into operator_token (id, name, role, token_hash, created_at, created_by, account_id, expires_at)
    select 'opt_1', ${payloads[0]}, 'viewer', 'x', ${now}, 'operator:cli', account_id, ${now}::timestamptz + interval '30 days' from operator`.execute(
    db,
  );
  // Another list than the configuration has, so that a new version may be published.
  await sql`
    insert into domain_list (console_id, version, entries, valid_from, made_at, made_by)
    select id, 1, jsonb_build_array(jsonb_build_object('host', ${any(71)}, 'port', 443, 'purpose', 'console')), ${now}, ${now}, 'operator:cli' from console
    on conflict do nothing`.execute(db);
  await sql`
    insert into directory (id, console_id, name, company, domains, created_at, created_by)
    select 'dir_1', id, ${any(59)}, ${any(61)}, array[${any(67)}], ${now}, 'operator:cli' from console where client_id = 'sms'`.execute(
    db,
  );
  await sql`
    insert into directory_token (id, directory_id, token_hash, created_at, created_by, expires_at)
    values ('dtk_1', 'dir_1', 'x', ${now}, 'operator:cli', ${now}::timestamptz + interval '30 days')`.execute(
    db,
  );
  await sql`
    insert into notice_recipient (notice_id, account_id, recipient, state, smtp_response, verdict_at)
    select 'ntc_1', id, email_address, 'refused', ${any(31)}, ${now} from account`.execute(db);
  await sql`
    insert into message (id, template, recipient, locale, params, account_id, state, tries, smtp_response, created_at, ended_at)
    select 'msg_' || id, 'notice', email_address, 'ja', '{"noticeId":"ntc_1"}', id, 'refused', 1, ${any(37)}, ${now}, ${now} from account`.execute(
    db,
  );
  // One that waits: of a kind that nobody knows, so that it goes on waiting.
  await sql`
    insert into message (id, template, recipient, locale, params, account_id, state, tries, smtp_response, created_at)
    select 'msg_waits', 'later-kind', email_address, 'ja', '{}', id, 'queued', 3, ${any(41)}, ${now} from account order by id limit 1`.execute(
    db,
  );
  await deliveriesGivenUp(world, any);
}

/** Of each kind some deliveries that were given up, with what the console answered. */
async function deliveriesGivenUp(
  { login, clock }: World,
  any: (n: number) => ReturnType<typeof sql>,
): Promise<void> {
  const { db } = login.database;
  const now = clock.now();
  await sql`
    insert into single_logout (id, session_uid, account_id, cause, at)
    select 'slo_' || id, 'left-' || id, id, 'operator', ${now} from account`.execute(db);
  await sql`
    insert into logout_delivery (id, single_logout_id, console_id, account_id, sid, state, tries, last_status, last_error, created_at, ended_at)
    select 'lod_' || id, 'slo_' || id, (select id from console where client_id = 'sms'), id, 'sid', 'failed', 9, 503, ${any(43)}, ${now}, ${now}
    from account`.execute(db);
  await sql`
    insert into event_stream (id, console_id, method, endpoint_url, created_at, updated_at)
    select 'str_1', id, 'push', 'http://localhost:9/events', ${now}, ${now} from console
    where client_id = 'sms' and not exists (select from event_stream s where s.console_id = console.id)`.execute(
    db,
  );
  await sql`
    insert into event_delivery (id, console_id, stream_id, account_id, type, event, state, tries, last_error, created_at, ended_at)
    select 'evd_' || a.id, s.console_id, s.id, a.id, a.what, '{}', 'failed', 9, a.answer, ${now}, ${now}
    from event_stream s join console c on c.id = s.console_id and c.client_id = 'sms' cross join (select id, ${any(47)} as what, ${any(53)} as answer from account) a`.execute(
    db,
  );
}

/** Pages of people who are stuck, each so that the page offers another remedy. */
async function peopleInNeed({ login, clock, addPerson }: World): Promise<string[]> {
  const { db } = login.database;
  const now = clock.now();
  const suspended = await addPerson({ account: 'suspended' });
  const delayed = await addPerson({ password: NEW_PASSWORD });
  const waiting = await addPerson();
  await sql`
    insert into sign_in_throttle (key, attempts, last_attempt_at, blocked_until)
    values (${`account:${delayed.emailAddress}`}, 9, ${now}, ${now}::timestamptz + interval '10 minutes')`.execute(
    db,
  );
  await sql`
    insert into verification_request (id, purpose, email_address, email_key, account_id, locale, created_at, last_sent_at)
    select 'vrq_1', 'set-password', email_address, email_key, id, 'ja', ${now}::timestamptz - interval '5 minutes', ${now}::timestamptz - interval '5 minutes'
    from account where email_key = ${waiting.emailAddress}`.execute(db);
  const addresses = [suspended, delayed, waiting].map((person) => person.emailAddress);
  const { rows } = await sql<{
    id: string;
  }>`select id from account where email_key = any(${addresses})`.execute(db);
  return rows.map(({ id }) => `/operator/accounts/${id}`);
}

/** A file whose name and cells are payloads, as far as its page, where it can be begun or cancelled. */
async function uploadFile({ login }: World, { page }: Visitor): Promise<string> {
  await page.goto(`${login.pagesUrl}/operator/imports/new`);
  const cells = PAYLOADS.map((text) => text.replaceAll(/[\0\n]/g, '').replaceAll('"', '""'));
  const rows = cells.map(
    (cell, i) =>
      `new-${i},"${cell}","${cell}",person${i}@example.co.jp${i % 3 ? '' : cell.replaceAll(',', '')}`,
  );
  await page.locator('main select').selectOption('sms');
  await page.locator('main input[type=file]').setInputFiles({
    name: `${PAYLOADS[2] ?? ''}.csv`,
    mimeType: 'text/csv',
    buffer: Buffer.from(`user id,name,company,email\n${rows.join('\n')}\n`),
  });
  await page.locator('main form button').first().click();
  await page.locator('main a[href$="/start"]').waitFor({ timeout: 60_000 });
  return new URL(page.url()).pathname;
}

/** What no page may do, whatever stands in it. */
function watch({ page, troubles }: Visitor): string[] {
  page.on('dialog', (dialog) => {
    troubles.push(`a script ran on ${page.url()}: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && !hostname.endsWith('localhost'))
      troubles.push(`${page.url()} asked ${request.url()}`);
  });
  return troubles;
}

/** The page of the table of rights that an address belongs to; undefined for files, and for what is no operator page. */
function pageOf(address: string): string | undefined {
  const { pathname } = new URL(address, 'http://localhost');
  return PAGES.find(({ pattern }) => pattern.test(pathname))?.page;
}

const PAGES = Object.keys(PAGE_RIGHTS)
  .filter((call) => call.startsWith('GET ') && !/\.(csv|jsonl)$/.test(call))
  .map((call) => call.slice('GET '.length))
  // What is named stands before what is any: /imports/new is not an import.
  .toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':')) || b.length - a.length)
  .map((page) => ({ page, pattern: new RegExp(`^${page.replaceAll(/:\w+/g, '[^/]+')}$`) }));

async function linksOf({ page }: Visitor): Promise<string[]> {
  const links = await page.evaluate<string[]>(
    "Array.from(document.querySelectorAll('a[href]'), (link) => link.href).filter((href) => href.startsWith(location.origin + '/operator'))",
  );
  return links.map((link) => new URL(link)).map(({ pathname, search }) => pathname + search);
}

/** Fills each form of the page that is open with payloads and sends it; what comes back is looked at like any page. */
async function sendForms(
  world: World,
  visitor: Visitor,
  address: string,
  sent: Map<string, number>,
): Promise<void> {
  const { page } = visitor;
  const count = await page.locator('main form').count();
  for (let n = 0; n < count; n += 1) {
    for (let round = 0; ; round += 1) {
      await page.goto(world.login.pagesUrl + address);
      const form = page.locator('main form').nth(n);
      if ((await form.count()) === 0) break;
      const fields = await form
        .locator(
          'input:not([type]), input[type=text], input[type=search], input[type=email], input[type=url], textarea',
        )
        .all();
      if (fields.length === 0) break;
      const left = await fillIn(fields, round);
      const button = form.locator('button:not([type=button])').first();
      if ((await button.count()) === 0) break;
      const answered = page.waitForEvent('load');
      await form.evaluate('(form) => (form.noValidate = true)');
      await button.click();
      await answered;
      sent.set(`${address} ${n}`, round);
      await expect(visitor.heading(), `${address}, form ${n}`).toHaveCount(1);
      await expectNoSidewaysScroll(visitor, `${address}, form ${n}`);
      if (SUBMISSIONS === 'all' ? left === 0 : round + 1 >= SUBMISSIONS) break;
    }
  }
}

/** @returns payloads that have not been in every field yet */
async function fillIn(fields: readonly Locator[], round: number): Promise<number> {
  let left = 0;
  for (const [i, field] of fields.entries()) {
    if (!(await field.isVisible()) || !(await field.isEditable())) continue;
    const longest = Number((await field.getAttribute('maxlength')) ?? 300);
    const at = (round * 37 + i * 11) % PAYLOADS.length;
    let text = '';
    for (let k = 0; k < 6; k += 1) {
      const next = text + (PAYLOADS[(at + k) % PAYLOADS.length] ?? '').replaceAll('\0', '');
      if (next.length > longest) break;
      text = next;
    }
    await field.fill(text === '' ? (PAYLOADS[at] ?? '').slice(0, longest) : text);
    left = Math.max(left, PAYLOADS.length - (round + 1) * 6);
  }
  return Math.max(0, left);
}
