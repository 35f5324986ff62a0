import { DefinitionList, Literal } from '@hitokagi/design-system';
import type { Directory } from '#domain/provisioning/directory-tokens.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { texts } from './text.ts';

type Fact = Parameters<typeof DefinitionList>[0]['items'][number];

/** What is done with a directory. */
export function directoryPath(id: string): string {
  return `/operator/directories/${encodeURIComponent(id)}`;
}

/** What is done with a token of a directory. */
export function tokenPath(id: string): string {
  return `/operator/directory-tokens/${encodeURIComponent(id)}`;
}

/** For whom a directory may speak, and where. */
export function DirectoryFacts({
  directory,
  locale,
  more = [],
}: {
  directory: Directory;
  locale: Locale;
  more?: readonly Fact[];
}) {
  const t = texts[locale].directories;
  const { domains, company } = directory;
  return (
    <DefinitionList
      items={[
        { term: 'ID', description: <Literal>{directory.id}</Literal> },
        { term: t.company, description: company ?? t.allPeople },
        {
          term: t.domains,
          description: domains.length === 0 ? t.allDomains : <Literal>{domains.join(', ')}</Literal>,
        },
        { term: t.ids, description: directory.consoleIds ? t.consoleIds : t.ownIds },
        ...more,
      ]}
    />
  );
}
