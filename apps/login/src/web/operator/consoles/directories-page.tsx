import {
  Chip,
  LinkButton,
  Literal,
  Name,
  Notice,
  Panel,
  Table,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import type { DirectoryEntry, DirectoryToken } from '#domain/provisioning/directory-tokens.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanDate, japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { actorWords } from '../actor.ts';
import { consolePath } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { DirectoryFacts, directoryPath, tokenPath } from './directory-parts.tsx';
import { texts } from './text.ts';

type View = {
  console: ConsoleRow;
  directories: readonly DirectoryEntry[];
  actors: ReadonlyMap<string, string>;
  done: string | undefined;
};

/** The directories of a console, what each may do, and which of their tokens are good and were used when. */
export function directoriesPage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { locale } = visit.shell;
  const all = texts[locale];
  const t = all.directories;
  const { console, directories } = view;
  const done = view.done === 'registered' || view.done === 'revoked' ? t.done[view.done] : undefined;
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'consoles',
    console,
    trail: [
      { href: '/operator/consoles', label: all.title },
      { href: consolePath(console), label: consoleName(console, locale) },
    ],
    lead: t.lead,
    actions: <LinkButton href={`${consolePath(console)}/directories/new`}>{t.register}</LinkButton>,
    children: (
      <>
        {done ? (
          <Notice tone="success" toneLabel={WORDS[locale].done} live>
            <Text>{done}</Text>
          </Notice>
        ) : null}
        {directories.map((one) => (
          <DirectoryPanel key={one.id} directory={one} view={view} visit={visit} />
        ))}
        {directories.length === 0 ? (
          <Panel width="reading">
            <Text>{t.none}</Text>
          </Panel>
        ) : null}
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
  const { tokens } = directory;
  const by = (at: Date, actor: string) =>
    all.by(japanTime(at, locale), actorWords(actor, view.actors, locale));
  return (
    <Panel
      title={directory.name}
      action={<TextLink href={`${directoryPath(directory.id)}/token`}>{t.make}</TextLink>}
    >
      <DirectoryFacts
        directory={directory}
        locale={locale}
        more={[{ term: t.made, description: by(directory.createdAt, directory.createdBy) }]}
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
          { label: t.revoke },
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
              token.state === 'in-force' ? (
                <Name>
                  <TextLink href={`${tokenPath(token.id)}/revoke`}>{t.revoke}</TextLink>
                </Name>
              ) : (
                '–'
              ),
            ],
          };
        })}
        empty={<Text>{t.noToken}</Text>}
      />
    </Panel>
  );
}
