import { describe, expect, test } from 'vitest';
import { open, useBrowser } from '../gallery/page-under-test.tsx';
import { Button, Form, PasswordField, PasswordRules } from '../index.ts';

useBrowser();

describe('the password field', () => {
  const form = (
    <Form action="/sent" method="get">
      <PasswordField
        id="p"
        name="p"
        label="パスワード"
        autocomplete="current-password"
        showLabel="表示"
        hideLabel="隠す"
      />
      <Button>送る</Button>
    </Form>
  );

  test('R2: is shown and hidden by its button, and is hidden again before it is sent', async () => {
    await open(form, async (page) => {
      await page.fill('#p', 'secret');
      await page.getByRole('button', { name: '表示 (パスワード)' }).click();
      expect(await page.getAttribute('#p', 'type')).toBe('text');
      expect(await page.inputValue('#p')).toBe('secret');
      await page.getByRole('button', { name: '隠す (パスワード)' }).click();
      expect(await page.getAttribute('#p', 'type')).toBe('password');
      await page.getByRole('button', { name: '表示 (パスワード)' }).click();
      await page.evaluate("document.forms[0].addEventListener('submit', (event) => event.preventDefault())");
      await page.getByRole('button', { name: '送る' }).click();
      expect(await page.getAttribute('#p', 'type')).toBe('password');
    });
  });

  test('R2: works without script and shows no button that would do nothing', async () => {
    await open(
      form,
      async (page) => {
        expect(await page.getByRole('button', { name: '表示 (パスワード)' }).count()).toBe(0);
        await page.fill('#p', 'x');
        await page.getByRole('button', { name: '送る' }).click();
        expect(page.url()).toContain('/sent?p=x');
      },
      { javaScriptEnabled: false },
    );
  });
});

describe('the password rules', () => {
  const form = (
    <Form action="/sent">
      <PasswordField
        id="p"
        name="p"
        label="P"
        autocomplete="new-password"
        showLabel="表示"
        hideLabel="隠す"
        describedBy="rules"
      />
      <PasswordRules
        id="rules"
        fieldId="p"
        title="決まり"
        items={[
          { id: 'length', min: 8, label: '8文字以上' },
          { id: 'lower', label: '英小文字' },
          { id: 'upper', label: '英大文字' },
          { id: 'digit', label: '数字' },
          { id: 'symbol', label: '記号' },
          { id: 'match', otherFieldId: 'q', label: '確認用と同じ' },
          { id: 'breached', label: 'よく使われるものは不可' },
        ]}
        metLabel="満たしています"
        unmetLabel="まだです"
        progress="{total}個のうち{met}個"
      />
      <PasswordField
        id="q"
        name="q"
        label="Q"
        autocomplete="new-password"
        showLabel="表示"
        hideLabel="隠す"
      />
    </Form>
  );

  test.each([
    ['', []],
    ['abc', ['lower']],
    ['Abc', ['lower', 'upper']],
    ['Abcdef1!', ['length', 'lower', 'upper', 'digit', 'symbol']],
    ['correct horse', ['length', 'lower', 'symbol']],
    ['パスワード', []],
    ['パスワードは長い。', ['length', 'symbol']],
    ['ПарольЖ٣', ['length', 'lower', 'upper', 'digit']],
    ['Ａｂ１', ['lower', 'upper', 'digit']],
    ['😀😀😀😀', ['symbol']],
    ['😀😀😀😀😀😀😀😀', ['length', 'symbol']],
  ])(
    'R5: ticks what %j meets, letters of any script, characters counted as people do',
    async (typed, met) => {
      await open(form, async (page) => {
        await page.fill('#p', typed);
        expect(
          await page
            .locator('.ui-rule-met')
            .evaluateAll((rules) => rules.map((rule) => rule.getAttribute('data-rule'))),
        ).toEqual(met);
      });
    },
  );

  test('R5: ticks the match when either of the two fields changes', async () => {
    await open(form, async (page) => {
      await page.fill('#p', 'abc');
      await page.fill('#q', 'abc');
      expect(await page.locator('[data-rule=match].ui-rule-met').count()).toBe(1);
      await page.fill('#q', 'abcd');
      expect(await page.locator('[data-rule=match].ui-rule-met').count()).toBe(0);
    });
  });

  test('R5: says each state in words and the progress after a pause', async () => {
    await open(form, async (page) => {
      await page.clock.install();
      await page.reload();
      await page.fill('#p', 'abc');
      expect(await page.locator('[data-rule=lower]').innerText()).toContain('(満たしています)');
      expect(await page.locator('[data-rule=digit]').innerText()).toContain('(まだです)');
      expect(await page.locator('[data-rule=breached]').innerText()).not.toContain('(');
      expect(await page.locator('[aria-live]').innerText()).toBe('');
      await page.clock.runFor(1000);
      expect(await page.locator('[aria-live]').innerText()).toBe('6個のうち1個');
    });
  });
});
