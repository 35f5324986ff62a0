import fc from 'fast-check';
import { expect, it } from 'vitest';
import { foundIn } from './secret-forms.ts';

it('V4: a secret is found in whatever clothes it stands in a text', () => {
  const text = fc.string({ unit: 'grapheme-ascii', maxLength: 30 });
  const secret = fc.string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 60 });
  fc.assert(
    fc.property(text, secret, text, (before, hidden, after) => {
      const whole = before + hidden + after;
      const clothes = [
        whole,
        JSON.stringify({ whole }),
        encodeURIComponent(whole),
        new URLSearchParams({ whole }).toString(),
        Buffer.from(whole).toString('hex'),
        Buffer.from(whole).toString('base64'),
        Buffer.from(whole).toString('base64url'),
      ];
      for (const one of clothes) expect([one, foundIn(one, hidden)]).not.toEqual([one, undefined]);
    }),
    { numRuns: 2_000 },
  );
  expect(foundIn('nothing of the kind', '12345678')).toBeUndefined();
});
