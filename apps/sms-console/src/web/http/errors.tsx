import { FormActions, Heading, Lead, LinkButton, Literal, Text } from '@hitokagi/design-system';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routes } from '#app/routes.ts';
import type { Person } from '#domain/people/people.ts';
import { isDatabaseAway } from '#support/db/database.ts';
import { errorTexts, type ErrorKind } from './error-text.ts';
import { PersonLayout, type View } from './layout.tsx';
import { preferredLocale } from './request-locale.ts';
import { sendPage, viewOf } from './view.ts';
import type { Web } from './web.ts';

/** Answers everything that goes wrong with a page in the reader's language and a number that the log has too; never a stack. */
export function errorPages(app: FastifyInstance, web: Web): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const { kind, status } = judge(error);
    if (status >= 500) request.log.error({ err: error }, 'request failed');
    else request.log.info({ reason: error.code ?? error.message }, 'request refused');
    return showError(web, request, reply, kind, status);
  });
  app.setNotFoundHandler((request, reply) => showError(web, request, reply, 'not-found', 404));
}

/** For an address that cannot even be read (`/%zz`): answered before any plugin has seen the request. */
export function unreadableAddress(web: Pick<Web, 'brand' | 'chrome'>) {
  return (_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const locale = preferredLocale(request.headers['accept-language']) ?? 'ja';
    const view: View = {
      brand: web.brand,
      chrome: web.chrome,
      locale,
      csrf: '',
      here: routes.home,
      notice: null,
    };
    void sendPage(reply, 400, <ErrorPage view={view} kind="not-found" requestId={request.id} />);
  };
}

function judge(error: FastifyError): { kind: ErrorKind; status: number } {
  if (error.code === 'FST_CSRF_INVALID_TOKEN' || error.code === 'FST_CSRF_MISSING_SECRET')
    return { kind: 'forged', status: 403 };
  if (isDatabaseAway(error)) return { kind: 'unavailable', status: 503 };
  const status = error.statusCode ?? 500;
  if (status === 404) return { kind: 'not-found', status };
  if (status >= 400 && status < 500) return { kind: 'bad', status };
  return { kind: 'broken', status: 500 };
}

/** Answers with the page of one kind of trouble. */
export function showError(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  kind: ErrorKind,
  status: number,
  person?: Person,
): FastifyReply {
  return sendPage(
    reply,
    status,
    <ErrorPage view={viewOf(web, request, reply, person)} kind={kind} requestId={request.id} />,
  );
}

function ErrorPage({ view, kind, requestId }: { view: View; kind: ErrorKind; requestId: string }) {
  const all = errorTexts[view.locale];
  const text = all.kinds[kind];
  const again = kind === 'forged' || kind === 'bad';
  return (
    <PersonLayout
      view={view}
      title={text.heading}
      heading={
        <>
          <Heading>{text.heading}</Heading>
          <Lead>{text.lead}</Lead>
        </>
      }
    >
      <FormActions>
        {again ? (
          <LinkButton wide href={view.here}>
            {all.back}
          </LinkButton>
        ) : null}
        <LinkButton kind={again ? 'text' : 'secondary'} wide href={routes.home}>
          {all.home}
        </LinkButton>
      </FormActions>
      <Text quiet>
        {all.number}: <Literal>{requestId}</Literal>
      </Text>
    </PersonLayout>
  );
}
