import { Chip, DefinitionList, List, Literal, Notice, Table, Text } from '@hitokagi/design-system';
import type { MasterKeyFacts } from '#domain/master-key/standing.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { CLOCK_OFF } from '#support/nodes/clock.ts';
import { grouped, WORDS } from '../words.ts';
import { clockWords } from './clock-words.ts';
import { texts } from './text.ts';

/** Which master key encrypts, what it protects, and how far a change of it has come with what to do next. */
export function MasterKey({ master, locale }: { master: MasterKeyFacts; locale: Locale }) {
  const t = texts[locale];
  return (
    <>
      {master.step === 'none' ? null : (
        <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.changing}>
          <Text>{t.steps[master.step]}</Text>
        </Notice>
      )}
      <Text>{t.masterLead}</Text>
      <DefinitionList
        items={[
          { term: t.fingerprint, description: <Literal>{master.fingerprint}</Literal> },
          ...(master.since ? [{ term: t.since, description: japanTime(master.since, locale) }] : []),
          ...(master.leaving === null
            ? []
            : [
                { term: t.leaving, description: <Literal>{master.leaving}</Literal> },
                { term: t.otherwise, description: t.texts(grouped(master.otherwise)) },
              ]),
          { term: t.protects, description: <List items={t.protected} /> },
        ]}
      />
    </>
  );
}

/** The servers that run, whether each has the master keys that it needs, and how its clock goes. */
export function Servers({ master, locale }: { master: MasterKeyFacts; locale: Locale }) {
  const t = texts[locale];
  if (master.servers.length === 0) return <Text>{t.noServers}</Text>;
  return (
    <>
      <Text>{t.serversLead}</Text>
      <Table
        caption={t.servers}
        captionHidden
        columns={[
          { label: t.server, rowHeader: true },
          { label: t.masterKeys },
          { label: t.clock },
          { label: t.started },
        ]}
        rows={master.servers.map((server) => ({
          key: server.id,
          cells: [
            <Literal>{server.name}</Literal>,
            <>
              {server.lacksKey ? (
                <Chip tone="danger" shape="cross">
                  {t.lacks}
                </Chip>
              ) : (
                <Chip tone="success" shape="check">
                  {t.has}
                </Chip>
              )}
              <Text quiet>
                <Literal>{server.masterKeys.join(' ')}</Literal>
              </Text>
            </>,
            isOff(server.clockAhead) ? (
              <Chip tone="warning" shape="triangle">
                {clockWords(server.clockAhead ?? 0, locale)}
              </Chip>
            ) : (
              t.clockRight
            ),
            japanTime(server.startedAt, locale),
          ],
        }))}
      />
    </>
  );
}

function isOff(ahead: number | null): boolean {
  return ahead !== null && Math.abs(ahead) > CLOCK_OFF;
}
