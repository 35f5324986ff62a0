import type { Gate, LoginIdChange } from '@hitokagi/console-kit';
import {
  Button,
  Columns,
  DefinitionList,
  Form,
  FormActions,
  LinkButton,
  Literal,
  Name,
  PageHead,
  Panel,
  Text,
  TextLink,
  Unseen,
} from '@hitokagi/design-system';
import { routes } from '#app/routes.ts';
import type { ConsoleSession, SessionTimeouts } from '#domain/console-sessions/find-session.ts';
import type { LoginIdNews, PastChange } from '#domain/login-id-change/login-id-change.ts';
import type { Person } from '#domain/people/people.ts';
import { mayDo } from '#domain/people/roles.ts';
import { after } from '#support/primitives/durations.ts';
import { Kept } from '#web/http/kept.tsx';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { lengthText, momentText } from '#web/http/times.ts';
import { AddressHistoryPanel, LoginIdNewsNotices } from './login-id.tsx';
import { settingsTexts } from './text.ts';

export type SettingsPageProps = {
  view: View;
  person: Person;
  session: ConsoleSession;
  timeouts: SessionTimeouts;
  gate: Gate;
  openChange: LoginIdChange | null;
  news: LoginIdNews;
  changes: readonly PastChange[];
};

/** What a person can see and change about themselves (R31). */
export function SettingsPage(props: SettingsPageProps) {
  const { view, person } = props;
  const text = settingsTexts[view.locale];
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="settings">
      <PageHead title={text.title} lead={text.lead} />
      <LoginIdNewsNotices view={view} news={props.news} />
      <ProfilePanel {...props} />
      <PasswordPanel {...props} />
      {view.brand.sendsSms ? <SendingPanel view={view} /> : null}
      {view.brand.sendsSms && mayDo(person.role, 'manage-keys') ? <ApiKeysPanel view={view} /> : null}
      <Columns>
        <SessionPanel {...props} />
        <SignOutPanel {...props} />
      </Columns>
      <AddressHistoryPanel {...props} />
    </ConsoleLayout>
  );
}

function ProfilePanel({ view, person, openChange }: SettingsPageProps) {
  const text = settingsTexts[view.locale].profile;
  return (
    <Panel title={text.title} id="profile">
      <DefinitionList
        items={[
          { term: text.company, description: <Name>{person.company}</Name> },
          { term: text.name, description: <Name>{person.name}</Name> },
          {
            term: text.emailAddress,
            description: (
              <>
                <Literal>{person.emailAddress}</Literal>
                <Text quiet>{text.emailNote}</Text>
                {openChange === null ? null : (
                  <Text>
                    {text.open[openState(openChange)](openChange.newEmailAddress)}{' '}
                    <TextLink href={routes.settingsEmailCode}>{text.follow[openState(openChange)]}</TextLink>
                  </Text>
                )}
              </>
            ),
            action: (
              <LinkButton kind="secondary" small id="change-email" href={routes.settingsEmail}>
                {text.change}
              </LinkButton>
            ),
          },
        ]}
      />
    </Panel>
  );
}

function openState({ state }: LoginIdChange): 'noted' | 'codeSent' | 'confirming' {
  return state === 'noted' ? 'noted' : state === 'confirming' ? 'confirming' : 'codeSent';
}

function PasswordPanel({ view, gate }: SettingsPageProps) {
  const text = settingsTexts[view.locale].password;
  const explained =
    gate.reset === 'console'
      ? text.legacy
      : gate.legacySignIn
        ? `${text.unified} ${text.independent}`
        : text.unified;
  return (
    <Panel title={text.title} id="password">
      <DefinitionList
        items={[
          {
            term: gate.reset === 'console' ? text.terms.legacy : text.terms.unified,
            description: explained,
            action: (
              <LinkButton kind="secondary" small id="change-password" href={routes.settingsPassword}>
                {text.change}
              </LinkButton>
            ),
          },
        ]}
      />
    </Panel>
  );
}

function SendingPanel({ view }: { view: View }) {
  const text = settingsTexts[view.locale].sending;
  return (
    <Panel title={text.title} id="sending">
      <DefinitionList
        items={[
          {
            term: text.term,
            description: text.description,
            action: (
              <LinkButton kind="secondary" small id="sending-rules" href={routes.settingsSending}>
                {text.open}
              </LinkButton>
            ),
          },
          {
            term: text.status.term,
            description: text.status.description,
            action: (
              <LinkButton kind="secondary" small id="gateways" href={routes.settingsGateways}>
                {text.status.open}
              </LinkButton>
            ),
          },
        ]}
      />
    </Panel>
  );
}

function ApiKeysPanel({ view }: { view: View }) {
  const text = settingsTexts[view.locale].apiKeys;
  return (
    <Panel title={text.title} id="api-keys">
      <DefinitionList
        items={[
          {
            term: text.term,
            description: text.description,
            action: (
              <LinkButton kind="secondary" small id="manage-api-keys" href={routes.settingsApiKeys}>
                {text.manage}
              </LinkButton>
            ),
          },
          {
            term: text.webhooks,
            description: text.webhooksWords,
            action: (
              <LinkButton kind="secondary" small id="manage-webhooks" href={routes.settingsWebhooks}>
                {text.manage}
                <Unseen>: {text.webhooks}</Unseen>
              </LinkButton>
            ),
          },
        ]}
      />
    </Panel>
  );
}

function SessionPanel({ view, session, timeouts }: SettingsPageProps) {
  const text = settingsTexts[view.locale].session;
  return (
    <Panel title={text.title} id="session">
      <DefinitionList
        items={[
          { term: text.idle, description: text.idleAfter(lengthText(timeouts.idle, view.locale)) },
          {
            term: text.absolute,
            description: text.absoluteAfter(lengthText(timeouts.absolute, view.locale)),
          },
        ]}
      />
      <Text quiet>
        {text.end(momentText(after(session.startedAt, timeouts.absolute), view.locale))}
        {session.kind === 'unified' ? ` ${text.unified}` : null}
      </Text>
    </Panel>
  );
}

function SignOutPanel({ view, session, gate }: SettingsPageProps) {
  const text = settingsTexts[view.locale].signOut;
  const everywhere = session.kind === 'unified' && gate.logout === 'by-session';
  return (
    <Panel title={text.title} id="sign-out">
      <Text>
        {everywhere ? (
          text.unified
        ) : (
          <Kept
            text={text.legacy(view.brand.texts[view.locale].name)}
            names={[view.brand.texts[view.locale].name]}
          />
        )}
      </Text>
      <Form action={routes.logout} hidden={[csrfField(view)]}>
        <FormActions beside>
          <Button kind="secondary">{text.button}</Button>
        </FormActions>
      </Form>
    </Panel>
  );
}
