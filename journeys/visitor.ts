import type { Browser, BrowserContext, Locator, Page } from '@playwright/test';

export type Language = 'ja' | 'en';

export type VisitorOptions = {
  language?: Language;
  /** Width of the window in CSS pixels. */
  width?: number;
  script?: boolean;
  /** Uses Tab, Enter and the letter keys only, never the mouse. */
  keyboard?: boolean;
};

const PATIENCE = 20_000;

/**
 * A person at a browser. Finds what it does by role and visible text, as a person would, and notes what no journey may see: a 5xx answer,
 * a script that fails, a policy that was broken.
 */
export class Visitor {
  readonly language: Language;
  readonly options: VisitorOptions;
  readonly context: BrowserContext;
  readonly troubles: string[] = [];
  page: Page;

  constructor(context: BrowserContext, page: Page, options: VisitorOptions) {
    this.context = context;
    this.page = page;
    this.options = options;
    this.language = options.language ?? 'ja';
    this.watch(page);
  }

  /** Opens another tab and goes on there; answers the tab that was open. */
  async newTab(): Promise<Page> {
    const before = this.page;
    this.page = await this.context.newPage();
    this.watch(this.page);
    return before;
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
  }

  /** Presses a button that leads to another page, and waits for that page. */
  async pressButton(name: string, within?: Locator): Promise<void> {
    await this.press((within ?? this.page).getByRole('button', { name, exact: true }));
  }

  /** Follows a link to another page, and waits for that page. */
  async followLink(name: string, within?: Locator): Promise<void> {
    await this.press((within ?? this.page).getByRole('link', { name, exact: true }));
  }

  /** Presses something that changes this very page. */
  async touch(target: Locator): Promise<void> {
    if (this.options.keyboard) {
      await this.moveTo(target);
      await this.page.keyboard.press('Enter');
    } else await target.click();
  }

  /** Types into the field with this label, in place of what was there. */
  async type(label: string, text: string): Promise<void> {
    const field = this.field(label);
    if (this.options.keyboard) {
      await this.moveTo(field);
      await this.page.keyboard.press('ControlOrMeta+A');
      await this.page.keyboard.press('Delete');
      await this.page.keyboard.type(text);
    } else await field.fill(text);
  }

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }

  /** The page's one heading. */
  heading(): Locator {
    return this.page.getByRole('heading', { level: 1 });
  }

  async reload(): Promise<void> {
    await this.page.reload();
  }

  async back(): Promise<void> {
    await this.page.goBack();
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  private async press(target: Locator): Promise<void> {
    await target.waitFor({ state: 'visible' });
    const loaded = this.page.waitForEvent('load');
    loaded.catch(() => undefined);
    await this.touch(target);
    await loaded;
  }

  /** Moves the focus by Tab alone, as far around the page as it takes. */
  private async moveTo(target: Locator): Promise<void> {
    await target.waitFor({ state: 'visible' });
    for (let presses = 0; presses < 120; presses += 1) {
      if (await target.evaluate(hasFocus)) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`Tab never leads to ${String(target)} on ${this.page.url()}.`);
  }

  private watch(page: Page): void {
    page.setDefaultTimeout(PATIENCE);
    page.on('response', (answer) => {
      if (answer.status() >= 500)
        this.troubles.push(`${answer.status()} from ${answer.request().method()} ${answer.url()}`);
    });
    page.on('pageerror', (error) => this.troubles.push(`a script failed on ${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy'))
        this.troubles.push(`on ${page.url()}: ${message.text()}`);
    });
  }
}

/** Runs in the page: what has the focus is this element, or the control that it labels from inside. */
function hasFocus(element: PageElement): boolean {
  const { activeElement, body } = element.ownerDocument;
  return activeElement !== null && activeElement !== body && activeElement.contains(element);
}

type PageElement = {
  ownerDocument: { activeElement: PageElement | null; body: unknown };
  contains(other: unknown): boolean;
};

let visitors = 0;

/**
 * Opens a browser of its own: no cookies, an address of its own on the network (RFC 5737), the reader's language.
 * @param split pages ask another host, and a header that the browser itself adds would need leave for that (CORS preflight): it is added on the way
 */
export async function openVisitor(
  browser: Browser,
  options: VisitorOptions,
  { split = false }: { split?: boolean } = {},
): Promise<Visitor> {
  visitors += 1;
  const address = { 'x-forwarded-for': `198.51.100.${visitors % 250}` };
  const context = await browser.newContext({
    locale: options.language === 'en' ? 'en-GB' : 'ja-JP',
    timezoneId: 'Asia/Tokyo',
    viewport: { width: options.width ?? 1280, height: 900 },
    javaScriptEnabled: options.script ?? true,
    ...(split ? {} : { extraHTTPHeaders: address }),
  });
  if (split)
    await context.route(
      () => true,
      (route) => route.continue({ headers: { ...route.request().headers(), ...address } }),
    );
  return new Visitor(context, await context.newPage(), options);
}
