import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, type World } from '../apps/login/test/world.ts';
import { launchChromium } from '../test-support/chromium.ts';
import { freePort } from './free-port.ts';

const LINK_AT = new Date('2026-11-21T13:00:00Z');
const LABEL = '統合認証画面はこちら';

let world: World;
let site: Server;
let origin: string;
let browser: Browser;

beforeAll(async () => {
  const port = await freePort();
  world = await openWorld({
    work: false,
    now: LINK_AT,
    environment: { HITOKAGI_ISSUER: `http://localhost:${port}` },
  });
  await world.app.server.listen({ port, host: 'localhost' });
  site = createServer((request, response) => {
    response
      .setHeader('content-type', 'text/html; charset=utf-8')
      // As strict as a page can be that has the script at all.
      .setHeader('content-security-policy', `default-src 'none'; script-src ${world.config.issuer}`)
      .end(page(request.url ?? ''));
  }).listen(0, 'localhost');
  await once(site, 'listening');
  origin = `http://localhost:${(site.address() as AddressInfo).port}`;
  browser = await launchChromium();
  for (const clientId of ['early', 'soon', 'now']) {
    const id = await world.addConsole(clientId, {
      homeUrl: `${origin}/`,
      initiateLoginUri: `${origin}/auth/start`,
      redirectUris: [`${origin}/auth/callback`],
      postLogoutRedirectUris: [],
    });
    const after = { early: 2 * 60 * 60_000, soon: 700, now: 0 }[clientId] ?? 0;
    await world.database.db
      .updateTable('migration_plan')
      .set({ link_at: new Date(LINK_AT.getTime() + after) })
      .where('console_id', '=', id)
      .execute();
  }
});
afterAll(async () => {
  await browser?.close();
  site?.closeAllConnections();
  site?.close();
  await world?.close();
});

const script = (clientId: string, attributes = '') =>
  `<script src="${world.config.issuer}/consoles/${clientId}/link.js" async ${attributes}></script>`;

function page(url: string): string {
  const [, kind = '', clientId = ''] = url.split('/');
  const bodies: Record<string, string> = {
    plain: `<h1>ログイン情報を入力してください。</h1>${script(clientId)}<p id="end">以上</p>`,
    place: `<h1>ログイン</h1>${script(clientId, 'data-place="#help"')}<p id="end">以上</p><div id="help"></div>`,
    included: `<p class="hitokagi-link" lang="ja"><a href="/auth/start">${LABEL}</a></p>${script(clientId)}`,
  };
  const head = kind === 'head' ? script(clientId) : '';
  const lang = kind === 'english' ? 'en-GB' : 'ja';
  return `<!doctype html><html lang="${lang}"><head><title>x</title>${head}</head><body>${bodies[kind] ?? '<p id="end">以上</p>' + (kind === 'english' ? script(clientId) : '')}</body></html>`;
}

async function open(path: string, javaScriptEnabled = true): Promise<{ page: Page; troubles: string[] }> {
  const context = await browser.newContext({ javaScriptEnabled });
  const opened = await context.newPage();
  const troubles: string[] = [];
  opened.on('console', (message) => troubles.push(message.text()));
  opened.on('pageerror', (error) => troubles.push(String(error)));
  const loaded = javaScriptEnabled ? opened.waitForResponse(/link\.js/) : undefined;
  await opened.goto(origin + path);
  await loaded;
  return { page: opened, troubles };
}

test('R13, R33: one script tag shows the link on a page of another site, under a strict policy, in the page’s language', async () => {
  const { page, troubles } = await open('/plain/now');
  const link = page.getByRole('link', { name: LABEL });
  await link.waitFor();
  // Behind its own tag.
  expect(await page.locator('script + p.hitokagi-link + #end').count()).toBe(1);
  await link.click();
  await page.waitForURL(/auth\/start/);
  expect(new URL(page.url()).searchParams.get('iss')).toBe(world.config.issuer);
  expect(troubles).toEqual([]);
  await page.context().close();

  const english = await open('/english/now');
  const paragraph = english.page.locator('.hitokagi-link');
  await paragraph.waitFor();
  expect(await paragraph.getAttribute('lang')).toBe('en');
  expect(await paragraph.innerText()).not.toMatch(/[\p{Script=Han}]/u);
  await english.page.context().close();
});

test('R13: it goes where the page wants it, comes once, and the cookies of the login server stay at home', async () => {
  const place = await open('/place/now');
  await place.page.locator('#help .hitokagi-link a').waitFor();
  const head = await open('/head/now');
  await head.page.locator('body > .hitokagi-link').waitFor();
  const included = await open('/included/now');
  await included.page.waitForLoadState('load');
  expect(await included.page.locator('.hitokagi-link').count()).toBe(1);
  for (const { page, troubles } of [place, head, included]) {
    expect(await page.context().cookies()).toEqual([]);
    expect(troubles).toEqual([]);
    await page.context().close();
  }
});

test('R13: a page that is open at link time shows the link without being loaded anew; before the hour it knows nothing', async () => {
  const soon = await open('/plain/soon');
  expect(await soon.page.locator('.hitokagi-link').count()).toBe(0);
  await soon.page.locator('.hitokagi-link').waitFor({ timeout: 5_000 });
  const early = await open('/plain/early');
  await early.page.waitForLoadState('load');
  expect(await early.page.locator('.hitokagi-link').count()).toBe(0);
  for (const { page, troubles } of [soon, early]) {
    expect(troubles).toEqual([]);
    await page.context().close();
  }
});
