import { renderDocument } from '@hitokagi/design-system';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { JSX } from 'preact';
import type { HttpParts } from '../http-parts.ts';
import { preferredLanguage } from './language.ts';
import { ListPage } from './list-page.tsx';
import { listView, type ListQuery } from './list-view.ts';
import { MessagePage } from './message-page.tsx';
import { ClearPage, MissingPage } from './small-pages.tsx';
import type { Language } from './texts.ts';

type ById = { Params: { id: string } };

/** Nothing of a mail may run, load or send; only its own styles and the images it brought along are shown. */
const mailHtmlPolicy = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'unsafe-inline'"],
      imgSrc: ['data:'],
      formAction: ["'none'"],
      baseUri: ["'none'"],
      frameAncestors: ["'self'"],
      sandbox: ['allow-popups', 'allow-popups-to-escape-sandbox'],
    },
  },
  crossOriginOpenerPolicy: false,
};

/** The pages for people. */
export function pageRoutes(app: FastifyInstance, { store, smtpPort }: HttpParts, done: () => void): void {
  app.get<{ Querystring: ListQuery }>('/', (request, reply) => {
    const view = listView(store.newestFirst(), request.query);
    return page(request, reply, (lang) => <ListPage lang={lang} view={view} smtpPort={smtpPort()} />);
  });

  app.get<ById>('/messages/:id', (request, reply) => {
    const message = store.find(request.params.id);
    if (!message) return missing(request, reply);
    return page(request, reply, (lang) => <MessagePage lang={lang} message={message} />);
  });

  app.get<ById>('/messages/:id/html', { helmet: mailHtmlPolicy }, (request, reply) => {
    const message = store.find(request.params.id);
    if (!message) return missing(request, reply);
    return uncached(reply).type('text/html; charset=utf-8').send(openLinksOutside(message.html));
  });

  app.get<ById>('/messages/:id/source', (request, reply) => {
    const message = store.find(request.params.id);
    if (!message) return missing(request, reply);
    return uncached(reply).type('text/plain; charset=utf-8').send(Buffer.from(message.source, 'latin1'));
  });

  app.get('/clear', (request, reply) =>
    page(request, reply, (lang) => <ClearPage lang={lang} count={store.newestFirst().length} />),
  );

  app.post('/clear', (request, reply) => {
    if (fromAnotherSite(request)) return reply.code(403).type('text/plain').send('Not from this page.');
    store.clear();
    return reply.redirect('/', 303);
  });

  app.setNotFoundHandler(missing);
  done();
}

function missing(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return page(request, reply.code(404), (lang) => <MissingPage lang={lang} />);
}

function page(
  request: FastifyRequest,
  reply: FastifyReply,
  render: (lang: Language) => JSX.Element,
): FastifyReply {
  const lang = preferredLanguage(request.headers['accept-language']);
  return uncached(reply)
    .header('vary', 'accept-language')
    .header('content-language', lang)
    .type('text/html; charset=utf-8')
    .send(renderDocument(render(lang)));
}

function uncached(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store');
}

/** A browser's own word for where a request comes from; other clients send none and are not misled by a page. */
function fromAnotherSite(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** Makes links open a new tab: inside the frame they could lead nowhere. */
function openLinksOutside(html: string): string {
  const before = /<head(?:\s[^>]*)?>/i.exec(html) ?? /<!doctype[^>]*>/i.exec(html);
  const at = before ? before.index + before[0].length : 0;
  return `${html.slice(0, at)}<base target="_blank">${html.slice(at)}`;
}
