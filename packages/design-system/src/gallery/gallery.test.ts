import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../../../../test-support/chromium.ts';
import { gallery } from './gallery.tsx';
import { serveGallery } from './server.ts';

// Each language is looked at in half of the cases; together they are all of them.
const cases = {
  ja: [
    { colorScheme: 'light', width: 320 },
    { colorScheme: 'dark', width: 1280 },
  ],
  en: [
    { colorScheme: 'dark', width: 320 },
    { colorScheme: 'light', width: 1280 },
  ],
} as const;
const widths = [320, 768, 1280];

let browser: Browser;
let server: Awaited<ReturnType<typeof serveGallery>>;

beforeAll(async () => {
  browser = await launchChromium();
  server = await serveGallery();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test.skipIf(process.env.CHROMIUM_PATH)(
  'pictures and widths are those of the packaged font, wherever the browser was unpacked first',
  async () => {
    const page = await browser.newPage();
    await page.goto(`${server.url}/sign-in.en`);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('DOM.enable');
    await devtools.send('CSS.enable');
    const { root } = await devtools.send('DOM.getDocument');
    const { nodeIds } = await devtools.send('DOM.querySelectorAll', { nodeId: root.nodeId, selector: 'p' });
    const families = new Set<string>();
    for (const nodeId of nodeIds) {
      const { fonts } = await devtools.send('CSS.getPlatformFontsForNode', { nodeId });
      for (const font of fonts) families.add(font.familyName);
    }
    expect([...families]).toEqual(['BIZ UDPGothic']);
    await page.close();
  },
);

describe.each(Object.keys(gallery))('the page %s', (name) => {
  test.each(['ja', 'en'] as const)(
    'LOOK, U: has no axe finding in light and dark, narrow and wide, and no policy report (%s)',
    async (lang) => {
      await withPage(async (page) => {
        const reports = collectReports(page);
        await page.goto(`${server.url}/${name}.${lang}`);
        for (const { colorScheme, width } of cases[lang]) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 800 });
          expect(await findings(page), `${colorScheme} ${width}`).toEqual([]);
        }
        expect(reports).toEqual([]);
      });
    },
  );

  test.each(['ja', 'en'])(
    'LOOK: fits 320, 768 and 1280 px without scrolling sideways or shifting, with targets of 44 px (%s)',
    async (lang) => {
      await withPage(async (page) => {
        for (const width of widths) {
          await page.setViewportSize({ width, height: 800 });
          await page.goto(`${server.url}/${name}.${lang}`);
          expect(await page.evaluate('document.documentElement.scrollWidth'), `${width}`).toBeLessThanOrEqual(
            width,
          );
          expect(await page.evaluate(shiftScore), `${width}`).toBe(0);
          expect(await page.evaluate(smallTargets), `${width}`).toEqual([]);
        }
        await page.evaluate("document.documentElement.style.fontSize = '200%'");
        expect(
          await page.evaluate('document.documentElement.scrollWidth'),
          'text at 200 %',
        ).toBeLessThanOrEqual(1280);
      });
    },
  );
});

test('LOOK: the aside stands beside the card from 768 px and between heading and card on a phone', async () => {
  await withPage(async (page) => {
    await page.goto(`${server.url}/sign-in.ja`);
    const box = async (selector: string) =>
      (await page.locator(selector).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.setViewportSize({ width: 768, height: 800 });
    expect((await box('.ui-person-aside')).x).toBeGreaterThan(
      (await box('.ui-person-card')).x + (await box('.ui-person-card')).width,
    );
    expect((await box('.ui-person-aside')).y).toBe((await box('.ui-person-heading')).y);
    await page.setViewportSize({ width: 767, height: 800 });
    const order = [
      await box('.ui-person-heading'),
      await box('.ui-person-aside'),
      await box('.ui-person-card'),
    ].map((one) => one.y);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect((await box('.ui-person-aside')).x).toBe((await box('.ui-person-card')).x);
  });
});

test('LOOK: the card is at most 26 rem wide', async () => {
  await withPage(async (page) => {
    await page.setViewportSize({ width: 1280, height: 800 });
    for (const name of ['sign-in', 'reset']) {
      await page.goto(`${server.url}/${name}.ja`);
      expect((await page.locator('.ui-person-card').boundingBox())?.width).toBeLessThanOrEqual(26 * 16);
    }
  });
});

test('LOOK: every control of the sign-in page is reached with the keyboard and shows a ring', async () => {
  await withPage(async (page) => {
    await page.goto(`${server.url}/sign-in.ja`);
    const reached: string[] = [];
    for (let step = 0; step < 11; step += 1) {
      await page.keyboard.press('Tab');
      const focus = await page.evaluate<{ text: string; ring: boolean }>(`(() => {
        const at = document.activeElement, style = getComputedStyle(at);
        return { text: (at.id || at.textContent).trim(), ring: style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 3 };
      })()`);
      expect(focus.ring, focus.text).toBe(true);
      reached.push(focus.text);
    }
    expect(reached).toEqual([
      '本文へ進む',
      '絶対リーチ! 統合認証',
      'English',
      'パスワードを設定する',
      'login-id',
      'password',
      '表示',
      'ログイン',
      'パスワードを忘れた方はこちら',
      'お問い合わせ',
      '個人情報の取り扱い',
    ]);
  });
});

test('LOOK: pages are readable in forced colours and on paper', async () => {
  await withPage(async (page) => {
    await page.goto(`${server.url}/sign-in.ja`);
    await page.emulateMedia({ forcedColors: 'active' });
    expect(
      await page.evaluate("getComputedStyle(document.querySelector('.ui-button-primary')).borderStyle"),
    ).toBe('solid');
    expect(
      await page.evaluate("getComputedStyle(document.querySelector('.ui-step, .ui-callout')).borderTopWidth"),
    ).not.toBe('0px');
    await page.emulateMedia({ forcedColors: 'none', media: 'print' });
    expect(await page.locator('.ui-languages').isVisible()).toBe(false);
    expect(await page.locator('h1').isVisible()).toBe(true);
  });
});

async function withPage(use: (page: Page) => Promise<void>): Promise<void> {
  const context: BrowserContext = await browser.newContext({ reducedMotion: 'reduce' });
  try {
    await use(await context.newPage());
  } finally {
    await context.close();
  }
}

async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode() // no frames of other origins here: spares a second page for each run
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(' ')}`);
}

function collectReports(page: Page): string[] {
  const reports: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') reports.push(message.text());
  });
  page.on('pageerror', (error) => reports.push(error.message));
  return reports;
}

const shiftScore = `new Promise((resolve) => {
  let score = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) score += entry.value; }).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => resolve(score), 100);
})`;

// Links inside running text and inside lists of links are excepted, as in WCAG 2.2; a box or a dot counts with its label.
const smallTargets = `[...document.querySelectorAll('.ui-button, button, summary, input:not([type=hidden]), select, textarea, nav a, .ui-brand, .ui-footer a, .ui-filter')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('.ui-unseen'))
  .map((one) => (one.matches('[type=checkbox], [type=radio]') ? one.labels[0] : one))
  .filter((one) => one.getBoundingClientRect().height < 43.9)
  .map((one) => one.outerHTML.slice(0, 100) + ' ' + one.getBoundingClientRect().height)`;
