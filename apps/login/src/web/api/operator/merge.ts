import { z } from 'zod';
import { findAccount } from '#domain/accounts/find.ts';
import { foreseeMerge, type MergePreview } from '#domain/merge/foresee.ts';
import { mergeAccounts } from '#domain/merge/merge.ts';
import { problems } from '../described.ts';
import { text } from '../forms.ts';
import { sendProblem } from '../problem.ts';
import { operatorIn, type OperatorArea } from './operator-api.ts';

const ACCOUNT = z.object({
  id: z.string(),
  emailAddress: z.string(),
  name: z.string(),
  company: z.string(),
  state: z.enum(['active', 'suspended', 'closed']),
  hasPassword: z.boolean(),
});
const MERGE = z
  .object({
    done: z.boolean().describe('False of a dry run'),
    kept: ACCOUNT.describe('Stays, with its login ID and its password, as it was before'),
    absorbed: ACCOUNT.describe('Is closed, as it was before'),
    links: z
      .array(z.object({ clientId: z.string(), consoleUserId: z.string(), active: z.boolean() }))
      .describe('What goes over'),
    sessionsEnd: z.number().describe('Browsers in which the absorbed account is signed in'),
    changesEnd: z.number().describe('Changes of either login ID that wait for their code'),
    legacyPasswords: z.object({
      number: z.number().describe('Of earlier logins, accepted once (R21)'),
      goOver: z.boolean().describe('Only where the account that stays has no password'),
    }),
    seen: z.string().describe('Send it with the merge itself: then nothing else is done than what was shown'),
  })
  .meta({ id: 'AccountMerge' });

/** Two accounts of one person become one (R25). */
export const mergeArea: OperatorArea = (app, context) => {
  app.post(
    '/accounts/:account/merge',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Accounts'],
        summary: 'Merge another account of the same person into this one',
        description:
          'This account stays; the other one is closed, and its links go over. With dryRun nothing is done and the answer says what would be. It cannot be undone.',
        params: z.object({
          account: z.string().max(60).regex(/^acc_/).describe('The account that stays (acc_…)'),
        }),
        body: z.strictObject({
          absorb: text(1_000).trim().min(1).describe('Login ID or id of the account that is merged into it'),
          reason: text(1_000).trim().default('').describe('For the audit log; required unless dryRun'),
          dryRun: z.boolean().default(false),
          seen: z.string().max(60).optional().describe('Of a dry run'),
        }),
        response: {
          200: MERGE,
          ...problems(
            'account-unknown',
            'account-state-unfit',
            'same-account',
            'account-is-operators',
            'linked-twice',
            'undo-open',
            'preview-outdated',
            'reason-missing',
          ),
        },
      },
    },
    async (request, reply) => {
      const { absorb, reason, dryRun, seen } = request.body;
      const keptId = request.params.account;
      const other = await findAccount(context.db, absorb);
      if (!other) return sendProblem(reply, 'account-unknown');
      const now = context.clock();
      const result = dryRun
        ? await foreseeMerge(context.db, keptId, other.id, now)
        : await mergeAccounts(
            context,
            { keptId, absorbedId: other.id, reason, ...(seen === undefined ? {} : { seen }) },
            { actor: operatorIn(request).actor, now },
          );
      return result.ok ? answerOf(result.preview, !dryRun) : sendProblem(reply, result.reason);
    },
  );
};

function answerOf({ links, ...preview }: MergePreview, done: boolean): z.infer<typeof MERGE> {
  return { done, ...preview, links: [...links] };
}
