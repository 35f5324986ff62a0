import { numberText } from '#domain/recipients/recipient-number.ts';
import type { Message } from '#domain/messages/accept-messages.ts';
import { csvText, encodeCsv, type CsvEncoding } from '#support/csv/write.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { japanDateAndTime } from '#support/primitives/japan-time.ts';
import { campaignTexts } from '#web/pages/campaigns/text.ts';
import { reasonText } from './reason.ts';
import { messageTexts } from './text.ts';

/** The lines of a batch, with states and reasons in the reader's words and times of Japan. */
export function messageLines(messages: readonly Message[], locale: Locale): string {
  return csvText(
    messages.map((one) => [
      one.id,
      numberText(one.to),
      campaignTexts[locale].messageStates[one.state],
      one.parts ?? '',
      time(one.acceptedAt),
      time(one.sentAt),
      time(one.settledAt),
      one.fault === null ? '' : reasonText(one.fault, locale),
      one.text,
    ]),
  );
}

/** The bytes of a file of messages, a batch at a time. */
export async function* messagesFile(
  batches: AsyncIterable<readonly Message[]>,
  encoding: CsvEncoding,
  locale: Locale,
): AsyncGenerator<Buffer> {
  yield encodeCsv(csvText([messageTexts[locale].headers]), encoding, { isFirst: true });
  for await (const batch of batches)
    yield encodeCsv(messageLines(batch, locale), encoding, { isFirst: false });
}

function time(moment: Date | null): string {
  if (moment === null) return '';
  const { date, time: minutes } = japanDateAndTime(moment);
  return `${date.replaceAll('-', '/')} ${minutes}`;
}
