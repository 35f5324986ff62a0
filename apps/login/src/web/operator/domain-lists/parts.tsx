import { Chip, DefinitionList, Literal, Table, Text } from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import { entryText, type DomainChanges, type DomainEntry } from '#domain/domain-lists/entries.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { consolePath } from '../addresses.ts';
import type { OperatorContent } from '../shell.tsx';
import { texts } from './text.ts';

/** Where pages about the list of a console stand. */
export function domainsPath(console: ConsoleRow): string {
  return `${consolePath(console)}/domains`;
}

/** `below`: of a page under the list. */
export function about(
  console: ConsoleRow,
  locale: Locale,
  below = false,
): Pick<OperatorContent, 'job' | 'console' | 'trail'> {
  const t = texts[locale];
  return {
    job: 'consoles',
    console,
    trail: [
      { href: '/operator/consoles', label: t.consoles },
      { href: consolePath(console), label: consoleName(console, locale) },
      ...(below ? [{ href: domainsPath(console), label: t.title }] : []),
    ],
  };
}

export function EntryTable({ entries, locale }: { entries: readonly DomainEntry[]; locale: Locale }) {
  const t = texts[locale];
  return (
    <Table
      caption={t.title}
      captionHidden
      columns={[{ label: t.domain, rowHeader: true }, { label: t.purpose }]}
      rows={entries.map((entry) => ({
        key: `${entry.purpose} ${entryText(entry)}`,
        cells: [<Literal key="domain">{entryText(entry)}</Literal>, t.purposes[entry.purpose]],
      }))}
    />
  );
}

/** What a new version has more and less. */
export function Changes({ changes, locale }: { changes: DomainChanges; locale: Locale }) {
  const t = texts[locale];
  const items = [
    ...changes.added.map((entry) => ({ entry, isNew: true })),
    ...changes.removed.map((entry) => ({ entry, isNew: false })),
  ];
  if (items.length === 0) return <Text>{t.same}</Text>;
  return (
    <DefinitionList
      items={items.map(({ entry, isNew }) => ({
        term: entryText(entry),
        description: (
          <>
            <Chip tone={isNew ? 'info' : 'neutral'} shape={isNew ? 'arrow' : 'square'}>
              {isNew ? t.added : t.removed}
            </Chip>{' '}
            {t.purposes[entry.purpose]}
          </>
        ),
      }))}
    />
  );
}
