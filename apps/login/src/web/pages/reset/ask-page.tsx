import {
  Button,
  ErrorSummary,
  Form,
  FormActions,
  Heading,
  Lead,
  List,
  Literal,
  Panel,
  Steps,
  Text,
  TextField,
  TextLink,
  type HiddenValue,
} from '@hitokagi/design-system';
import { formIdOf, OtherHost } from '#web/http/other-host.tsx';
import { renderPage, type Shell } from '#web/http/shell.tsx';
import { texts } from './text.ts';

const ASK_FORM = 'ask-form';

export type AskView = {
  path: string;
  signInPath: string;
  consoleName: string | undefined;
  emailAddress: string;
  hidden: readonly HiddenValue[];
  error: string | undefined;
};

/** Step 1 of R4: where to send the code. Names the sender that mail filters must let through. */
export function askPage(shell: Shell, view: AskView): string {
  const all = texts[shell.locale];
  const t = all.ask;
  return renderPage(shell, {
    title: t.title,
    consoleBadge: view.consoleName ? { label: all.badge, name: view.consoleName } : undefined,
    heading: (
      <>
        <Steps current={1} total={2} label={t.step} />
        <Heading>{t.title}</Heading>
        <Lead>{t.lead}</Lead>
        <ErrorSummary
          title={all.summary}
          errors={view.error ? [{ fieldId: 'email-address', message: view.error }] : []}
        />
      </>
    ),
    children: (
      <>
        <Form action={view.path} hidden={view.hidden} id={formIdOf(shell, ASK_FORM)}>
          <TextField
            id="email-address"
            name="email_address"
            type="email"
            label={t.address}
            help={t.addressHelp}
            value={view.emailAddress}
            autocomplete="username"
            inputMode="email"
            error={view.error}
            required
          />
          <FormActions>
            <Button wide>{t.submit}</Button>
          </FormActions>
        </Form>
        <Text>
          <TextLink href={view.signInPath}>{all.back}</TextLink>
        </Text>
        <OtherHost shell={shell} formId={ASK_FORM} />
      </>
    ),
    below: (
      <Panel title={t.mailTitle}>
        <Text>{t.mailFrom}</Text>
        <List
          items={[
            <>
              {t.mailSender}: <Literal>{shell.brand.senderAddress}</Literal>
            </>,
            <>
              {t.mailDomain}: <Literal>{shell.brand.senderAddress.split('@')[1]}</Literal>
            </>,
          ]}
        />
        <Text>{t.mailFilter}</Text>
        <Text quiet>{t.legacy}</Text>
      </Panel>
    ),
  });
}
