import type { Browser, BrowserContextOptions, Page } from '@playwright/test';
import type { JSX } from 'preact';
import { afterAll, beforeAll } from 'vitest';
import { assetPath } from '../assets.ts';
import { PersonPage, renderDocument } from '../index.ts';
import { launchChromium } from '../../../../test-support/chromium.ts';
import { serveGallery } from './server.ts';

let browser: Browser;
let server: Awaited<ReturnType<typeof serveGallery>>;
let rendered: () => string = () => '';

/** Starts browser and server around the tests of a file. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await launchChromium();
    server = await serveGallery(0, new Map([['/page', () => rendered()]]));
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
}

/** Opens a page with this content, in real Chromium under the strict policy. */
export function open(
  content: JSX.Element,
  use: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  return openPage(() => content, use, options);
}

/** The same for content that changes from one request to the next. */
export async function openPage(
  content: () => JSX.Element,
  use: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  rendered = () =>
    renderDocument(
      <PersonPage
        lang="ja"
        title="見本"
        brand={{ name: '見本' }}
        stylesheets={[assetPath('ui.css')]}
        scripts={[assetPath('ui.js')]}
        skipLabel="本文へ"
        heading={<h1>見本</h1>}
      >
        {content()}
      </PersonPage>,
    );
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    await page.goto(`${server.url}/page`);
    await use(page);
  } finally {
    await context.close();
  }
}

/** Counts what the page sends by POST. */
export function countPosts(page: Page): { count: number } {
  const posts = { count: 0 };
  page.on('request', (request) => {
    if (request.method() === 'POST') posts.count += 1;
  });
  return posts;
}
