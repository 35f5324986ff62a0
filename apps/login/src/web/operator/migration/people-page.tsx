import {
  Button,
  Chip,
  Filters,
  Form,
  FormActions,
  LinkButton,
  Literal,
  Pager,
  Panel,
  SelectField,
  Table,
  TextField,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import { STATES_TO_MOVE, type PeopleFilter, type ProgressPerson } from '#domain/migration/progress-people.ts';
import { PROGRESS_LABELS } from '#domain/migration/progress-texts.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { texts } from './text.ts';

type View = {
  console: ConsoleRow;
  state?: PeopleFilter;
  search?: string;
  people: readonly ProgressPerson[];
  next: string | null;
  isFirst: boolean;
};

/** Who has moved and who has not: filter, search and page stand in the address, so that a link can be sent to a colleague. */
export function peoplePage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { console, state, search, people, next } = view;
  const path = `/operator/migration/${encodeURIComponent(console.client_id)}`;
  const at = (
    wanted: { state?: string | undefined; q?: string | undefined; after?: string },
    file = 'people',
  ) => {
    const given = Object.entries(wanted).filter((one): one is [string, string] => one[1] !== undefined);
    return `${path}/${file}${given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`}`;
  };
  const filters = ['not-moved', 'still-legacy', ...STATES_TO_MOVE, 'api-only', 'inactive'] as const;
  return renderOperatorPage(context, visit, {
    title: t.peopleTitle,
    job: 'migration',
    console,
    trail: [
      { href: '/operator/migration', label: t.title },
      { href: path, label: consoleName(console, locale) },
    ],
    actions: (
      <LinkButton href={at({ state, q: search }, 'people.csv')} kind="secondary">
        {t.csv}
      </LinkButton>
    ),
    children: (
      <Panel>
        <Form action={`${path}/people`} method="get" role="search" label={t.narrow}>
          <SelectField
            id="state"
            name="state"
            label={t.state}
            value={state ?? ''}
            width="medium"
            choices={[
              { value: '', label: t.everybody },
              ...filters.map((one) => ({ value: one, label: filterLabel(one, locale) })),
            ]}
          />
          <TextField
            id="q"
            name="q"
            type="search"
            label={t.search}
            help={t.searchHelp}
            value={search}
            width="medium"
            autocomplete="off"
          />
          <FormActions beside>
            <Button kind="secondary">{t.show}</Button>
          </FormActions>
        </Form>
        <Filters
          label={t.inForce}
          filters={[
            ...(state
              ? [
                  {
                    label: filterLabel(state, locale),
                    removeHref: at({ q: search }),
                    removeLabel: t.remove(filterLabel(state, locale)),
                  },
                ]
              : []),
            ...(search ? [{ label: search, removeHref: at({ state }), removeLabel: t.remove(search) }] : []),
          ]}
        />
        <Table
          caption={t.peopleTitle}
          captionHidden
          narrow="scroll"
          columns={[
            { label: t.loginId, rowHeader: true, sorted: 'ascending' },
            { label: t.person },
            { label: t.state },
            { label: t.lastLegacyColumn },
            { label: t.moved },
          ]}
          rows={people.map((one) => ({ key: one.consoleUserId, cells: cellsOf(one, locale) }))}
          empty={t.nobody}
        />
        <Pager
          label={t.pages}
          position={t.shown(people.length)}
          previous={view.isFirst ? undefined : { href: at({ state, q: search }), label: t.first }}
          next={next === null ? undefined : { href: at({ state, q: search, after: next }), label: t.next }}
        />
      </Panel>
    ),
  });
}

function cellsOf(one: ProgressPerson, locale: Locale) {
  const t = texts[locale];
  const time = (at: Date | null) => (at ? japanTime(at, locale) : '–');
  const isMoved = one.state === 'signed-in-unified';
  return [
    <Literal>{one.emailAddress}</Literal>,
    [one.name, one.company].filter((part) => part !== '').join(' / ') || '–',
    <>
      <Chip tone={isMoved ? 'success' : 'neutral'} shape={isMoved ? 'check' : 'ring'}>
        {PROGRESS_LABELS[locale].states[one.state]}
      </Chip>
      {one.mailUnreachable && one.state !== 'unreachable' ? (
        <Chip tone="warning" shape="triangle">
          {t.noMail}
        </Chip>
      ) : null}
    </>,
    time(one.lastLegacyAt),
    time(one.movedAt),
  ];
}

function filterLabel(filter: PeopleFilter, locale: Locale): string {
  const t = texts[locale];
  if (filter === 'not-moved') return t.notMoved;
  if (filter === 'still-legacy') return t.stillLegacy;
  return PROGRESS_LABELS[locale].states[filter];
}
