import {
  Button,
  DefinitionList,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  List,
  Literal,
  Name,
  Notice,
  Panel,
  Text,
  TextArea,
  TextField,
} from '@hitokagi/design-system';
import type { MergePreview, MergeRefusal, MergingAccount } from '#domain/merge/foresee.ts';
import type { AccountRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { withQuery } from '../../addresses.ts';
import { renderOperatorPage } from '../../shell.tsx';
import type { Visit } from '../../visit.ts';
import { WORDS } from '../../words.ts';
import { personPath } from '../search-page.tsx';
import { texts as accountTexts } from '../text.ts';
import { texts } from './text.ts';

type Refusal = MergeRefusal | { ok: false; reason: 'reason-missing' | 'preview-outdated' | 'typed-wrong' };

export type MergeView = {
  /** The account whose page this is: it stays. */
  account: AccountRow;
  /** What was typed as the other one. */
  other: string;
  preview?: MergePreview | undefined;
  refusal?: Refusal | undefined;
  given?: { reason: string; typed: string };
  done?: boolean;
  consoleName: (clientId: string) => string;
};

export function mergePath(accountId: string): string {
  return `${personPath(accountId)}/merge`;
}

/** Three steps on one address: name the other account, see what would happen, confirm by typing its login ID. */
export function mergePage(context: WebContext, visit: Visit, view: MergeView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { account, done, preview, refusal } = view;
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'accounts',
    trail: [
      { href: '/operator/accounts', label: accountTexts[locale].title },
      { href: personPath(account.id), label: account.name === '' ? account.email_address : account.name },
    ],
    lead: t.lead,
    children: done ? (
      <Panel width="reading">
        <Notice tone="success" toneLabel={WORDS[locale].done} title={t.doneTitle} live>
          <Text>{t.doneWords(account.email_address)}</Text>
        </Notice>
        <FormActions beside>
          <LinkButton href={personPath(account.id)} kind="primary">
            {t.toPerson}
          </LinkButton>
        </FormActions>
      </Panel>
    ) : (
      <Panel width="reading">
        <Refused view={view} visit={visit} />
        {preview ? (
          <Preview preview={preview} view={view} visit={visit} />
        ) : (
          <Choice view={view} visit={visit} error={refusal && isAboutOther(refusal)} />
        )}
      </Panel>
    ),
  });
}

function Choice({ view, visit, error }: { view: MergeView; visit: Visit; error: boolean | undefined }) {
  const { locale } = visit.shell;
  const t = texts[locale];
  return (
    <Form action={mergePath(view.account.id)} method="get">
      <Facts
        account={{ ...view.account, emailAddress: view.account.email_address }}
        title={t.kept}
        visit={visit}
      />
      <TextField
        id="other"
        name="other"
        inputMode="email"
        label={t.otherLabel}
        help={t.otherHelp}
        value={view.other}
        error={error && view.refusal ? refusalWords(view.refusal, view, visit) : undefined}
        autocomplete="off"
      />
      <FormActions beside>
        <Button kind="primary">{t.look}</Button>
        <LinkButton href={personPath(view.account.id)} kind="secondary">
          {t.back}
        </LinkButton>
      </FormActions>
    </Form>
  );
}

function Preview({ preview, view, visit }: { preview: MergePreview; view: MergeView; visit: Visit }) {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { kept, absorbed, links } = preview;
  const { given, refusal } = view;
  const swapped = withQuery(mergePath(absorbed.id), { other: kept.id });
  return (
    <>
      <Facts
        account={kept}
        title={t.kept}
        visit={visit}
        password={kept.hasPassword ? t.passwordKept : t.passwordNone}
      />
      <Facts
        account={absorbed}
        title={t.absorbed}
        visit={visit}
        password={absorbed.hasPassword ? t.passwordGone : t.passwordWasNone}
      />
      <FormActions beside>
        <LinkButton href={swapped} kind="secondary" small>
          {t.swap}
        </LinkButton>
      </FormActions>
      <Text>{links.length === 0 ? t.noLinks : t.links}</Text>
      {links.length === 0 ? null : (
        <List
          items={links.map(({ clientId, consoleUserId, active }) =>
            (active ? t.linkUser : t.linkShut)(view.consoleName(clientId), consoleUserId),
          )}
        />
      )}
      <Text>{t.happens}</Text>
      <List items={happenings(preview, visit)} />
      <Form
        action={mergePath(kept.id)}
        hidden={[
          { name: 'other', value: absorbed.id },
          { name: 'seen', value: preview.seen },
        ]}
      >
        <TextArea
          id="reason"
          name="reason"
          label={t.reason}
          help={t.reasonHelp}
          value={given?.reason}
          error={refusal?.reason === 'reason-missing' ? refusalWords(refusal, view, visit) : undefined}
          rows={3}
          maxLength={1_000}
        />
        <TextField
          id="typed"
          name="typed"
          inputMode="email"
          label={t.typed}
          help={t.typedHelp}
          value={given?.typed}
          error={refusal?.reason === 'typed-wrong' ? refusalWords(refusal, view, visit) : undefined}
          autocomplete="off"
        />
        <FormActions beside>
          <Button kind="danger">{t.button}</Button>
          <LinkButton href={personPath(kept.id)} kind="secondary">
            {t.back}
          </LinkButton>
        </FormActions>
      </Form>
    </>
  );
}

function Facts(props: {
  account: Pick<MergingAccount, 'emailAddress' | 'name' | 'company'>;
  title: string;
  visit: Visit;
  password?: string;
}) {
  const { account, title, visit, password } = props;
  const t = texts[visit.shell.locale];
  const name = [account.name, account.company].filter((one) => one !== '').join(' / ') || '–';
  return (
    <Panel title={title}>
      <DefinitionList
        items={[
          { term: t.loginId, description: <Literal>{account.emailAddress}</Literal> },
          { term: t.person, description: <Name>{name}</Name> },
          ...(password === undefined ? [] : [{ term: t.password, description: password }]),
        ]}
      />
    </Panel>
  );
}

function Refused({ view, visit }: { view: MergeView; visit: Visit }) {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { refusal } = view;
  if (!refusal) return null;
  const message = refusalWords(refusal, view, visit);
  const fieldId =
    refusal.reason === 'reason-missing' ? 'reason' : refusal.reason === 'typed-wrong' ? 'typed' : undefined;
  if (fieldId !== undefined || isAboutOther(refusal))
    return <ErrorSummary title={t.problems} errors={[{ fieldId: fieldId ?? 'other', message }]} />;
  return (
    <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.notDone} live>
      <Text>{message}</Text>
    </Notice>
  );
}

function happenings(preview: MergePreview, visit: Visit): string[] {
  const { happening: t } = texts[visit.shell.locale];
  const { absorbed, sessionsEnd, changesEnd, legacyPasswords, links } = preview;
  const number = (of: number): string => of.toLocaleString('en-US');
  return [
    t.closed(absorbed.emailAddress),
    sessionsEnd === 0 ? t.noSessions : t.sessions(number(sessionsEnd)),
    ...(links.length === 0 ? [] : [t.told, t.notices]),
    ...(changesEnd === 0 ? [] : [t.changes(number(changesEnd))]),
    ...(legacyPasswords.number === 0
      ? []
      : [(legacyPasswords.goOver ? t.legacyOver : t.legacyEnds)(number(legacyPasswords.number))]),
  ];
}

/** Whether another choice of the second account would help. */
function isAboutOther({ reason }: Refusal): boolean {
  return reason === 'same-account' || reason === 'account-unknown';
}

function refusalWords(refusal: Refusal, view: MergeView, visit: Visit): string {
  const { locale } = visit.shell;
  const t = texts[locale];
  if (refusal.reason === 'linked-twice')
    return t.linkedTwice(refusal.clientIds.map(view.consoleName).join(locale === 'ja' ? '、' : ', '));
  if (refusal.reason === 'undo-open') return t.undoOpen(japanTime(refusal.until, locale));
  return t.refusals[refusal.reason];
}
