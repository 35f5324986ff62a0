import { describe, expect, test } from 'vitest';
import { open, useBrowser } from '../gallery/page-under-test.tsx';
import { CodeField, Form } from '../index.ts';

useBrowser();

describe('the code field', () => {
  const form = (
    <Form action="/sent" method="get">
      <CodeField id="c" name="c" label="検証コード" />
    </Form>
  );

  test.each([
    ['12345678', '1234 5678'],
    ['1234 5678', '1234 5678'],
    ['1234-5678', '1234 5678'],
    ['１２３４　５６７８', '1234 5678'],
    ['検証コード: 1234 5678 (10分間使えます)', '1234 5678'],
    ['123', '123'],
    ['【22:10まで】コード 1234 5678', '1234 5678'],
    ['コード', ''],
  ])('R4: pasting %j shows %j', async (pasted, shown) => {
    await open(
      form,
      async (page) => {
        await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(pasted)})`);
        await page.focus('#c');
        await page.keyboard.press('Control+V');
        expect(await page.inputValue('#c')).toBe(shown);
        await page.keyboard.press('Control+A');
        await page.keyboard.insertText(pasted);
        expect(await page.inputValue('#c')).toBe(shown);
      },
      { permissions: ['clipboard-read', 'clipboard-write'] },
    );
  });

  test('R4: a real paste in the middle keeps the rest and puts the caret behind what was pasted', async () => {
    await open(
      form,
      async (page) => {
        await page.evaluate("navigator.clipboard.writeText('3-4 5')");
        await page.focus('#c');
        await page.keyboard.type('12678');
        for (let step = 0; step < 4; step += 1) await page.keyboard.press('ArrowLeft');
        await page.keyboard.press('Control+V');
        expect(await page.inputValue('#c')).toBe('1234 5678');
        await page.keyboard.press('Backspace');
        expect(await page.inputValue('#c')).toBe('1234 678');
      },
      { permissions: ['clipboard-read', 'clipboard-write'] },
    );
  });

  test('R4: typing groups the digits, a ninth key changes nothing, and deleting goes through the gap', async () => {
    await open(form, async (page) => {
      await page.focus('#c');
      await page.keyboard.type('12345');
      expect(await page.inputValue('#c')).toBe('1234 5');
      await page.keyboard.type('6789');
      expect(await page.inputValue('#c')).toBe('1234 5678');
      for (let step = 0; step < 8; step += 1) await page.keyboard.press('Backspace');
      expect(await page.inputValue('#c')).toBe('');
    });
  });

  test('R4: correcting a digit in the middle keeps the caret there', async () => {
    await open(form, async (page) => {
      await page.focus('#c');
      await page.keyboard.type('12945678');
      await page.keyboard.press('Home');
      for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Backspace');
      await page.keyboard.type('3');
      expect(await page.inputValue('#c')).toBe('1234 5678');
      expect(await page.evaluate("document.getElementById('c').selectionStart")).toBe(3);
    });
  });
});
