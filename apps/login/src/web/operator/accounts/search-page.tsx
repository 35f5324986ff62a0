import {
  Button,
  Chip,
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
import { ACCOUNT_STATES, type AccountSearch, type FoundAccount } from '#domain/search/search.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { grouped, WORDS } from '../words.ts';
import { StateChip } from './state-chip.tsx';
import { texts } from './text.ts';
import { withQuery } from '../addresses.ts';

type View = {
  text: string;
  state: AccountSearch['state'];
  accounts: readonly FoundAccount[];
  next: string | null;
  isFirst: boolean;
  /** How many people are not findable yet. */
  unsearchable: number;
  consoleName: (clientId: string) => string;
};

/** The path of one person's page. */
export function personPath(accountId: string): string {
  return `/operator/accounts/${encodeURIComponent(accountId)}`;
}

/** Finding somebody: what was typed, the state and the page stand in the address. */
export function searchPage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { text, state, accounts, next } = view;
  const isAsked = text !== '' || state !== undefined;
  const at = (wanted: { q?: string; state?: string | undefined; after?: string }) =>
    withQuery('/operator/accounts', wanted);
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'accounts',
    lead: t.lead,
    children: (
      <Panel>
        <Form action="/operator/accounts" method="get" role="search" label={t.searchLabel}>
          <TextField
            id="q"
            name="q"
            type="search"
            label={t.search}
            help={t.searchHelp}
            value={text}
            width="medium"
            autocomplete="off"
            enterKeyHint="search"
            autofocus={!isAsked}
            maxLength={200}
          />
          <SelectField
            id="state"
            name="state"
            label={t.state}
            value={state ?? ''}
            width="medium"
            choices={[
              { value: '', label: t.anyState },
              ...ACCOUNT_STATES.map((one) => ({ value: one, label: t.states[one] })),
            ]}
          />
          <FormActions beside>
            <Button kind={isAsked ? 'secondary' : 'primary'}>{t.doSearch}</Button>
          </FormActions>
        </Form>
        {view.unsearchable > 0 ? (
          <Notice tone="info" toneLabel={WORDS[locale].info}>
            <Text>{t.unsearchable(grouped(view.unsearchable))}</Text>
          </Notice>
        ) : null}
        {isAsked ? (
          <>
            <Filters
              label={t.inForce}
              filters={[
                ...(text ? [{ label: text, removeHref: at({ state }), removeLabel: t.remove(text) }] : []),
                ...(state
                  ? [
                      {
                        label: t.states[state],
                        removeHref: at({ q: text }),
                        removeLabel: t.remove(t.states[state]),
                      },
                    ]
                  : []),
              ]}
            />
            <Table
              caption={t.title}
              captionHidden
              columns={[
                { label: t.loginId, rowHeader: true },
                { label: t.person },
                { label: t.consoles },
                { label: t.state },
              ]}
              rows={accounts.map((one) => ({ key: one.accountId, cells: cellsOf(one, visit, view) }))}
              empty={<Empty text={text} visit={visit} />}
            />
            <Pager
              label={t.pages}
              position={t.shown(accounts.length)}
              previous={view.isFirst ? undefined : { href: at({ q: text, state }), label: t.first }}
              next={next === null ? undefined : { href: at({ q: text, state, after: next }), label: t.next }}
            />
          </>
        ) : (
          <Text quiet>{t.nothingAsked}</Text>
        )}
      </Panel>
    ),
  });
}

function cellsOf(one: FoundAccount, visit: Visit, view: View) {
  const { locale } = visit.shell;
  const t = texts[locale];
  return [
    <TextLink href={personPath(one.accountId)}>
      <Literal>{one.emailAddress}</Literal>
    </TextLink>,
    one.name === '' && one.company === '' ? (
      '–'
    ) : (
      <>
        <Name>{one.name}</Name>
        {one.name !== '' && one.company !== '' ? <br /> : null}
        <Name>{one.company}</Name>
      </>
    ),
    one.links.length === 0 ? (
      '–'
    ) : (
      <>
        {one.links.map((link, index) => (
          <div key={index}>
            {view.consoleName(link.clientId)} <Literal>{link.consoleUserId}</Literal>
          </div>
        ))}
      </>
    ),
    <>
      <StateChip state={one.state} locale={locale} />
      {one.hasPassword ? null : (
        <>
          {' '}
          <Chip tone="warning" shape="ring">
            {t.noPassword}
          </Chip>
        </>
      )}
    </>,
  ];
}

function Empty({ text, visit }: { text: string; visit: Visit }) {
  const t = texts[visit.shell.locale];
  return (
    <>
      <Text>{text === '' ? t.nobodyInState : t.nobody}</Text>
      {text === '' ? null : <Text quiet>{t.nobodyHelp}</Text>}
    </>
  );
}
