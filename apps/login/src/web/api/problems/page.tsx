import { Heading, Lead, Literal, Section, Text } from '@hitokagi/design-system';
import type { FastifyInstance } from 'fastify';
import { defineTexts } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { PAGE_ERROR_STATUS, type PageError } from '#web/http/error-page.tsx';
import { PAGE_PROBLEMS, PROBLEMS_PATH } from '#web/http/problem-answer.ts';
import { localeOf, sendPage, shellOf } from '#web/http/request.ts';
import { renderPage } from '#web/http/shell.tsx';
import { PROBLEMS } from './problems.ts';

/** The page that `type` of every problem leads to (RFC 9457 §3.1.1): each code with its status and what to do next. */
export function registerProblemsPage(app: FastifyInstance, context: WebContext): void {
  app.get(PROBLEMS_PATH, async (request, reply) => {
    const shell = shellOf(context, request, localeOf(request));
    const t = texts[shell.locale];
    return sendPage(
      reply,
      renderPage(shell, {
        title: t.title,
        heading: (
          <>
            <Heading>{t.title}</Heading>
            <Lead>{t.lead}</Lead>
          </>
        ),
        children: listed().map(([code, status, words]) => {
          const [title, detail] = words[shell.locale];
          return (
            <Section key={code} id={code} title={title}>
              <Text quiet>
                <Literal>{code}</Literal> · HTTP {status}
              </Text>
              <Text>{detail}</Text>
            </Section>
          );
        }),
      }),
    );
  });
}

type Listed = readonly [code: string, status: number, words: (typeof PAGE_PROBLEMS)[PageError]];

function listed(): readonly Listed[] {
  const general = (Object.keys(PAGE_PROBLEMS) as PageError[])
    .filter((code) => !(code in PROBLEMS))
    .map((code): Listed => [code, PAGE_ERROR_STATUS[code], PAGE_PROBLEMS[code]]);
  return [
    ...general,
    ...Object.entries(PROBLEMS).map(([code, [status, words]]): Listed => [code, status, words]),
  ];
}

const texts = defineTexts({
  ja: {
    title: 'APIのエラー',
    lead: 'オペレータ用APIと管理画面用APIが返すエラー（RFC 9457）の一覧です。code は変わりません。',
  },
  en: {
    title: 'Problems of the API',
    lead: 'What the operator API and the console API answer when something cannot be done (RFC 9457). A code never changes.',
  },
});
