import { expect, test } from 'vitest';
import { toShiftJis } from './shift-jis.ts';

test('R20: what is written in Shift_JIS reads as it was, with ㈱, ①, 髙, half-width kana and the wave dash', () => {
  const text = 'ID,氏名\r\n1,㈱見本商事 髙橋 ① ｶﾅ ～ 表示ソース\\~';
  expect(new TextDecoder('shift_jis', { fatal: true }).decode(toShiftJis(text))).toBe(text);
  expect(toShiftJis('髙').toString('hex')).toBe('fbfc');
  expect(new TextDecoder('shift_jis').decode(toShiftJis('〜−😀한'))).toBe('～－〓〓');
});
