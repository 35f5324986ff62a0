import { Notice, Table, Text } from '@hitokagi/design-system';
import type { Imported, ImportFault, RefusedRow } from '#domain/addresses/import-file.ts';
import { texts, type Locale } from '#support/primitives/locale.ts';
import { grouped, sendingTexts } from './sending-words.tsx';

export type DoneImport = Extract<Imported, { ok: true }>;
export type FileFault = ImportFault['reason'] | 'file-missing' | 'file-too-large';

const SHOWN = 50;

/** What became of a file of numbers, with the rows that were not taken. */
export function ImportResult({ result, locale }: { result: DoneImport; locale: Locale }) {
  const text = importTexts[locale];
  const { refused } = result;
  return (
    <Notice
      tone={refused.length === 0 ? 'success' : 'warning'}
      toneLabel={refused.length === 0 ? text.done : sendingTexts[locale].pleaseNote}
      title={text.added(grouped(result.added))}
      live
    >
      {result.there === 0 ? null : <Text>{text.there(grouped(result.there))}</Text>}
      {refused.length === 0 ? null : (
        <>
          <Text>{text.refused(grouped(refused.length))}</Text>
          <Table
            caption={text.refusedRows}
            captionHidden
            columns={[
              { label: text.line, align: 'end', rowHeader: true },
              { label: text.value },
              { label: text.reason },
            ]}
            rows={refused.slice(0, SHOWN).map((one) => ({
              key: String(one.line),
              cells: [String(one.line), one.value, reasonText(one, locale)],
            }))}
          />
        </>
      )}
    </Notice>
  );
}

/** Why a file could not be taken at all. */
export function fileFaultText(fault: FileFault, locale: Locale, most: number): string {
  const text = importTexts[locale].faults;
  return fault === 'group-full' ? text['group-full'](grouped(most)) : text[fault];
}

function reasonText({ reason }: RefusedRow, locale: Locale): string {
  return reason === 'quote-broken' ? importTexts[locale].quote : sendingTexts[locale].numberFaults[reason];
}

const importTexts = texts({
  ja: {
    done: '完了',
    added: (count: string) => `${count} 件を追加しました。`,
    there: (count: string) => `${count} 件はもう入っていたため、そのままにしました。`,
    refused: (count: string) => `${count} 行は追加できませんでした。直してから、もう一度取り込んでください。`,
    refusedRows: '追加できなかった行',
    line: '行',
    value: '電話番号',
    reason: '理由',
    quote: 'この行から、引用符 (") が閉じられていません',
    faults: {
      'file-missing': 'ファイルを選んでください。',
      'file-too-large': 'ファイルが大きすぎます。5 MB までに分けてください。',
      'file-empty': 'ファイルに何も書かれていません。',
      'text-undecodable':
        'ファイルの文字を読み取れません。UTF-8 または Shift_JIS の CSV として保存してから、もう一度お試しください。',
      'number-column-missing': '電話番号の列が見つかりません。1 行目に項目名「電話番号」を書いてください。',
      'format-foreign':
        'このファイルは読み取れない形式です。表計算ソフトから CSV として保存してから、もう一度お試しください。',
      'group-full': (most: string) =>
        `1 つのグループに入れられるのは ${most} 件までです。ファイルを分けてください。何も追加していません。`,
      gone: 'このグループは削除されています。',
    },
  },
  en: {
    done: 'Done',
    added: (count: string) => `${count} entries have been added.`,
    there: (count: string) => `${count} were there already and stay as they are.`,
    refused: (count: string) =>
      `${count} rows could not be added. Please correct them and read the file again.`,
    refusedRows: 'Rows that could not be added',
    line: 'Line',
    value: 'Phone number',
    reason: 'Reason',
    quote: 'a quote (") is not closed from this row on',
    faults: {
      'file-missing': 'Please choose a file.',
      'file-too-large': 'The file is too large. Please split it into files of 5 MB at most.',
      'file-empty': 'There is nothing in the file.',
      'text-undecodable':
        'The text of the file cannot be read. Save it as CSV in UTF-8 or Shift_JIS and try again.',
      'number-column-missing':
        'There is no column of phone numbers. Write “phone number” above it in the first row.',
      'format-foreign':
        'A file of this format cannot be read. Save it as CSV in your spreadsheet program and try again.',
      'group-full': (most: string) =>
        `A group takes ${most} entries. Please split the file; nothing has been added.`,
      gone: 'This group has been deleted.',
    },
  },
});
