import { LinkButton, Literal, Name, Notice, Panel, Text, FormActions } from '@hitokagi/design-system';
import { remediesOf, type Step } from '#domain/person/step.ts';
import { stepWords } from '#domain/person/step-texts.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { actTexts } from './act-text.ts';
import type { ActName } from './acts.ts';
import {
  AccountPart,
  BrowsersPart,
  ChangesPart,
  CodesPart,
  EventsPart,
  LinksPart,
  MailsPart,
} from './person-parts.tsx';
import { mergePath } from './merge/page.tsx';
import { texts as mergeTexts } from './merge/text.ts';
import { personPath } from './search-page.tsx';
import type { PersonView } from './person-view.ts';
import { StateChip } from './state-chip.tsx';
import { texts } from './text.ts';

/** One person over old and new: on top the sentence that is read on the phone, and what helps. */
export function personPage(context: WebContext, visit: Visit, view: PersonView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { facts, done } = view;
  const { account } = facts;
  return renderOperatorPage(context, visit, {
    title: account.name === '' ? account.email_address : account.name,
    job: 'accounts',
    trail: [{ href: '/operator/accounts', label: t.title }],
    lead: (
      <>
        <StateChip state={account.state} locale={locale} /> <Literal>{account.email_address}</Literal>
        {account.company === '' ? null : (
          <>
            {' / '}
            <Name>{account.company}</Name>
          </>
        )}
      </>
    ),
    children: (
      <>
        {done ? <Notice tone="success" toneLabel={WORDS[locale].done} title={t.done[done]} live /> : null}
        {view.mergedInto === undefined ? (
          <StepNotice view={view} visit={visit} />
        ) : (
          <Notice tone="info" toneLabel={WORDS[locale].info} title={mergeTexts[locale].mergedTitle}>
            <FormActions beside>
              <LinkButton href={personPath(view.mergedInto)} kind="primary" small>
                {mergeTexts[locale].mergedLink}
              </LinkButton>
            </FormActions>
          </Notice>
        )}
        <Panel title={t.remedies}>
          <Remedies view={view} visit={visit} />
        </Panel>
        <Panel title={t.linksTitle}>
          <LinksPart view={view} visit={visit} />
        </Panel>
        <Panel title={t.mails}>
          <MailsPart view={view} visit={visit} />
        </Panel>
        <Panel title={t.codes}>
          <CodesPart view={view} visit={visit} />
        </Panel>
        {facts.changes.length === 0 ? null : (
          <Panel title={t.changes}>
            <ChangesPart view={view} visit={visit} />
          </Panel>
        )}
        <Panel title={t.browsers}>
          <BrowsersPart view={view} visit={visit} />
        </Panel>
        <Panel title={t.account}>
          <AccountPart view={view} visit={visit} />
        </Panel>
        <Panel title={t.events}>
          <EventsPart view={view} visit={visit} />
        </Panel>
      </>
    ),
  });
}

function StepNotice({ view, visit }: { view: PersonView; visit: Visit }) {
  const { locale } = visit.shell;
  const words = WORDS[locale];
  const { sentence, next } = stepWords(view.step, locale, view.consoleName);
  const tone = TONES[view.step.kind];
  const toneLabel = { success: words.done, info: words.info, warning: words.pleaseNote, danger: words.error }[
    tone
  ];
  const acts = remediesOf(view.step).filter((act) => offered(view, visit).includes(act));
  const path = personPath(view.facts.account.id);
  return (
    <Notice tone={tone} toneLabel={toneLabel} title={sentence}>
      <Text>{next}</Text>
      {acts.length === 0 ? null : (
        <FormActions beside>
          {acts.map((act, index) => (
            <LinkButton key={act} href={`${path}/${act}`} kind={index === 0 ? 'primary' : 'secondary'} small>
              {actTexts[locale].acts[act].title}
            </LinkButton>
          ))}
        </FormActions>
      )}
    </Notice>
  );
}

const TONES: { readonly [K in Step['kind']]: 'success' | 'info' | 'warning' | 'danger' } = {
  closed: 'danger',
  suspended: 'danger',
  'code-mail-refused': 'danger',
  'code-mail-deferred': 'warning',
  'code-mail-waiting': 'info',
  'guesses-used-up': 'danger',
  'tries-used-up': 'warning',
  'code-sent': 'info',
  'code-expired': 'warning',
  'only-reset': 'danger',
  delayed: 'warning',
  'wrong-passwords': 'warning',
  'mail-unreachable': 'danger',
  'address-differs': 'warning',
  'no-password': 'warning',
  ready: 'success',
};

function Remedies({ view, visit }: { view: PersonView; visit: Visit }) {
  const { locale } = visit.shell;
  const t = texts[locale];
  const path = personPath(view.facts.account.id);
  const acts = offered(view, visit);
  if (acts.length === 0) return <Text quiet>{t.nothingToDo}</Text>;
  return (
    <>
      <FormActions beside>
        {acts.map((act) => (
          <LinkButton key={act} href={`${path}/${act}`} kind="secondary" small>
            {actTexts[locale].acts[act].title}
          </LinkButton>
        ))}
        {view.facts.account.state === 'active' && includesRole(visit.operator.role, 'administrator') ? (
          <LinkButton href={mergePath(view.facts.account.id)} kind="secondary" small>
            {mergeTexts[locale].title}
          </LinkButton>
        ) : null}
      </FormActions>
      {includesRole(visit.operator.role, 'administrator') ? null : <Text quiet>{t.closeHint}</Text>}
    </>
  );
}

/** What there is to do in this state by this role; whether it can be done the domain decides again. */
function offered({ facts, mergedInto }: PersonView, visit: Visit): readonly ActName[] {
  const { account, codes, delay, browsers } = facts;
  const isAdministrator = includesRole(visit.operator.role, 'administrator');
  const close: readonly ActName[] = isAdministrator && account.state !== 'closed' ? ['close'] : [];
  if (mergedInto !== undefined) return [];
  if (account.state === 'closed') return isAdministrator ? ['reinstate'] : [];
  if (account.state === 'suspended') return ['reinstate', ...close];
  return [
    'set-up-mail',
    ...(codes.last?.open ? (['send-code'] as const) : []),
    ...(delay && delay.attempts > 0 ? (['clear-delay'] as const) : []),
    'change-address',
    ...(browsers.length > 0 ? (['end-sessions'] as const) : []),
    'suspend',
    ...close,
  ];
}
