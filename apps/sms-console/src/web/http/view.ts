import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JSX } from 'preact';
import { renderDocument } from '@hitokagi/design-system';
import { routes } from '#app/routes.ts';
import type { Person } from '#domain/people/people.ts';
import type { View } from './layout.tsx';
import { NOTICE_CODES, type NoticeCode } from './layout-text.ts';
import { requestLocale } from './request-locale.ts';
import type { Web } from './web.ts';

/** What the page needs to know of this request; takes the notice that the last page left. */
export function viewOf(web: Web, request: FastifyRequest, reply: FastifyReply, person?: Person | null): View {
  return {
    brand: web.brand,
    chrome: web.chrome,
    locale: requestLocale(request, web.cookies, person),
    csrf: reply.generateCsrf(),
    here: here(request),
    notice: takeNotice(web, request, reply),
  };
}

/** The address to come back to; the callback's own is good once, and its code is for nobody's page (V4). */
function here({ method, url }: FastifyRequest): string {
  const [path = '/'] = url.split('?', 1);
  return method === 'GET' && path !== routes.unifiedCallback ? url : path;
}

/** Answers with a whole page that nobody keeps a copy of. */
export function sendPage(reply: FastifyReply, status: number, page: JSX.Element): FastifyReply {
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(renderDocument(page));
}

/** Leads on to another page after a form was sent (303 See Other: the next request is a GET). */
export function leadTo(reply: FastifyReply, url: string): FastifyReply {
  return reply.header('cache-control', 'no-store').redirect(url, 303);
}

/** Has the next page say what just happened, once. */
export function leaveNotice(web: Web, reply: FastifyReply, code: NoticeCode): void {
  void reply.setCookie(web.cookies.notice, code, { ...web.cookies.options, maxAge: 60 });
}

function takeNotice(web: Web, request: FastifyRequest, reply: FastifyReply): NoticeCode | null {
  const left = request.cookies[web.cookies.notice];
  if (left === undefined) return null;
  void reply.clearCookie(web.cookies.notice, web.cookies.options);
  return NOTICE_CODES.find((code) => code === left) ?? null;
}
