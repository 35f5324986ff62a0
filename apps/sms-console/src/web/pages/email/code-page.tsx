import type { SentCode } from '@hitokagi/console-kit';
import {
  Button,
  CodeField,
  Countdown,
  DefinitionList,
  ErrorSummary,
  Form,
  FormActions,
  Literal,
  PageHead,
  Panel,
  Steps,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import { routes } from '#app/routes.ts';
import type { Person } from '#domain/people/people.ts';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { momentText, secondsUntil } from '#web/http/times.ts';
import { emailTexts } from './text.ts';

export type CodeErrors = { field?: string; form?: string };

/** Step 2 of a change of the e-mail address (R18): the code of the mail. It looks the same whoever has the address already. */
export function EmailCodePage({
  view,
  person,
  newAddress,
  sent,
  now,
  errors = {},
}: {
  view: View;
  person: Person;
  newAddress: string;
  sent: SentCode;
  now: Date;
  errors?: CodeErrors;
}) {
  const all = emailTexts[view.locale];
  const text = all.code;
  const summary = [
    ...(errors.form === undefined ? [] : [{ message: errors.form }]),
    ...(errors.field === undefined ? [] : [{ fieldId: 'code', message: errors.field }]),
  ];
  return (
    <ConsoleLayout view={view} title={all.title} person={person} current="settings">
      <PageHead title={all.title} trail={[{ href: routes.settings, label: all.settings }]} />
      <Panel width="reading">
        <Steps current={2} total={2} label={all.step(2, text.step)} />
        <ErrorSummary title={all.errorTitle} errors={summary} />
        <Text>{text.sentTo}</Text>
        <DefinitionList items={[{ term: all.ask.fresh, description: <Literal>{newAddress}</Literal> }]} />
        <Form action={routes.settingsEmailCode} hidden={[csrfField(view)]}>
          <CodeField
            id="code"
            name="code"
            label={text.code}
            help={
              <>
                {text.help} {text.expires(momentText(sent.codeExpiresAt, view.locale))}
              </>
            }
            error={errors.field}
            required
          />
          <FormActions beside>
            <Button>{text.button}</Button>
          </FormActions>
        </Form>
        <Text quiet>
          {text.sentFrom} <Literal>{sent.sentFrom}</Literal>
        </Text>
        <Form action={routes.settingsEmailResend} hidden={[csrfField(view)]}>
          <Countdown
            secondsLeft={secondsUntil(sent.resendAt, now)}
            buttonId="resend"
            waiting={text.resendWaiting}
            ready={text.resendReady}
            withoutScript={text.resendAt(momentText(sent.resendAt, view.locale))}
          />
          <FormActions beside>
            <Button kind="secondary" small id="resend">
              {text.resend}
            </Button>
            <Button kind="text" small formAction={routes.settingsEmailAbandon}>
              {text.abandon}
            </Button>
          </FormActions>
        </Form>
        <Text>
          <TextLink href={routes.settingsEmail}>{text.other}</TextLink>
        </Text>
      </Panel>
    </ConsoleLayout>
  );
}
