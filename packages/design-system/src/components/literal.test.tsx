import { expect, it } from 'vitest';
import { Literal, renderFragment, SentenceWith } from '../index.ts';

const partsOf = (text: string): string[] =>
  renderFragment(<Literal>{text}</Literal>)
    .replace(/^<span[^>]*>|<\/span>$/g, '')
    .split('<wbr/>');

it.each([
  ['taro@example.co.jp', ['taro@example.co.jp']],
  ['taro@mihon-shoji.jp', ['taro@', 'mihon-shoji.jp']],
  [
    'mihon.hanako-eigyo@mihon-shoji.example.co.jp',
    ['mihon.', 'hanako-eigyo@', 'mihon-shoji.', 'example.', 'co.', 'jp'],
  ],
  ['2001:db8:1234::1', ['2001:', 'db8:', '1234:', ':', '1']],
  [`x-${'a'.repeat(40)}`, ['x-', 'a'.repeat(18), 'a'.repeat(18), 'aaaa']],
])('LOOK: %s breaks after @ and dots, at a hyphen only as a last resort', (text, parts) => {
  expect(partsOf(text)).toEqual(parts);
});

it('an address in a sentence stands where the sentence says, as text', () => {
  expect(renderFragment(<SentenceWith text="As {}." literal="<b>-@x" />)).toMatch(
    /^As <span class="ui-literal[^>]*>&lt;b>-@<wbr\/>x<\/span>\.$/,
  );
});
