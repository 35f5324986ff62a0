import { smpp } from '#support/smpp/smpp-library.ts';

export type TextEncoding = 'gsm7' | 'ucs2';
/** How the parts of a long text are tied together: by a reference of 8 bits (a header of 6 octets) or of 16 bits (7 octets). */
export type PartReference = '8-bit' | '16-bit';

export type TextMeasure = {
  readonly encoding: TextEncoding;
  /** Unicode code points, as people count: 𠮷 is one; an emoji of several joined ones is as many as it is made of. */
  readonly characters: number;
  /** What carriers count: septets in GSM 03.38 (two for its extension table), UTF-16 units in UCS-2 (two for 𠮷). */
  readonly units: number;
  /** Short messages that the text is sent as, and paid as; 0 for no text. */
  readonly parts: number;
  /** What fits into each of these parts: 160 or 153, 70 or 67. */
  readonly unitsPerPart: number;
  /** What still fits before another part is begun (or, in a single one, before it is cut into two). */
  readonly unitsLeftInLastPart: number;
};

const SINGLE: Readonly<Record<TextEncoding, number>> = { gsm7: 160, ucs2: 70 };
/** 140 octets less the header of 6 or 7, in septets or pairs of octets. */
const ONE_OF_MANY: Readonly<Record<PartReference, Readonly<Record<TextEncoding, number>>>> = {
  '8-bit': { gsm7: 153, ucs2: 67 },
  '16-bit': { gsm7: 152, ucs2: 66 },
};
const EXTENSION = new Set(smpp.gsmCoder.GSM.extChars);

/**
 * Measures a text as it is sent: in GSM 03.38 when its alphabet and extension table have every character, else in UCS-2
 * (3GPP TS 23.038, 23.040). A line break counts as one, however it was typed. The measure is that of an 8-bit reference.
 */
export function measureText(text: string): TextMeasure {
  const cut = cutText(text, '8-bit');
  return {
    encoding: cut.encoding,
    characters: cut.characters,
    units: cut.units,
    parts: cut.parts.length,
    unitsPerPart: cut.capacity,
    unitsLeftInLastPart: cut.capacity - cut.unitsInLast,
  };
}

/**
 * Cuts a text into the parts in which it is sent, in order; a text that fits into one is its only part, no text has none. A
 * pair of surrogates and an escaped character of GSM 03.38 stay together. Joined emoji and combining marks may be cut apart:
 * the phone puts the parts together before it draws them.
 */
export function partsOf(text: string, reference: PartReference = '8-bit'): readonly string[] {
  return cutText(text, reference).parts;
}

/** The encoding in which a text or any of its parts is sent: that of the whole text, so that parts never differ. */
export function encodingOf(text: string): TextEncoding {
  // The library's alphabet has the escape itself too, which is no character.
  return smpp.gsmCoder.GSM.charRegex.test(text) && !text.includes('\x1b') ? 'gsm7' : 'ucs2';
}

/** Line breaks as they are sent: forms give CR LF, phones want LF. */
export function lineBreaksAsSent(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

function cutText(typed: string, reference: PartReference) {
  const text = lineBreaksAsSent(typed);
  const encoding = encodingOf(text);
  const size = encoding === 'gsm7' ? septets : utf16Units;
  let characters = 0;
  let units = 0;
  for (const character of text) {
    characters += 1;
    units += size(character);
  }
  if (units <= SINGLE[encoding]) {
    const parts = text === '' ? [] : [text];
    return { encoding, characters, units, parts, capacity: SINGLE[encoding], unitsInLast: units };
  }
  const capacity = ONE_OF_MANY[reference][encoding];
  return { encoding, characters, units, capacity, ...cutAt(capacity, text, size) };
}

function cutAt(capacity: number, text: string, size: (character: string) => number) {
  const parts: string[] = [];
  let part = '';
  let unitsInLast = 0;
  for (const character of text) {
    const wanted = size(character);
    if (unitsInLast + wanted > capacity) {
      parts.push(part);
      part = '';
      unitsInLast = 0;
    }
    part += character;
    unitsInLast += wanted;
  }
  parts.push(part);
  return { parts, unitsInLast };
}

function septets(character: string): number {
  return EXTENSION.has(character) ? 2 : 1;
}

function utf16Units(character: string): number {
  return character.length;
}
