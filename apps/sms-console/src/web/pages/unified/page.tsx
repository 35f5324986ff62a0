import type { SignedIn } from '@hitokagi/console-kit';
import {
  DefinitionList,
  FormActions,
  Heading,
  Lead,
  LinkButton,
  List,
  Literal,
  Text,
} from '@hitokagi/design-system';
import { loginUrl, unifiedStartUrl } from '#app/routes.ts';
import { Kept } from '#web/http/kept.tsx';
import { PersonLayout, type View } from '#web/http/layout.tsx';
import { unifiedTexts } from './text.ts';

/** For an account of the unified login that has no user in this console. */
export function NotRegisteredPage({
  view,
  identity,
  issuer,
  legacyWorks,
}: {
  view: View;
  identity: Pick<SignedIn, 'emailAddress'>;
  issuer: string;
  legacyWorks: boolean;
}) {
  const all = unifiedTexts[view.locale];
  const text = all.unknown;
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
      {identity.emailAddress === null ? null : (
        <DefinitionList
          items={[{ term: text.who, description: <Literal>{identity.emailAddress}</Literal> }]}
        />
      )}
      <List
        items={[
          text.steps.other,
          <>
            {text.steps.ask} <Literal>{view.brand.support}</Literal>
          </>,
        ]}
      />
      <FormActions>
        <LinkButton wide href={issuer}>
          {all.unified}
        </LinkButton>
        {legacyWorks ? (
          <LinkButton kind="text" href={loginUrl({ returnPath: '/' })}>
            {all.legacy}
          </LinkButton>
        ) : null}
      </FormActions>
    </PersonLayout>
  );
}

/** For an account that the operators of the unified login have suspended or closed. */
export function SuspendedPage({ view }: { view: View }) {
  const text = unifiedTexts[view.locale].suspended;
  const { name } = view.brand.texts[view.locale];
  return (
    <PersonLayout
      view={view}
      title={text.title}
      heading={
        <>
          <Heading>{text.heading}</Heading>
          <Lead>
            <Kept text={text.lead(name)} names={[name]} />
          </Lead>
        </>
      }
    >
      <Text>
        {text.ask} <Literal>{view.brand.support}</Literal>
      </Text>
    </PersonLayout>
  );
}

export type SignInTrouble = 'unreachable' | 'refused' | 'interrupted' | 'broken';

/** For a unified sign-in that came to nothing; there is always a way on. */
export function SignInTroublePage({
  view,
  trouble,
  returnPath,
  requestId,
  legacyWorks,
}: {
  view: View;
  trouble: SignInTrouble;
  returnPath: string;
  requestId: string;
  legacyWorks: boolean;
}) {
  const all = unifiedTexts[view.locale];
  const text = all[trouble];
  return (
    <PersonLayout
      view={view}
      title={text.title}
      heading={
        <>
          <Heading>{text.heading}</Heading>
          <Lead>{text.lead}</Lead>
        </>
      }
    >
      {trouble === 'interrupted' ? <Text quiet>{all.interrupted.cookies}</Text> : null}
      {trouble === 'unreachable' && legacyWorks ? <Text>{all.unreachable.legacy}</Text> : null}
      <FormActions>
        <LinkButton wide href={unifiedStartUrl({ returnPath })}>
          {all.again}
        </LinkButton>
        {legacyWorks ? (
          <LinkButton kind="secondary" wide href={loginUrl({ returnPath })}>
            {all.legacy}
          </LinkButton>
        ) : null}
      </FormActions>
      <Text quiet>
        {all.number}: <Literal>{requestId}</Literal>
      </Text>
    </PersonLayout>
  );
}
