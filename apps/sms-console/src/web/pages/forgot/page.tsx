import {
  Button,
  ErrorSummary,
  Form,
  FormActions,
  Heading,
  Lead,
  LinkButton,
  List,
  Literal,
  Text,
  TextField,
  TextLink,
} from '@hitokagi/design-system';
import { loginUrl, routes } from '#app/routes.ts';
import { RESET_LINK_LIFE } from '#domain/legacy-login/reset.ts';
import { Kept } from '#web/http/kept.tsx';
import { csrfField, PersonLayout, type View } from '#web/http/layout.tsx';
import { lengthText } from '#web/http/times.ts';
import { forgotTexts } from './text.ts';

/** Asks for the address to which the legacy reset's mail goes (before link time; R4 does it afterwards). */
export function ForgotPage({
  view,
  emailAddress,
  error,
}: {
  view: View;
  emailAddress: string;
  error?: string | undefined;
}) {
  const text = forgotTexts[view.locale];
  return (
    <PersonLayout
      view={view}
      title={text.title}
      heading={
        <>
          <Heading>{text.heading}</Heading>
          <Lead>
            <Kept
              text={text.lead(view.brand.texts[view.locale].name)}
              names={[view.brand.texts[view.locale].name]}
            />
          </Lead>
        </>
      }
    >
      <ErrorSummary
        title={text.errors.title}
        errors={error === undefined ? [] : [{ fieldId: 'email-address', message: error }]}
      />
      <Form action={routes.forgot} hidden={[csrfField(view)]}>
        <TextField
          id="email-address"
          name="email_address"
          label={text.emailAddress}
          help={text.emailHelp}
          value={emailAddress}
          inputMode="email"
          autocomplete="username"
          enterKeyHint="send"
          error={error}
          required
        />
        <Text quiet>
          {text.sender} <Literal>{view.brand.sender.address}</Literal>
        </Text>
        <FormActions>
          <Button>{text.button}</Button>
          <LinkButton kind="text" href={loginUrl({ returnPath: routes.home })}>
            {text.back}
          </LinkButton>
        </FormActions>
      </Form>
    </PersonLayout>
  );
}

/** The same for known and unknown addresses. */
export function ForgotSentPage({ view }: { view: View }) {
  const text = forgotTexts[view.locale];
  const { steps } = text.sent;
  return (
    <PersonLayout
      view={view}
      title={text.sent.title}
      heading={
        <>
          <Heading>{text.sent.heading}</Heading>
          <Lead>{text.sent.lead}</Lead>
        </>
      }
    >
      <List
        items={[
          <>
            {steps.from} <Literal>{view.brand.sender.address}</Literal>
          </>,
          steps.life(lengthText(RESET_LINK_LIFE, view.locale)),
          steps.spam,
        ]}
      />
      <FormActions>
        <LinkButton kind="secondary" wide href={loginUrl({ returnPath: routes.home })}>
          {text.back}
        </LinkButton>
      </FormActions>
      <Text>
        <TextLink href={routes.forgot}>{text.sent.again}</TextLink>
      </Text>
    </PersonLayout>
  );
}
