import {
  BigNumber,
  Button,
  Columns,
  Form,
  FormActions,
  Literal,
  Notice,
  Pager,
  Panel,
  SelectField,
  Table,
  Text,
  TextField,
  TextLink,
} from '@hitokagi/design-system';
import type { MailEntry, MailHour, SenderHealth } from '#domain/person/mail-ledger.ts';
import type { MailStanding } from '#support/mail/standing.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { withQuery } from '../addresses.ts';
import { HoursChart } from '../hours-chart.tsx';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { grouped, shortened, WORDS } from '../words.ts';
import { FateChip, kinds, kindWords, mailPath } from './parts.tsx';
import { texts } from './text.ts';
import { FATES, type Wanted } from './wanted.ts';

export type ListView = {
  wanted: Wanted;
  entries: readonly MailEntry[];
  next: string | null;
  isFirst: boolean;
  standing: MailStanding;
  health: SenderHealth;
  hours: readonly MailHour[];
};

const PATH = '/operator/mail';

/** How mails are taken, and a list of them that is narrowed by address, kind and state. */
export function listPage(context: WebContext, visit: Visit, view: ListView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { wanted } = view;
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'mail',
    lead: t.lead,
    children: (
      <>
        <Figures view={view} locale={locale} />
        {view.health.lastDeferral === null ? null : (
          <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.lastDeferral}>
            <Text>
              <Literal>{view.health.lastDeferral}</Literal>
            </Text>
          </Notice>
        )}
        <Panel title={t.list} id="list">
          <SearchForm wanted={wanted} locale={locale} />
          <Table
            caption={t.list}
            captionHidden
            narrow="stack"
            columns={[
              { label: t.at, sorted: 'descending' },
              { label: t.kind, rowHeader: true },
              { label: t.recipient },
              { label: t.fate },
              { label: t.response },
            ]}
            rows={view.entries.map((one) => ({
              key: one.id,
              cells: [
                japanTime(one.createdAt, locale),
                <TextLink href={mailPath(one.id)}>{kindWords(one.template, locale)}</TextLink>,
                <Literal>{one.recipient}</Literal>,
                <FateChip fate={one.fate} locale={locale} />,
                shortened(one.response ?? '–'),
              ],
            }))}
            empty={t.nothing}
          />
          <Pager
            label={t.pages}
            position={t.shown(view.entries.length)}
            previous={view.isFirst ? undefined : { href: withQuery(PATH, wanted), label: t.newest }}
            next={
              view.next === null
                ? undefined
                : { href: withQuery(PATH, { ...wanted, after: view.next }), label: t.older }
            }
          />
        </Panel>
        <Panel title={t.hours}>
          <Hours hours={view.hours} locale={locale} />
        </Panel>
      </>
    ),
  });
}

function Figures({ view, locale }: { view: ListView; locale: Locale }) {
  const t = texts[locale];
  const words = WORDS[locale];
  const { standing, health } = view;
  return (
    <Columns count={2}>
      <BigNumber
        label={t.waiting}
        value={grouped(standing.waiting)}
        unit={words.mails}
        comparison={`${t.waitingMore(grouped(standing.deferred))}・${t.oldest}: ${
          standing.oldestWaitingSince ? japanTime(standing.oldestWaitingSince, locale) : t.noneWaiting
        }`}
        href={withQuery(PATH, { fate: 'waiting' })}
        linkLabel={words.list}
      />
      <BigNumber
        label={t.refusedToday}
        value={grouped(standing.refusedToday)}
        unit={words.mails}
        comparison={`${t.refusedMore}・${t.lastAccepted}: ${
          health.lastAcceptedAt ? japanTime(health.lastAcceptedAt, locale) : t.noneAccepted
        }`}
        href={withQuery(PATH, { fate: 'refused' })}
        linkLabel={words.list}
      />
    </Columns>
  );
}

function SearchForm({ wanted, locale }: { wanted: Wanted; locale: Locale }) {
  const t = texts[locale];
  const all = { value: '', label: t.all };
  return (
    <Form action={PATH} method="get" role="search" label={t.narrow}>
      <Columns>
        <TextField
          id="address"
          name="address"
          label={t.recipient}
          help={t.recipientHelp}
          value={wanted.address}
          autocomplete="off"
        />
        <SelectField
          id="template"
          name="template"
          label={t.kind}
          value={wanted.template ?? ''}
          choices={[all, ...kinds(locale).map(([value, label]) => ({ value, label }))]}
        />
        <SelectField
          id="fate"
          name="fate"
          label={t.fate}
          value={wanted.fate ?? ''}
          choices={[all, ...FATES.map((value) => ({ value, label: t.fateChoices[value] }))]}
        />
      </Columns>
      <FormActions beside>
        <Button kind="secondary">{t.show}</Button>
      </FormActions>
    </Form>
  );
}

function Hours({ hours, locale }: { hours: readonly MailHour[]; locale: Locale }) {
  const t = texts[locale];
  return (
    <HoursChart
      hours={hours.map((one) => ({ at: one.at, figures: [one.accepted, one.refused, one.dropped] }))}
      names={[t.accepted, t.refused, t.dropped]}
      words={{ ...t, caption: t.hours }}
      locale={locale}
    />
  );
}
