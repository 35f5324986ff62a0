import {
  Button,
  Chip,
  Columns,
  Filters,
  Form,
  FormActions,
  LinkButton,
  Literal,
  Name,
  Pager,
  Panel,
  SelectField,
  Table,
  Text,
  TextField,
  TextLink,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import {
  STATES_TO_MOVE,
  type LastSeen,
  type PeopleFilter,
  type ProgressPerson,
  type WantedPeople,
} from '#domain/migration/progress-people.ts';
import { PROGRESS_LABELS } from '#domain/migration/progress-texts.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { texts } from './text.ts';
import { movePath, withQuery } from '../addresses.ts';

type View = WantedPeople & {
  console: ConsoleRow;
  people: readonly ProgressPerson[];
  next: string | null;
  isFirst: boolean;
  /** By when people were found, where that was not just now. */
  at: Date | null;
};

/** Days without a sign-in that the form offers; the address takes any number. */
const DAYS_NOT_SEEN = [30, 90, 180, 365];

/** Who has moved and who has not: filter, search and page stand in the address, so that a link can be sent to a colleague. */
export function peoplePage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { console, state, search, seen, company, people, next } = view;
  const path = movePath(console);
  const inForce = {
    state,
    seen: seen === undefined ? undefined : seen === 'never' ? 'never' : String(seen.overDays),
    company,
    q: search,
  };
  const at = (
    wanted: { [N in keyof typeof inForce | 'after']?: string | undefined },
    file = 'people',
  ): string => withQuery(`${path}/${file}`, wanted);
  const seenLabel = (wanted: LastSeen): string =>
    wanted === 'never' ? t.neverSeen : t.notSeenFor(wanted.overDays);
  const chip = (name: keyof typeof inForce, label: string) => ({
    label,
    removeHref: at({ ...inForce, [name]: undefined }),
    removeLabel: t.remove(label),
  });
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
      <LinkButton href={at(inForce, 'people.csv')} kind="secondary">
        {t.csv}
      </LinkButton>
    ),
    children: (
      <Panel>
        <Form action={`${path}/people`} method="get" role="search" label={t.narrow}>
          <Columns>
            <SelectField
              id="state"
              name="state"
              label={t.state}
              value={state ?? ''}
              choices={[
                { value: '', label: t.everybody },
                ...filters.map((one) => ({ value: one, label: filterLabel(one, locale) })),
              ]}
            />
            <SelectField
              id="seen"
              name="seen"
              label={t.seen}
              value={inForce.seen ?? ''}
              choices={[
                { value: '', label: t.everybody },
                { value: 'never', label: t.neverSeen },
                ...[...new Set([...DAYS_NOT_SEEN, ...(seen && seen !== 'never' ? [seen.overDays] : [])])]
                  .sort((a, b) => a - b)
                  .map((days) => ({ value: String(days), label: t.notSeenFor(days) })),
              ]}
            />
            <TextField
              id="company"
              name="company"
              label={t.company}
              help={t.companyHelp}
              value={company}
              autocomplete="off"
            />
            <TextField
              id="q"
              name="q"
              type="search"
              label={t.search}
              help={t.searchHelp}
              value={search}
              autocomplete="off"
            />
          </Columns>
          <FormActions beside>
            <Button kind="secondary">{t.show}</Button>
          </FormActions>
        </Form>
        <Filters
          label={t.inForce}
          filters={[
            ...(state ? [chip('state', filterLabel(state, locale))] : []),
            ...(seen ? [chip('seen', seenLabel(seen))] : []),
            ...(company ? [chip('company', company)] : []),
            ...(search ? [chip('q', search)] : []),
          ]}
        />
        {view.at ? <Text quiet>{t.foundAt(japanTime(view.at, locale))}</Text> : null}
        <Table
          caption={t.peopleTitle}
          captionHidden
          narrow="scroll-stack"
          columns={[
            { label: t.loginId, rowHeader: true, sorted: 'ascending' },
            { label: t.person },
            { label: t.state },
            { label: t.lastSeenColumn },
            { label: t.lastLegacyColumn },
            { label: t.moved },
          ]}
          rows={people.map((one) => ({
            key: one.consoleUserId,
            cells: cellsOf(one, at({ ...inForce, company: one.company }), locale),
          }))}
          empty={t.nobody}
        />
        <Pager
          label={t.pages}
          position={t.shown(people.length)}
          previous={view.isFirst ? undefined : { href: at(inForce), label: t.first }}
          next={next === null ? undefined : { href: at({ ...inForce, after: next }), label: t.next }}
        />
      </Panel>
    ),
  });
}

function cellsOf(one: ProgressPerson, companyHref: string, locale: Locale) {
  const t = texts[locale];
  const time = (at: Date | null) => (at ? japanTime(at, locale) : '–');
  const isMoved = one.state === 'signed-in-unified';
  return [
    <Literal>{one.emailAddress}</Literal>,
    <>
      {one.name || (one.company ? '' : '–')}
      {one.name && one.company ? <br /> : ''}
      {one.company ? (
        <Name>
          <TextLink href={companyHref}>{one.company}</TextLink>
        </Name>
      ) : null}
    </>,
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
    one.lastSeenAt ? time(one.lastSeenAt) : t.neverSeen,
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
