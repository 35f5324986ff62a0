import { DefinitionList, Phone, Text } from '@hitokagi/design-system';
import { addressesOf } from '#domain/addresses/groups.ts';
import type { DraftContent } from '#domain/drafts/drafts.ts';
import { measureText, type TextMeasure } from '#domain/message-text/message-text.ts';
import { LONGEST_TEXT } from '#domain/messages/text.ts';
import { readTypedNumbers } from '#domain/recipients/typed-numbers.ts';
import { asSent, fillIn, placeholdersIn } from '#domain/wording/wording.ts';
import type { Db } from '#support/db/database.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { grouped } from '#web/http/sending-words.tsx';
import { composeTexts } from './text.ts';

/** How a draft counts and looks, filled in for the first of its recipients who has something to fill in. */
export type Preview = {
  text: string;
  measure: TextMeasure;
  tooLong: boolean;
  placeholders: readonly string[];
  numbers: number;
};

export async function previewOf(db: Db, companyId: string, content: DraftContent): Promise<Preview> {
  const text = asSent(content.body);
  const placeholders = placeholdersIn(text);
  const typed = readTypedNumbers(content.recipients).numbers;
  const { groups, entries } =
    placeholders.length > 0
      ? await addressesOf(db, companyId, content.groupIds.slice(0, 1))
      : { groups: [], entries: [] };
  const first = entries[0];
  const filled = groups.length > 0 && first ? fillIn(text, first.fields).text : text;
  return {
    text: filled,
    measure: measureText(filled),
    tooLong: filled.length > LONGEST_TEXT,
    placeholders,
    numbers: typed.length,
  };
}

/** The figures and the phone; the script puts them in place of the old ones. */
export function PreviewParts({ locale, preview }: { locale: Locale; preview: Preview }) {
  const text = composeTexts[locale].preview;
  const { measure } = preview;
  return (
    <>
      <DefinitionList
        compact
        items={[
          { term: text.characters, description: text.charactersOf(grouped(measure.characters)) },
          {
            term: text.parts,
            description: text.partsOf(grouped(measure.parts), text.encodings[measure.encoding]),
          },
          { term: text.left, description: text.leftOf(measure.unitsLeftInLastPart) },
          { term: text.numbers, description: text.numbersOf(grouped(preview.numbers)) },
        ]}
      />
      {preview.tooLong ? <Text>{text.tooLong(LONGEST_TEXT)}</Text> : null}
      {preview.placeholders.length > 0 ? <Text quiet>{text.filled}</Text> : null}
      <Phone label={text.phone} sender={text.sender} text={preview.text} empty={text.empty} />
    </>
  );
}
