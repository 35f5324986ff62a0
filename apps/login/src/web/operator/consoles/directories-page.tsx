import { Chip, DefinitionList, List, Literal, Name, Panel, Table, Text } from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import type { DirectoryEntry, DirectoryToken } from '#domain/provisioning/directory-tokens.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanDate, japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { actorWords } from '../actor.ts';
import { consolePath } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { texts } from './text.ts';

type View = {
  console: ConsoleRow;
  directories: readonly DirectoryEntry[];
  actors: ReadonlyMap<string, string>;
};

/** The directories of a console, what each may do, and which of their tokens are good and were used when. */
export function directoriesPage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { locale } = visit.shell;
  const all = texts[locale];
  const t = all.directories;
  const { console, directories } = view;
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'consoles',
    console,
    trail: [
      { href: '/operator/consoles', label: all.title },
      { href: consolePath(console), label: consoleName(console, locale) },
    ],
    lead: t.lead,
    children: (
      <>
        {directories.map((one) => (
          <DirectoryPanel key={one.id} directory={one} view={view} visit={visit} />
        ))}
        <Panel width="reading">
          {directories.length === 0 ? <Text>{t.none}</Text> : null}
          <Text>{t.how}</Text>
          <List
            items={[
              `npx hitokagi directory create ${console.client_id} NAME`,
              `npx hitokagi directory token ${directories[0]?.id ?? 'DIRECTORY'}`,
              'npx hitokagi directory revoke TOKEN',
            ].map((line) => (
              <Literal key={line}>{line}</Literal>
            ))}
          />
        </Panel>
      </>
    ),
  });
}

const SHAPES = {
  'in-force': ['success', 'check'],
  expired: ['neutral', 'ring'],
  revoked: ['neutral', 'ring'],
} as const satisfies Record<DirectoryToken['state'], readonly [string, string]>;

function DirectoryPanel({ directory, view, visit }: { directory: DirectoryEntry; view: View; visit: Visit }) {
  const { locale } = visit.shell;
  const all = texts[locale];
  const t = all.directories;
  const { domains, company, tokens } = directory;
  const by = (at: Date, actor: string) =>
    all.by(japanTime(at, locale), actorWords(actor, view.actors, locale));
  return (
    <Panel title={directory.name}>
      <DefinitionList
        items={[
          { term: 'ID', description: <Literal>{directory.id}</Literal> },
          { term: t.company, description: company ?? t.allPeople },
          {
            term: t.domains,
            description: domains.length === 0 ? t.allDomains : <Literal>{domains.join(', ')}</Literal>,
          },
          { term: t.ids, description: directory.consoleIds ? t.consoleIds : t.ownIds },
          { term: t.made, description: by(directory.createdAt, directory.createdBy) },
        ]}
      />
      <Table
        caption={t.tokens(directory.name)}
        captionHidden
        columns={[
          { label: t.token, rowHeader: true },
          { label: t.state },
          { label: t.expires },
          { label: t.lastUsed },
          { label: t.made },
        ]}
        rows={tokens.map((token) => {
          const [tone, shape] = SHAPES[token.state];
          return {
            key: token.id,
            cells: [
              <Literal>{token.id}</Literal>,
              <Chip tone={tone} shape={shape}>
                {t.states[token.state]}
              </Chip>,
              <Name>{japanDate(token.expiresAt, locale)}</Name>,
              token.lastUsedAt ? japanTime(token.lastUsedAt, locale) : t.never,
              by(token.createdAt, token.createdBy),
            ],
          };
        })}
        empty={<Text>{t.noToken}</Text>}
      />
    </Panel>
  );
}
