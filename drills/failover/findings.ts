import { percentile } from '../../bench/statistics.ts';
import { grouped, type Report } from '../report.ts';
import type { Loss } from './cluster.ts';

/** Seconds that writes may rest (issue of scale), and what a person waits at most for the answer that there is no database; in milliseconds. */
const WRITES_REST_AT_MOST = 15_000;
const TOLD_WITHIN = 1_000;

type ProbeAnswer = { at: number; status: number; milliseconds: number; told: boolean };

export type Outage = {
  readonly loss: Loss;
  /** Milliseconds to the next acknowledged write and sign-in; undefined when there was none. */
  readonly writes: number | undefined;
  readonly signIns: number | undefined;
  readonly asked: number;
  /** Answers "in a moment again", and the slowest of them; in milliseconds. */
  readonly unavailable: number;
  readonly slowest: number;
  readonly late: readonly string[];
  /** Neither done nor said that it can be tried again. */
  readonly wrong: readonly string[];
  readonly deaf: readonly string[];
  /** Milliseconds until three members were there again. */
  readonly whole: number;
};

export function outageOf(
  of: Pick<Outage, 'loss' | 'writes' | 'signIns' | 'deaf' | 'whole'> & {
    moment: number;
    answers: readonly ProbeAnswer[];
  },
): Outage {
  const { answers, moment, ...rest } = of;
  const unavailable = answers.filter(({ status }) => status === 503);
  const described = ({ status, milliseconds, at }: ProbeAnswer): string =>
    `${status} after ${Math.round(milliseconds)} ms, ${((at - moment) / 1_000).toFixed(1)} s after the loss`;
  return {
    ...rest,
    asked: answers.length,
    unavailable: unavailable.length,
    slowest:
      unavailable.length === 0
        ? 0
        : percentile(
            unavailable.map((one) => one.milliseconds),
            1,
          ),
    late: unavailable.filter(({ milliseconds }) => milliseconds > TOLD_WITHIN).map(described),
    wrong: answers.filter(({ status, told }) => (status !== 303 && status !== 503) || !told).map(described),
  };
}

const TITLES: Record<Loss, string> = {
  postgresql: 'PostgreSQL of the primary killed with -9',
  machine: 'the primary’s machine lost: PostgreSQL and Patroni killed with -9',
};

export function reported(of: {
  outages: readonly Outage[];
  acknowledged: number;
  refused: number;
  odd: readonly string[];
  ledgerRows: number;
  missingRows: readonly number[];
  missingSignIns: readonly string[];
  lostSessions: readonly string[];
  unsentCodes: readonly string[];
  seconds: number;
}): Report {
  const { outages } = of;
  const samples = (pick: (one: Outage) => readonly string[]) => outages.flatMap(pick);
  const zero = (what: string, found: readonly unknown[]) => ({
    what,
    count: found.length,
    samples: found.slice(0, 10).map(String),
  });
  const tooLong = outages.filter(
    ({ writes = Infinity, signIns = Infinity }) =>
      writes > WRITES_REST_AT_MOST || signIns > WRITES_REST_AT_MOST,
  );
  return {
    title: 'Fail-over of the database under load',
    lead: [
      'Three members under Patroni with synchronous replication, etcd, HAProxy before them and before two login servers, all on this machine; six browsers sign in without a pause.',
      `${grouped(of.acknowledged)} sign-ins and ${grouped(of.ledgerRows)} rows of a ledger were acknowledged, ${grouped(of.refused)} sign-ins refused.`,
    ],
    tables: [
      {
        title: 'Outages',
        head: [
          'loss',
          'no writes for',
          'no sign-ins for',
          'answers 503',
          'slowest of them',
          'three members again after',
        ],
        rows: outages.map((one) => [
          TITLES[one.loss],
          inSeconds(one.writes),
          inSeconds(one.signIns),
          `${grouped(one.unavailable)} of ${grouped(one.asked)}`,
          `${Math.round(one.slowest)} ms`,
          inSeconds(one.whole),
        ]),
        note: 'Each node was asked ten times a second, past HAProxy, for the beginning of a sign-in, which writes.',
      },
    ],
    zeros: [
      zero('acknowledged rows of the ledger that are lost', of.missingRows),
      zero('acknowledged sign-ins without a session in the database', of.missingSignIns),
      zero('browsers that were signed in and are asked again', of.lostSessions),
      { what: 'outages with more than 15 s without writes or sign-ins', count: tooLong.length },
      zero(
        'answers 503 later than 1 s',
        samples(({ late }) => late),
      ),
      zero(
        'answers that neither do it nor say that trying again helps',
        samples(({ wrong }) => wrong),
      ),
      zero('sign-ins that failed in another way', of.odd),
      zero(
        'nodes that do not listen again 5 s later',
        samples(({ deaf }) => deaf),
      ),
      zero('codes asked for afterwards that do not come', of.unsentCodes),
    ],
    seconds: of.seconds,
  };
}

function inSeconds(milliseconds: number | undefined): string {
  return milliseconds === undefined ? 'for ever' : `${(milliseconds / 1_000).toFixed(1)} s`;
}
