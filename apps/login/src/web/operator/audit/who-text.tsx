import { Literal } from '@hitokagi/design-system';

/** An address or an id as such; words as words. */
export function whoText(text: string) {
  return /[@:_]/.test(text) ? <Literal>{text}</Literal> : text;
}
