import {
  Button,
  Chip,
  Columns,
  Filters,
  Form,
  FormActions,
  LinkButton,
  Literal,
  Pager,
  Panel,
  SelectField,
  Table,
  Text,
  TextField,
  TextLink,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import { AUDIT_ACTIONS } from '#support/audit/events.ts';
import type { AuditEntry } from '#support/audit/search.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { accountText, actorText, consoleText, type People } from './people.ts';
import { whoText } from './who-text.tsx';
import { texts } from './text.ts';
import { addressOf, type Wanted } from './wanted.ts';
import { eventName, eventSentence, reasonWords } from './words.ts';

export type ListView = {
  wanted: Wanted;
  entries: readonly AuditEntry[];
  people: People;
  consoles: readonly ConsoleRow[];
  head: { number: string; text: string };
  next: string | null;
  isFirst: boolean;
  /** Whether this operator may save the list. */
  maySave: boolean;
};

/** The events that are asked for; what is asked for stands in the address, so that a link can be sent to a colleague. */
export function listPage(context: WebContext, visit: Visit, view: ListView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { wanted, entries, next } = view;
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'audit',
    lead: t.lead,
    actions: view.maySave ? (
      <>
        <LinkButton href={addressOf(wanted, '.csv')} kind="secondary">
          {t.csv}
        </LinkButton>
        <LinkButton href={addressOf(wanted, '.jsonl')} kind="secondary">
          {t.jsonl}
        </LinkButton>
      </>
    ) : undefined,
    children: (
      <>
        <Panel>
          {searchForm(view, locale)}
          <Filters label={t.inForce} filters={filtersInForce(view, locale)} />
          <Table
            caption={t.title}
            captionHidden
            narrow="stack"
            columns={[
              { label: t.at, sorted: 'descending' },
              { label: t.event, rowHeader: true },
              { label: t.actor },
              { label: t.account },
              { label: t.console },
            ]}
            rows={entries.map((one) => ({ key: one.id, cells: cellsOf(one, view, locale) }))}
            empty={t.nothing}
          />
          <Pager
            label={t.pages}
            position={t.shown(entries.length)}
            previous={view.isFirst ? undefined : { href: addressOf(wanted), label: t.newest }}
            next={next === null ? undefined : { href: addressOf({ ...wanted, after: next }), label: t.older }}
          />
        </Panel>
        <Panel title={t.headTitle} id="head">
          <Text>{t.headWords(view.head.number)}</Text>
          <Text>
            <Literal>{view.head.text}</Literal>
          </Text>
        </Panel>
      </>
    ),
  });
}

function searchForm({ wanted, consoles }: ListView, locale: Locale) {
  const t = texts[locale];
  return (
    <Form action="/operator/audit" method="get" role="search" label={t.narrow}>
      <Text>{t.whoHelp}</Text>
      <Columns count={4}>
        <TextField id="actor" name="actor" label={t.actor} value={wanted.actor} autocomplete="off" />
        <TextField id="account" name="account" label={t.account} value={wanted.account} autocomplete="off" />
        <SelectField
          id="action"
          name="action"
          label={t.event}
          value={wanted.action ?? ''}
          choices={[
            { value: '', label: t.all },
            ...AUDIT_ACTIONS.map((one) => ({ value: one, label: eventName(one, locale) })),
          ]}
        />
        <SelectField
          id="result"
          name="result"
          label={t.result}
          value={wanted.result ?? ''}
          choices={[
            { value: '', label: t.all },
            { value: 'done', label: t.results.done },
            { value: 'refused', label: t.results.refused },
          ]}
        />
        <SelectField
          id="console"
          name="console"
          label={t.console}
          value={wanted.console ?? ''}
          choices={[
            { value: '', label: t.all },
            ...consoles.map((one) => ({ value: one.client_id, label: consoleName(one, locale) })),
          ]}
        />
        <TextField id="from" name="from" type="date" label={t.from} value={wanted.from} />
        <TextField id="to" name="to" type="date" label={t.to} value={wanted.to} />
      </Columns>
      <FormActions beside>
        <Button kind="secondary">{t.show}</Button>
      </FormActions>
    </Form>
  );
}

const NOBODY: People = { accounts: new Map(), operators: new Map() };

function filtersInForce({ wanted, consoles }: ListView, locale: Locale) {
  const t = texts[locale];
  return Object.entries(wanted).map(([key, value]) => {
    const label = t.inForceWords(t.conditions[key as keyof Wanted], wordsOf(key as keyof Wanted, value));
    const { [key as keyof Wanted]: _, ...rest } = wanted;
    return { label, removeHref: addressOf(rest), removeLabel: t.remove(label) };
  });

  function wordsOf(key: keyof Wanted, value: string): string {
    if (key === 'action' && wanted.action) return eventName(wanted.action, locale);
    if (key === 'result' && wanted.result) return t.results[wanted.result];
    if (key === 'actor') return actorText(value, NOBODY, consoles, locale);
    const console = key === 'console' ? consoles.find((one) => one.client_id === value) : undefined;
    return console ? consoleName(console, locale) : value;
  }
}

function cellsOf(one: AuditEntry, { people, consoles }: ListView, locale: Locale) {
  const t = texts[locale];
  return [
    japanTime(one.at, locale),
    <>
      <TextLink href={`/operator/audit/${one.id}`}>{eventSentence(one, locale)}</TextLink>
      {one.result === 'refused' ? (
        <Chip tone="warning" shape="triangle">
          {t.results.refused}
        </Chip>
      ) : null}
      {one.reason === null ? null : <Text>{reasonWords(one.reason, locale)}</Text>}
    </>,
    <>
      {whoText(actorText(one.actor, people, consoles, locale))}
      {one.clientIp === null ? null : <Text>{one.clientIp}</Text>}
    </>,
    one.accountId === one.actor ? t.themselves : whoText(accountText(one.accountId, people)),
    consoleText(one.consoleId, consoles, locale),
  ];
}
