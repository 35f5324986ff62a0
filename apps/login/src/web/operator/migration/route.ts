import type { FastifyRequest } from 'fastify';
import { lastChangeOf, planHistory } from '#domain/migration/history.ts';
import { planStandingLately } from '#domain/migration/plan-standing.ts';
import { listPeople } from '#domain/migration/people-list.ts';
import { peopleCsv, seriesCsv } from '#domain/migration/progress-csv.ts';
import {
  allProgressPeople,
  PERSON_STATES,
  type LastSeen,
  type PeopleFilter,
  type WantedPeople,
} from '#domain/migration/progress-people.ts';
import { momentToRehearse, rehearse, type Rehearsal } from '#domain/migration/rehearse.ts';
import { progressSummary } from '#domain/migration/summary.ts';
import { actorNames } from '#domain/operators/actor-names.ts';
import { listOperators } from '#domain/operators/operators.ts';
import { recordEvent } from '#support/audit/record.ts';
import { csvHeaders, cursorText, placeIn } from '#web/http/lists.ts';
import { query, sendPage } from '#web/http/request.ts';
import { allMoves } from '../moves.ts';
import { visitOf, type OperatorArea } from '../visit.ts';
import { consolePage } from './console-page.tsx';
import { indexPage } from './index-page.tsx';
import { peoplePage } from './people-page.tsx';
import { rehearsalPage } from './rehearsal-page.tsx';
import { statusPage } from './status-page.tsx';
import { consoleInAddress } from '../addresses.ts';

const PEOPLE_A_PAGE = 50;
const FILTERS: readonly PeopleFilter[] = ['not-moved', 'still-legacy', ...PERSON_STATES];

/** 移行: how a console's move stands, who has not moved, who would be locked out. */
export const migrationArea: OperatorArea = (app, context) => {
  const { db } = context;

  app.get('/operator/migration', async (request, reply) => {
    const visit = visitOf(request);
    return sendPage(reply, await indexPage(context, visit, await allMoves(context, visit.now)));
  });

  app.get('/operator/migration/:clientId', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const visit = visitOf(request);
    const [summary, history] = await Promise.all([
      progressSummary(db, console.id, visit.now),
      planHistory(db, console.id),
    ]);
    const standing = await planStandingLately(db, summary, visit.now);
    const actors = await actorNames(
      db,
      history.map((change) => change.actor),
    );
    const done = history.slice(0, 1).find((change) => String(change.revision) === query(request, 'changed'));
    const view = { console, standing, summary, history, actors, done };
    return sendPage(reply, await consolePage(context, visit, view));
  });

  app.get('/operator/migration/:clientId/status', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const visit = visitOf(request);
    const [summary, lastChange, operators] = await Promise.all([
      progressSummary(db, console.id, visit.now),
      lastChangeOf(db, console.id),
      listOperators(db),
    ]);
    const standing = await planStandingLately(db, summary, visit.now);
    const actors = await actorNames(db, lastChange ? [lastChange.actor] : []);
    const administrators = operators
      .filter(({ role, accountState }) => role === 'administrator' && accountState === 'active')
      .map(({ name, emailAddress }) => name || emailAddress);
    const view = { console, standing, summary, lastChange, actors, administrators };
    return sendPage(reply, await statusPage(context, visit, view));
  });

  app.get('/operator/migration/:clientId/days.csv', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const { now, shell } = visitOf(request);
    const { days } = await progressSummary(db, console.id, now);
    return csvHeaders(reply, `${console.client_id}-days.csv`).send(seriesCsv(days, shell.locale));
  });

  app.get('/operator/migration/:clientId/people', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const visit = visitOf(request);
    const wanted = wantedPeople(request);
    const cursor = placeIn(query(request, 'after'));
    const page = await listPeople(db, console.id, { ...wanted, cursor, limit: PEOPLE_A_PAGE }, visit.now);
    const view = {
      console,
      ...wanted,
      people: page.people,
      at: page.at,
      next: cursorText(page.next),
      isFirst: query(request, 'after') === undefined,
    };
    return sendPage(reply, await peoplePage(context, visit, view));
  });

  app.get('/operator/migration/:clientId/people.csv', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const { now, operator, shell } = visitOf(request);
    const wanted = wantedPeople(request);
    await recordEvent(db, {
      at: now,
      action: 'people.exported',
      actor: operator.actor,
      consoleId: console.id,
      clientIp: request.ip,
      requestId: request.id,
      detail: { list: 'people', ...wanted },
    });
    const people = allProgressPeople(db, console.id, wanted, now);
    return csvHeaders(reply, `${console.client_id}-people.csv`).send(peopleCsv(people, shell.locale));
  });

  app.get('/operator/migration/:clientId/rehearsal', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const visit = visitOf(request);
    const { at, many } = await progressSummary(db, console.id, visit.now);
    const rehearsal = many?.rehearsal ?? (await rehearseNow(console.id, visit.now));
    const countedAt = many ? at : undefined;
    return sendPage(reply, await rehearsalPage(context, visit, { console, rehearsal, countedAt }));
  });

  async function rehearseNow(consoleId: string, now: Date): Promise<Rehearsal> {
    return rehearse(db, consoleId, await momentToRehearse(db, consoleId, now), now);
  }
};

function wantedPeople(request: FastifyRequest): WantedPeople {
  const state = FILTERS.find((one) => one === query(request, 'state'));
  const text = (name: string) => query(request, name)?.trim().slice(0, 200).replaceAll('\0', '');
  const [search, company] = [text('q'), text('company')];
  const seen = seenIn(query(request, 'seen'));
  return {
    ...(state ? { state } : {}),
    ...(search ? { search } : {}),
    ...(seen ? { seen } : {}),
    ...(company ? { company } : {}),
  };
}

/** `never`, or a number of days. */
function seenIn(text: string | undefined): LastSeen | undefined {
  if (text === 'never') return 'never';
  return /^[1-9]\d{0,3}$/.test(text ?? '') ? { overDays: Number(text) } : undefined;
}
