import { z } from 'zod';
import { WORDS_KINDS } from '#domain/notices/kinds.ts';
import { allNoticeWords, setNoticeWords, wholeWords, type NoticeWords } from '#domain/notices/words.ts';
import { problems } from '../described.ts';
import { iso, IN_CONSOLE, MOMENT } from '../forms.ts';
import { pageOf, whole } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import { OWN_TEXTS, ownTexts } from './notice-bodies.ts';
import { refuseWords } from './notice-drafts.ts';
import { consoleInPath, operatorIn, type OperatorArea } from './operator-api.ts';

const KIND = z.enum(WORDS_KINDS);
const WHOLE = z.object({ subject: z.string(), body: z.string() });
const WORDS = z
  .object({
    kind: KIND,
    texts: z
      .record(z.string(), z.unknown())
      .describe('What takes the place of the brand’s words, by language'),
    whole: z.object({ ja: WHOLE, en: WHOLE }).describe('What notices of this kind say, with placeholders'),
    revision: z.number().describe('0: never changed'),
    changedAt: MOMENT.nullable(),
    changedBy: z.string().nullable(),
  })
  .meta({ id: 'NoticeWords' });

/** The words of a console's notices. */
export const noticeWordsArea: OperatorArea = (app, context) => {
  app.get(
    '/consoles/:clientId/notice-words',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Notices'],
        summary: 'The words of this console’s notices, by kind',
        params: IN_CONSOLE,
        response: { 200: pageOf(WORDS), ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      return whole((await allNoticeWords(context.db, console.id)).map(wordsBody));
    },
  );

  app.put(
    '/consoles/:clientId/notice-words/:kind',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Notices'],
        summary:
          'Set the words of a kind of notice; notices that are made afterwards say them. Parts that are left out are the brand’s',
        params: IN_CONSOLE.extend({ kind: KIND }),
        body: z.strictObject({
          texts: OWN_TEXTS,
          revision: z
            .int32()
            .min(0)
            .max(2_000_000_000)
            .describe(
              'The revision that you looked at; where it is another one by now, nothing is overwritten',
            ),
        }),
        response: { 200: WORDS, ...problems('console-unknown', 'malformed', 'words-changed') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const { kind } = request.params;
      const { revision } = request.body;
      const texts = ownTexts(request.body.texts);
      const by = {
        actor: operatorIn(request).actor,
        now: context.clock(),
        clientIp: request.ip,
        requestId: request.id,
      };
      const result = await setNoticeWords(context.db, console.id, { kind, texts, revision }, by);
      if (result.ok) return wordsBody(result.words);
      switch (result.reason) {
        case 'text-unfit':
          return refuseWords(reply, result.problem);
        case 'text-too-long':
          return sendProblem(reply, 'malformed', {
            detail: {
              ja: `texts.${result.locale}.${result.part} が長すぎます。`,
              en: `texts.${result.locale}.${result.part} is too long.`,
            },
          });
        case 'changed-meanwhile':
          return sendProblem(reply, 'words-changed');
      }
    },
  );
};

/** A console's words as API and command line show them. */
export function wordsBody(words: NoticeWords): z.infer<typeof WORDS> {
  return {
    ...words,
    whole: wholeWords(words.kind, words.texts),
    changedAt: iso(words.changedAt),
  };
}
