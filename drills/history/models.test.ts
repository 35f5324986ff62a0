import { describe, expect, test } from 'vitest';
import { linearize } from './linearize.ts';
import { account, type AccountInput, type AccountOutput } from './models/account.ts';
import { ENDED_LIST, fitting } from './models/ended-list.ts';
import { family, type FamilyInput, type FamilyOutput } from './models/family.ts';
import { KEY, type KeyInput, type KeyOutput } from './models/idempotency.ts';
import { loginIds, type LoginIdInput, type LoginIdOutput } from './models/login-id.ts';
import { PLAN, type PlanInput, type PlanOutput } from './models/plan.ts';
import type { Model, Operation } from './operation.ts';

/** What was asked and answered, with its beginning and end; without an end one after the other. */
type Line<I, O> = readonly [I, O | undefined, number?, number?];

function isExplained<S, I, O>(model: Model<S, I, O>, lines: readonly Line<I, O>[]): boolean {
  const history = lines.map(([input, output, start, end], index): Operation<I, O> => ({
    id: index + 1,
    client: 'client',
    input,
    output,
    start: start ?? index * 10,
    end: output === undefined ? Infinity : (end ?? start ?? index * 10) + 5,
  }));
  return linearize(history, model).ok;
}

describe('R4, R9, V1: an account', () => {
  const type = (password: string, code: 'mailed' | 'wrong' = 'mailed'): AccountInput => ({
    do: 'type',
    request: 'r',
    code,
    password,
  });
  const signIn = (password: string): AccountInput => ({ do: 'sign-in', password });
  const look = (session: string): AccountInput => ({ do: 'look', session });
  const set = (session: string | null = null): AccountOutput => ({ is: 'set', session });
  const wrong = (left: number): AccountOutput => ({ is: 'wrong', left });

  test.each<[string, boolean, readonly Line<AccountInput, AccountOutput>[]]>([
    [
      'a password set by code',
      true,
      [
        [type('new'), set('s')],
        [signIn('old'), { is: 'refused' }],
        [signIn('new'), { is: 'signed-in', session: 't' }],
        [look('s'), { is: 'live' }],
      ],
    ],
    [
      'a code that is not used up',
      false,
      [
        [type('new'), set()],
        [type('newer'), set()],
      ],
    ],
    [
      'a code that two use at once',
      false,
      [
        [type('new'), set(), 0, 50],
        [type('newer'), set(), 0, 50],
      ],
    ],
    [
      'a code that one used whom nobody answered',
      true,
      [
        [type('new'), undefined],
        [type('newer'), { is: 'ended' }],
        [signIn('new'), { is: 'signed-in', session: 's' }],
      ],
    ],
    [
      'and whom a later one cannot overwrite',
      false,
      [
        [type('new'), undefined],
        [signIn('new'), { is: 'signed-in', session: 's' }],
        [type('newer'), set()],
      ],
    ],
    ['five tries', true, [4, 3, 2, 1, 0].map((left) => [type('x', 'wrong'), wrong(left)])],
    [
      'a sixth',
      false,
      [
        ...[4, 3, 2, 1, 0].map((left): Line<AccountInput, AccountOutput> => [
          type('x', 'wrong'),
          wrong(left),
        ]),
        [type('new'), set()],
      ],
    ],
    [
      'tries that two nodes count apart',
      false,
      [
        [type('x', 'wrong'), wrong(4)],
        [type('x', 'wrong'), wrong(4)],
      ],
    ],
    [
      'tries of which one was lost on the way',
      true,
      [
        [type('x', 'wrong'), undefined],
        [type('x', 'wrong'), wrong(3)],
      ],
    ],
    [
      'the old password after a new one was acknowledged',
      false,
      [
        [type('new'), set()],
        [signIn('old'), { is: 'signed-in', session: 's' }],
      ],
    ],
    [
      'a session that a new password leaves alive',
      false,
      [
        [signIn('old'), { is: 'signed-in', session: 's' }],
        [type('new'), set()],
        [look('s'), { is: 'live' }],
      ],
    ],
    [
      'a session that comes back after it was left',
      false,
      [
        [signIn('old'), { is: 'signed-in', session: 's' }],
        [{ do: 'sign-out', session: 's' }, { is: 'left' }],
        [look('s'), { is: 'live' }],
      ],
    ],
    [
      'a session seen beside its end',
      true,
      [
        [signIn('old'), { is: 'signed-in', session: 's' }],
        [{ do: 'sign-out', session: 's' }, { is: 'left' }, 20, 90],
        [look('s'), { is: 'live' }, 30, 35],
        [look('s'), { is: 'dead' }, 50, 55],
      ],
    ],
    [
      'a session that is there, gone, and there again',
      false,
      [
        [signIn('old'), { is: 'signed-in', session: 's' }],
        [{ do: 'sign-out', session: 's' }, { is: 'left' }, 20, 90],
        [look('s'), { is: 'dead' }, 30, 35],
        [look('s'), { is: 'live' }, 50, 55],
      ],
    ],
    [
      'two who both ended one session',
      false,
      [
        [signIn('old'), { is: 'signed-in', session: 's' }],
        [{ do: 'sign-out', session: 's' }, { is: 'left' }, 20, 90],
        [{ do: 'sign-out', session: 's' }, { is: 'left' }, 20, 90],
      ],
    ],
    [
      'a console that is told of a session nobody has ended',
      false,
      [
        [signIn('old'), { is: 'signed-in', session: 's' }],
        [look('s'), { is: 'dead' }],
        [look('s'), { is: 'live' }],
      ],
    ],
  ])('%s: %s', (_name, isOk, lines) => {
    expect(isExplained(account('old'), lines)).toBe(isOk);
  });
});

describe('P2: a code and its refresh tokens', () => {
  const use = (token: string, rivals = false): FamilyInput => ({ do: 'use', token, rivals });
  const given = (next: string): FamilyOutput => ({ is: 'given', next });
  const refused: FamilyOutput = { is: 'refused' };
  const probe: FamilyInput = { do: 'probe' };

  test.each<[string, boolean, readonly Line<FamilyInput, FamilyOutput>[]]>([
    [
      'rotates',
      true,
      [
        [use('code'), given('a')],
        [use('a'), given('b')],
        [probe, { is: 'active' }],
      ],
    ],
    [
      'one token given twice for one',
      false,
      [
        [use('code'), given('a'), 0, 50],
        [use('code'), given('b'), 0, 50],
      ],
    ],
    [
      'ends when a used one comes again',
      true,
      [
        [use('code'), given('a')],
        [use('code'), refused],
        [use('a'), refused],
        [probe, { is: 'inactive' }],
      ],
    ],
    [
      'lives on after a used one came again',
      false,
      [
        [use('code'), given('a')],
        [use('code'), refused],
        [use('a'), given('b')],
      ],
    ],
    [
      'access tokens outlive its end',
      false,
      [
        [use('code'), given('a')],
        [use('code'), refused],
        [probe, { is: 'active' }],
      ],
    ],
    [
      'half dead',
      false,
      [
        [use('code'), given('a')],
        [use('code'), undefined],
        [use('a'), refused],
        [probe, { is: 'active' }],
      ],
    ],
    [
      'a good token is refused for no reason',
      false,
      [
        [use('code'), given('a')],
        [use('a'), refused],
      ],
    ],
    [
      'two at once are both refused',
      true,
      [
        [use('code', true), refused, 0, 50],
        [use('code', true), refused, 0, 50],
      ],
    ],
    [
      'an answer is lost, and sending again ends it',
      true,
      [
        [use('code'), given('a')],
        [use('a'), undefined],
        [use('a', true), refused],
        [probe, { is: 'inactive' }],
      ],
    ],
    [
      'lives on after the person left',
      false,
      [
        [use('code'), given('a')],
        [{ do: 'leave' }, { is: 'left' }],
        [use('a'), given('b')],
      ],
    ],
  ])('%s: %s', (_name, isOk, lines) => {
    expect(isExplained(family('code'), lines)).toBe(isOk);
  });
});

describe('R12, R13: a plan with a revision', () => {
  const read = (revision: number, linkAt: string | null): Line<PlanInput, PlanOutput> => [
    { do: 'read' },
    { is: 'read', revision, linkAt },
  ];
  const write = (revision: number, linkAt: string): PlanInput => ({ do: 'write', revision, linkAt });

  test.each<[string, boolean, readonly Line<PlanInput, PlanOutput>[]]>([
    [
      'one change after the other',
      true,
      [read(1, null), [write(1, 'a'), { is: 'written' }], read(2, 'a'), [write(1, 'b'), { is: 'refused' }]],
    ],
    [
      'a revision that is not looked at',
      false,
      [
        [write(1, 'a'), { is: 'written' }],
        [write(1, 'b'), { is: 'written' }],
      ],
    ],
    [
      'two at once on one revision',
      false,
      [
        [write(1, 'a'), { is: 'written' }, 0, 50],
        [write(1, 'b'), { is: 'written' }, 0, 50],
      ],
    ],
    ['a node that answers from memory', false, [[write(1, 'a'), { is: 'written' }], read(1, null)]],
    [
      'a change that is lost after it was acknowledged',
      false,
      [[write(1, 'a'), { is: 'written' }], read(2, 'a'), read(1, null)],
    ],
    ['a change that was refused and done', false, [[write(1, 'a'), { is: 'refused' }], read(2, 'a')]],
    [
      'a change that nobody was answered, done later',
      true,
      [[write(1, 'a'), undefined], read(1, null), read(2, 'a')],
    ],
  ])('%s: %s', (_name, isOk, lines) => {
    expect(isExplained(PLAN, lines)).toBe(isOk);
  });
});

describe('R18: login IDs', () => {
  const begin = (
    account: string,
    address: string,
    change: string,
    key = change,
  ): Line<LoginIdInput, LoginIdOutput> => [
    { do: 'begin', account, address, key },
    { is: 'begun', change },
  ];
  const confirm = (change: string): LoginIdInput => ({ do: 'confirm', change });
  const done = (version: number, previous: string): LoginIdOutput => ({ is: 'confirmed', version, previous });
  const signIn = (account: string, address: string): LoginIdInput => ({ do: 'sign-in', account, address });

  test.each<[string, boolean, readonly Line<LoginIdInput, LoginIdOutput>[]]>([
    [
      'a change',
      true,
      [
        begin('A', 'x', '1'),
        [confirm('1'), done(1, 'a')],
        [signIn('A', 'x'), { is: 'signed-in' }],
        [signIn('A', 'a'), { is: 'refused' }],
      ],
    ],
    [
      'confirmed twice',
      false,
      [begin('A', 'x', '1'), [confirm('1'), done(1, 'a'), 20, 50], [confirm('1'), done(2, 'x'), 20, 50]],
    ],
    [
      'one address for two',
      false,
      [
        begin('A', 'x', '1'),
        begin('B', 'x', '2'),
        [confirm('1'), done(1, 'a'), 20, 50],
        [confirm('2'), done(1, 'b'), 20, 50],
      ],
    ],
    [
      'one of two gets it',
      true,
      [
        begin('A', 'x', '1'),
        begin('B', 'x', '2'),
        [confirm('1'), done(1, 'a'), 20, 50],
        [confirm('2'), { is: 'address-taken' }, 20, 50],
      ],
    ],
    [
      'a former address goes to another at once',
      false,
      [
        begin('A', 'x', '1'),
        [confirm('1'), done(1, 'a')],
        begin('B', 'a', '2'),
        [confirm('2'), done(1, 'b')],
      ],
    ],
    [
      'it is kept',
      true,
      [
        begin('A', 'x', '1'),
        [confirm('1'), done(1, 'a')],
        begin('B', 'a', '2'),
        [confirm('2'), { is: 'address-reserved' }],
      ],
    ],
    ['one key, two changes', false, [begin('A', 'x', '1', 'key'), begin('A', 'x', '2', 'key')]],
    [
      'one key, answered the second time',
      true,
      [
        [{ do: 'begin', account: 'A', address: 'x', key: 'key' }, undefined],
        begin('A', 'x', '1', 'key'),
        [confirm('1'), done(1, 'a')],
      ],
    ],
    [
      'the old address lets in afterwards',
      false,
      [begin('A', 'x', '1'), [confirm('1'), done(1, 'a')], [signIn('A', 'a'), { is: 'signed-in' }]],
    ],
    [
      'a later change ends the one before',
      true,
      [
        begin('A', 'x', '1'),
        begin('A', 'y', '2'),
        [confirm('1'), { is: 'change-ended' }],
        [
          { do: 'look', change: '2' },
          { is: 'stands', state: 'pending', version: null },
        ],
      ],
    ],
  ])('%s: %s', (_name, isOk, lines) => {
    expect(isExplained(loginIds({ A: 'a', B: 'b' }), lines)).toBe(isOk);
  });
});

describe('R26: an Idempotency-Key', () => {
  const post = (content = 'a'): KeyInput => ({ do: 'post', content });
  const done = (answer: string): KeyOutput => ({ is: 'done', answer });
  const read = (times: number): Line<KeyInput, KeyOutput> => [
    { do: 'read' },
    { is: 'read', times, content: times === 0 ? null : 'a' },
  ];

  test.each<[string, boolean, readonly Line<KeyInput, KeyOutput>[]]>([
    [
      'done once, answered twice',
      true,
      [read(0), [post(), done('1')], [post(), done('1')], read(1), [post('b'), { is: 'reused' }]],
    ],
    ['done twice', false, [[post(), done('1')], [post(), done('1')], read(2)]],
    [
      'answered differently',
      false,
      [
        [post(), done('1')],
        [post(), done('2')],
      ],
    ],
    ['done, and then not', false, [[post(), done('1')], read(0)]],
    [
      'nobody was answered, and it was not done',
      true,
      [[post(), undefined], read(0), [post(), done('1')], read(1)],
    ],
    [
      'nobody was answered, it was done, and is done again with other content',
      false,
      [[post(), undefined], read(1), [post('b'), done('2')]],
    ],
  ])('%s: %s', (_name, isOk, lines) => {
    expect(isExplained(KEY, lines)).toBe(isOk);
  });
});

describe('R9: the list of ended sessions', () => {
  test.each([
    ['grows', true, [{ next: 2 }, { next: 3 }]],
    ['loses what it had', false, [{ next: 3 }, { next: 2 }]],
    ['is told page by page', true, [{ next: 3 }, { next: 2, more: true }, { next: 3 }]],
    ['has another session at a place', false, [{ next: 3 }, { next: 3, fits: false }]],
  ])('%s: %s', (_name, isOk, answers: readonly { next: number; fits?: boolean; more?: boolean }[]) => {
    const lines = answers.map((answer) => [{ after: 0 }, { fits: true, more: false, ...answer }] as const);
    expect(isExplained(ENDED_LIST, lines)).toBe(isOk);
  });

  test('shows the same session at the same place, from wherever it is asked', () => {
    const whole = { after: 0, next: 3, sids: ['a', 'b', 'c'] };
    expect(fitting([whole, { after: 1, next: 3, sids: ['b', 'c'] }])).toEqual([true, true]);
    expect(fitting([whole, { after: 1, next: 3, sids: ['c', 'b'] }])).toEqual([true, false]);
    // A page that is not whole says nothing of places.
    expect(fitting([whole, { after: 0, next: 3, sids: ['c'] }])).toEqual([true, true]);
  });
});
