import { describe, expect, test } from 'vitest';
import { countPosts, open, openPage, useBrowser } from '../gallery/page-under-test.tsx';
import { Button, Countdown, ErrorSummary, Form, RefreshRegion, TextField } from '../index.ts';

useBrowser();

test('LOOK: the error summary takes the focus and its links lead into the fields', async () => {
  await open(
    <>
      <ErrorSummary
        title="入力内容をご確認ください"
        errors={[{ fieldId: 'mail', message: 'メールアドレスを入力してください。' }]}
      />
      <Form action="/sent">
        <TextField id="mail" name="mail" label="メールアドレス" error="メールアドレスを入力してください。" />
      </Form>
    </>,
    async (page) => {
      expect(await page.evaluate("document.activeElement.hasAttribute('data-ui-error-summary')")).toBe(true);
      await page.getByRole('link', { name: 'メールアドレスを入力してください。' }).click();
      expect(await page.evaluate('document.activeElement.id')).toBe('mail');
    },
  );
});

describe('the countdown', () => {
  const form = (
    <Form action="/sent">
      <Button id="again">もう一度送る</Button>
      <Countdown
        secondsLeft={60}
        buttonId="again"
        waiting="あと{seconds}秒 ({clock})"
        ready="もう一度送れます。"
        withoutScript="22:01から送れます。"
      />
    </Form>
  );

  test('R4: lets the button rest until the time is over, then says so', async () => {
    await open(form, async (page) => {
      await page.clock.install();
      const sent = countPosts(page);
      await page.reload();
      expect(await page.locator('.ui-countdown-text').innerText()).toBe('あと60秒 (1:00)');
      await page.locator('#again').click({ force: true });
      await page.clock.runFor(15_000);
      expect(await page.locator('.ui-countdown-text').innerText()).toBe('あと45秒 (0:45)');
      expect(sent.count).toBe(0);
      expect(await page.getAttribute('#again', 'aria-disabled')).toBe('true');
      await page.clock.runFor(46_000);
      expect(await page.locator('[role=status]').innerText()).toBe('もう一度送れます。');
      expect(await page.getAttribute('#again', 'aria-disabled')).toBeNull();
      await page.locator('#again').click();
      await expect.poll(() => sent.count).toBe(1);
    });
  });

  test('R4: without script it says the moment and the button works', async () => {
    await open(
      form,
      async (page) => {
        expect(await page.locator('.ui-countdown-text').innerText()).toBe('22:01から送れます。');
        await page.locator('#again').click();
        expect(page.url()).toContain('/sent');
      },
      { javaScriptEnabled: false },
    );
  });
});

test('a form is sent once, however often the button is pressed, and again after ten seconds without an answer', async () => {
  await open(
    <Form action="/sent">
      <Button>送信する</Button>
    </Form>,
    async (page) => {
      await page.clock.install();
      await page.reload();
      let posts = 0;
      await page.route('**/sent', (route) => {
        posts += 1;
        return route.fulfill({ status: 204 });
      });
      for (let press = 0; press < 3; press += 1) await page.getByRole('button').click();
      await expect.poll(() => posts).toBe(1);
      await page.clock.runFor(11_000);
      await page.getByRole('button').click();
      await expect.poll(() => posts).toBe(2);
    },
  );
});

test('R9: a region is fetched anew until the answer says that it is done, and slows down while there is none', async () => {
  let state = '連絡しています';
  let seconds: number | undefined = 5;
  const region = () => (
    <RefreshRegion id="state" url="/page" seconds={seconds}>
      {state}
    </RefreshRegion>
  );
  await openPage(
    () => region(),
    async (page) => {
      await page.clock.install();
      await page.reload();
      let fetched = 0;
      let broken = false;
      await page.route('**/page', (route) => {
        fetched += 1;
        return broken ? route.fulfill({ status: 503, body: 'busy' }) : route.fallback();
      });
      state = '1/2 完了';
      await page.clock.runFor(5100);
      await expect.poll(() => page.locator('#state').innerText()).toBe('1/2 完了');
      broken = true;
      await page.clock.runFor(5100);
      await expect.poll(() => fetched).toBe(2);
      await page.clock.runFor(5100);
      expect(fetched).toBe(2);
      await page.clock.runFor(5100);
      await expect.poll(() => fetched).toBe(3);
      broken = false;
      state = '完了';
      seconds = undefined;
      await page.clock.runFor(20_100);
      await expect.poll(() => page.locator('#state').innerText()).toBe('完了');
      const after = fetched;
      await page.clock.runFor(60_000);
      expect(fetched).toBe(after);
    },
  );
});
