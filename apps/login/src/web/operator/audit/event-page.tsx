import { Chip, DefinitionList, Literal, Panel, TextLink } from '@hitokagi/design-system';
import { browserName } from '#domain/sessions/browser-name.ts';
import type { AuditEntry } from '#support/audit/search.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { accountText, actorText, consoleText, type People } from './people.ts';
import { texts } from './text.ts';
import { whoText } from './who-text.tsx';
import { addressOf } from './wanted.ts';
import { eventSentence, reasonWords } from './words.ts';

/** One event with all that was recorded. */
export function eventPage(
  context: WebContext,
  visit: Visit,
  view: { entry: AuditEntry; people: People; consoles: readonly ConsoleRow[] },
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { entry, people, consoles } = view;
  const isRefused = entry.result === 'refused';
  return renderOperatorPage(context, visit, {
    title: eventSentence(entry, locale),
    job: 'audit',
    trail: [{ href: '/operator/audit', label: t.title }],
    children: (
      <>
        <Panel>
          <DefinitionList
            items={[
              { term: t.at, description: japanTime(entry.at, locale) },
              { term: t.exactly, description: entry.at.toISOString() },
              {
                term: t.result,
                description: (
                  <Chip tone={isRefused ? 'warning' : 'success'} shape={isRefused ? 'triangle' : 'check'}>
                    {t.results[entry.result]}
                  </Chip>
                ),
              },
              ...(entry.reason === null
                ? []
                : [{ term: t.reason, description: reasonWords(entry.reason, locale) }]),
              {
                term: t.actor,
                description: whoText(actorText(entry.actor, people, consoles, locale)),
                action: <TextLink href={addressOf({ actor: entry.actor })}>{t.sameActor}</TextLink>,
              },
              ...(entry.accountId === null
                ? []
                : [
                    {
                      term: t.account,
                      description: whoText(accountText(entry.accountId, people)),
                      action: (
                        <TextLink href={addressOf({ account: entry.accountId })}>{t.sameAccount}</TextLink>
                      ),
                    },
                  ]),
              ...(entry.consoleId === null
                ? []
                : [{ term: t.console, description: consoleText(entry.consoleId, consoles, locale) }]),
              ...(entry.clientIp === null ? [] : [{ term: t.place, description: entry.clientIp }]),
              ...(entry.userAgent === null
                ? []
                : [{ term: t.browser, description: browserName(entry.userAgent, locale) }]),
              ...(entry.requestId === null
                ? []
                : [{ term: t.requestId, description: <Literal>{entry.requestId}</Literal> }]),
              { term: t.name, description: <Literal>{entry.action}</Literal> },
              {
                term: t.seal,
                description: entry.batch === null ? t.unsealed : t.sealed(entry.batch, entry.id),
              },
              ...(entry.erased ? [{ term: t.erased, description: t.erasedWords }] : []),
            ]}
          />
        </Panel>
        {Object.keys(entry.detail).length === 0 && entry.userAgent === null ? null : (
          <Panel title={t.detail} id="detail">
            <DefinitionList
              items={[
                ...Object.entries(entry.detail).map(([term, value]) => ({
                  term,
                  description: <Literal>{typeof value === 'string' ? value : JSON.stringify(value)}</Literal>,
                })),
                ...(entry.userAgent === null
                  ? []
                  : [{ term: 'userAgent', description: <Literal>{entry.userAgent}</Literal> }]),
              ]}
            />
          </Panel>
        )}
      </>
    ),
  });
}
