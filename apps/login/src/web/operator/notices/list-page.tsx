import {
  Button,
  Columns,
  Filters,
  Form,
  FormActions,
  LinkButton,
  Name,
  Pager,
  Panel,
  SelectField,
  Share,
  Table,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import { NOTICE_STATES, type NoticeProgress, type NoticeState } from '#domain/notices/progress.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { noticePath, withQuery } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { grouped, percent } from '../words.ts';
import { BOUNCES } from './bounces-page.tsx';
import { NoticeChip, noticeName } from './marks.tsx';
import { texts } from './text.ts';

type View = {
  notices: readonly NoticeProgress[];
  consoles: readonly ConsoleRow[];
  console: ConsoleRow | undefined;
  state: NoticeState | undefined;
  next: string | undefined;
  isFirst: boolean;
};

/** All notices, the newest first; console, state and page stand in the address. */
export function listPage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { notices, console, state, next } = view;
  const inForce = { console: console?.client_id, state };
  const at = (wanted: Readonly<Record<string, string | undefined>>) => withQuery('/operator/notices', wanted);
  const isNarrowed = console !== undefined || state !== undefined;
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'notices',
    console,
    lead: t.lead,
    actions: (
      <>
        {includesRole(visit.operator.role, 'support') ? (
          <LinkButton href={BOUNCES} kind="secondary">
            {t.toBounces}
          </LinkButton>
        ) : null}
        <LinkButton
          href={withQuery('/operator/notices/words', { console: console?.client_id })}
          kind="secondary"
        >
          {t.toWords}
        </LinkButton>
      </>
    ),
    children: (
      <Panel>
        <Form action="/operator/notices" method="get" role="search" label={t.narrow}>
          <Columns>
            <SelectField
              id="console"
              name="console"
              label={t.console}
              value={console?.client_id ?? ''}
              choices={[
                { value: '', label: t.allConsoles },
                ...view.consoles.map((one) => ({ value: one.client_id, label: consoleName(one, locale) })),
              ]}
            />
            <SelectField
              id="state"
              name="state"
              label={t.state}
              value={state ?? ''}
              choices={[
                { value: '', label: t.anyState },
                ...NOTICE_STATES.map((one) => ({ value: one, label: t.states[one] })),
              ]}
            />
          </Columns>
          <FormActions beside>
            <Button kind="secondary">{t.show}</Button>
          </FormActions>
        </Form>
        <Filters
          label={t.inForce}
          filters={[
            ...(console ? [chip(consoleName(console, locale), at({ state }))] : []),
            ...(state ? [chip(t.states[state], at({ console: console?.client_id }))] : []),
          ]}
        />
        <Table
          caption={t.title}
          captionHidden
          columns={[
            { label: t.notice, rowHeader: true },
            { label: t.console },
            { label: t.state },
            { label: t.sendAt },
            { label: t.progress },
            { label: t.notReached, align: 'end' },
          ]}
          rows={notices.map((one) => ({ key: one.id, cells: cellsOf(one) }))}
          empty={
            isNarrowed ? (
              t.noneMatch
            ) : (
              <>
                <Text>{t.noNotices}</Text>
                <Text quiet>{t.noNoticesHelp}</Text>
                <LinkButton href="/operator/migration" kind="secondary">
                  {t.toMigration}
                </LinkButton>
              </>
            )
          }
        />
        <Pager
          label={t.pages}
          position={t.shown(notices.length)}
          previous={view.isFirst ? undefined : { href: at(inForce), label: t.first }}
          next={next === undefined ? undefined : { href: at({ ...inForce, before: next }), label: t.next }}
        />
      </Panel>
    ),
  });

  function chip(label: string, removeHref: string) {
    return { label, removeHref, removeLabel: t.remove(label) };
  }

  function cellsOf(one: NoticeProgress) {
    const its = view.consoles.find(({ id }) => id === one.consoleId);
    const done = one.total - one.waiting - one.queued;
    return [
      <TextLink href={noticePath(one.id)}>{noticeName(one, locale)}</TextLink>,
      <Name>{its ? consoleName(its, locale) : one.clientId}</Name>,
      <NoticeChip state={one.state} locale={locale} />,
      japanTime(one.sendAt, locale),
      one.total === 0 ? (
        t.nobody
      ) : (
        <Share
          part={done}
          whole={one.total}
          label={t.doneOf(grouped(done), grouped(one.total))}
          words={`${grouped(done)} / ${grouped(one.total)} (${percent(done, one.total)})`}
        />
      ),
      t.people(grouped(one.unreached)),
    ];
  }
}
