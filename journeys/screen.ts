import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './expect.ts';
import type { Visitor } from './visitor.ts';

/** A folder for pictures of every screen that is looked at; none are taken without it. */
const SHOTS = process.env.JOURNEY_SHOTS;

/**
 * What holds for every screen: one heading, the reader's language, nothing beside the window, a way on, and with `thorough` nothing for axe to find.
 * @param name of the picture, such as `j1-2-sign-in`
 */
export async function look(
  visitor: Visitor,
  name: string,
  { thorough = false }: { thorough?: boolean } = {},
): Promise<void> {
  const { page, language } = visitor;
  await expect(visitor.heading(), `${name}: one heading`).toHaveCount(1);
  await expect(visitor.heading(), `${name}: a heading to see`).toBeVisible();
  expect(await page.evaluate('document.documentElement.lang'), `${name}: language`).toBe(language);
  await expectNoSidewaysScroll(visitor, name);
  await expectWayOn(visitor, name);
  await expectOneLanguage(visitor, name);
  if (thorough) await expectAccessible(visitor, name);
  if (SHOTS) await takePictures(visitor, name);
}

/** No page is a dead end: at least one link or button that is enabled and leads on from its content. */
export async function expectWayOn(visitor: Visitor, name: string): Promise<void> {
  const main = visitor.page.getByRole('main');
  const ways = main.getByRole('link').or(main.getByRole('button', { disabled: false }));
  expect(await ways.count(), `${name}: a way on`).toBeGreaterThan(0);
}

export async function expectNoSidewaysScroll(visitor: Visitor, name: string): Promise<void> {
  const [content, window] = await visitor.page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  );
  expect(content, `${name}: wider than the window of ${window} px`).toBeLessThanOrEqual(window);
}

/** Names that stay as they are in every language: of the people of these journeys, of the language switch. */
const NAMES = /見本 花子 \d+|見本商事 株式会社|日本語|English/g;

/** All text is in the reader's language: no Japanese letters in English, no run of English words in Japanese. */
async function expectOneLanguage({ page, language }: Visitor, name: string): Promise<void> {
  const text = (await page.locator('body').innerText()).replaceAll(NAMES, '');
  const foreign =
    language === 'en'
      ? /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu
      : /[a-z]+ [a-z]+ [a-z]+/gi;
  expect(text.match(foreign) ?? [], `${name}: in the reader's language`).toEqual([]);
}

/** WCAG 2.2 AA and axe's own advice, as far as axe can tell. */
export async function expectAccessible(visitor: Visitor, name: string): Promise<void> {
  const page = visitor.options.script === false ? await copyForAxe(visitor) : visitor.page;
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  if (page !== visitor.page) await page.context().close();
  const findings = violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')})`,
  );
  expect(findings, `${name}: axe`).toEqual([]);
}

/** Where script is off axe cannot run either: it gets the same page, without the scripts that did not run, in a browser with script. */
async function copyForAxe({ page, context }: Visitor): Promise<Page> {
  const browser = context.browser();
  if (!browser) throw new Error('This context has no browser.');
  const [address, html, viewport] = [page.url(), await page.content(), page.viewportSize()];
  const copy = await (await browser.newContext({ viewport })).newPage();
  await copy.route('**/*', async (route) => {
    const request = route.request();
    if (request.resourceType() === 'script') await route.abort();
    else if (request.isNavigationRequest())
      await route.fulfill({ contentType: 'text/html; charset=utf-8', body: html });
    else await route.continue();
  });
  await copy.goto(address);
  return copy;
}

async function takePictures({ page, language, options }: Visitor, name: string): Promise<void> {
  const folder = SHOTS ?? '';
  await mkdir(folder, { recursive: true });
  const own = page.viewportSize() ?? { width: 1280, height: 900 };
  const widths = options.width === undefined ? [own.width, 360] : [own.width];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: join(folder, `${name}-${language}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize(own);
}
