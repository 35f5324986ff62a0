import { FormActions, Heading, Lead, LinkButton, Notice, Text, TextLink } from '@hitokagi/design-system';
import { loginUrl, routes } from '#app/routes.ts';
import { Kept } from '#web/http/kept.tsx';
import { PersonLayout, type View } from '#web/http/layout.tsx';
import { signedOutTexts } from './text.ts';

/** After the console's own sign-out. With `unifiedLeft` the SSO session could not be ended: says so and where to do it. */
export function SignedOutPage({ view, unifiedLeft }: { view: View; unifiedLeft: { issuer: string } | null }) {
  const text = signedOutTexts[view.locale];
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
      {unifiedLeft === null ? null : (
        <Notice tone="warning" toneLabel={text.unifiedFailed.label} title={text.unifiedFailed.title}>
          <Text>{text.unifiedFailed.body}</Text>
          <TextLink href={unifiedLeft.issuer}>{text.unifiedFailed.link}</TextLink>
        </Notice>
      )}
      <Text>{text.shared}</Text>
      <FormActions>
        <LinkButton kind="secondary" wide href={loginUrl({ returnPath: routes.home })}>
          {text.again}
        </LinkButton>
      </FormActions>
    </PersonLayout>
  );
}
