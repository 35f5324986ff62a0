import {
  Button,
  Chip,
  Columns,
  Filters,
  Form,
  FormActions,
  Literal,
  Name,
  Notice,
  Pager,
  Panel,
  SelectField,
  Table,
  Text,
  TextField,
  TextLink,
} from '@hitokagi/design-system';
import { causeOf } from '#domain/notices/cause.ts';
import type { NoticeProgress } from '#domain/notices/progress.ts';
import { RECIPIENT_FILTERS, type Recipient, type RecipientFilter } from '#domain/notices/recipients.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { personPath } from '../accounts/search-page.tsx';
import { actorWords } from '../actor.ts';
import { noticePath, withQuery } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { noticeName, VerdictChip } from './marks.tsx';
import { texts } from './text.ts';

type View = {
  notice: NoticeProgress;
  console: ConsoleRow;
  people: readonly Recipient[];
  state: RecipientFilter | undefined;
  search: string | undefined;
  next: string | null;
  isFirst: boolean;
  actors: ReadonlyMap<string, string>;
  /** Whom somebody has just settled here. */
  settled: Recipient | undefined;
};

/** What became of a notice for each person; result, search and page stand in the address. */
export function peoplePage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { notice, console, people, state, search, next, settled } = view;
  const path = noticePath(notice.id);
  const inForce = { state, q: search };
  const at = (wanted: Readonly<Record<string, string | undefined>>) => withQuery(`${path}/people`, wanted);
  const chip = (label: string, removeHref: string) => ({ label, removeHref, removeLabel: t.remove(label) });
  return renderOperatorPage(context, visit, {
    title: t.peopleTitle,
    job: 'notices',
    console,
    trail: [
      { href: '/operator/notices', label: t.title },
      { href: path, label: noticeName(notice, locale) },
    ],
    children: (
      <>
        {settled ? (
          <Notice tone="success" toneLabel={WORDS[locale].done} title={t.settledDone} live>
            <Text>
              <Name>{settled.name === '' ? settled.emailAddress : settled.name}</Name>{' '}
              {settled.settlement ? t.settlements[settled.settlement] : null}
            </Text>
            {settled.settlement === 'new-address' ? <Text>{t.settledAgain}</Text> : null}
          </Notice>
        ) : null}
        <Panel>
          <Form action={`${path}/people`} method="get" role="search" label={t.narrow}>
            <Columns>
              <SelectField
                id="state"
                name="state"
                label={t.result}
                value={state ?? ''}
                choices={[
                  { value: '', label: t.anyResult },
                  ...RECIPIENT_FILTERS.map((one) => ({ value: one, label: t.filters[one] })),
                ]}
              />
              <TextField
                id="q"
                name="q"
                type="search"
                label={t.search}
                help={t.searchHelp}
                value={search}
                maxLength={200}
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
              ...(state ? [chip(t.filters[state], at({ q: search }))] : []),
              ...(search ? [chip(search, at({ state }))] : []),
            ]}
          />
          <Table
            caption={t.peopleTitle}
            captionHidden
            columns={[{ label: t.person, rowHeader: true }, { label: t.result }, { label: t.whatToDo }]}
            rows={people.map((one) => ({ key: one.accountId, cells: cellsOf(one, path, view, locale) }))}
            empty={
              next !== null
                ? t.moreAhead
                : state === 'unreached' && !search
                  ? t.nobodyUnreached
                  : t.nobodyHere
            }
          />
          <Pager
            label={t.pages}
            position={t.shown(people.length)}
            previous={view.isFirst ? undefined : { href: at(inForce), label: t.first }}
            next={next === null ? undefined : { href: at({ ...inForce, after: next }), label: t.next }}
          />
        </Panel>
      </>
    ),
  });
}

function cellsOf(one: Recipient, path: string, view: View, locale: Locale) {
  const t = texts[locale];
  const person = encodeURIComponent(one.accountId);
  return [
    <>
      <TextLink href={personPath(one.accountId)}>
        <Literal>{one.emailAddress}</Literal>
      </TextLink>
      {one.name === '' && one.company === '' ? null : (
        <>
          <br />
          <Name>{[one.company, one.name].filter((part) => part !== '').join(' ')}</Name>
        </>
      )}
      {one.recipient !== null && one.recipient !== one.emailAddress ? (
        <Text quiet>
          <Literal>{t.sentTo(one.recipient)}</Literal>
        </Text>
      ) : null}
    </>,
    <>
      <VerdictChip one={one} locale={locale} />
      {one.verdictAt ? <Text quiet>{japanTime(one.verdictAt, locale)}</Text> : null}
      {one.dropReason ? <Text quiet>{t.dropReasons[one.dropReason]}</Text> : null}
      {one.response !== null && one.state !== 'accepted' ? <Text quiet>{one.response}</Text> : null}
    </>,
    <ToDo one={one} href={`${path}/people/${person}/settle`} view={view} locale={locale} />,
  ];
}

function ToDo({ one, href, view, locale }: { one: Recipient; href: string; view: View; locale: Locale }) {
  const t = texts[locale];
  const cause = causeOf(one);
  if (one.settlement && one.settledAt)
    return (
      <>
        <Chip tone="success" shape="check">
          {t.settlements[one.settlement]}
        </Chip>
        <Text quiet>
          {t.settledBy(
            japanTime(one.settledAt, locale),
            actorWords(one.settledBy ?? '', view.actors, locale),
          )}
          {one.settlementNote ? (
            <>
              <br />
              <Literal>{one.settlementNote}</Literal>
            </>
          ) : null}
        </Text>
      </>
    );
  if (cause === null || view.notice.cancelledAt) return <>–</>;
  return (
    <>
      <Text quiet>{t.causes[cause]}</Text>
      <TextLink href={href}>{t.doSettle}</TextLink>
    </>
  );
}
