import type { FastifyInstance } from 'fastify';
import { routes } from '#app/routes.ts';
import { monthTotals } from '#domain/messages/counts.ts';
import { CSV_ENCODINGS, csvText, encodeCsv } from '#support/csv/write.ts';
import { monthsBack } from '#support/primitives/japan-months.ts';
import { field } from '#web/http/forms.ts';
import { sendPage, viewOf } from '#web/http/view.ts';
import { requireRight } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { sendFile } from '#web/pages/messages/route.ts';
import { MonthsPage } from './page.tsx';
import { monthTexts } from './text.ts';

/** As far back as the page shows. */
const MONTHS = 13;

/** What the company sent, month by month of Japan. */
export function monthRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.months, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'see');
    if (visitor === null) return reply;
    const { person } = visitor;
    const months = await monthTotals(web.db, person.companyId, monthsBack(web.clock(), MONTHS - 1).from);
    const view = viewOf(web, request, reply, person);
    return sendPage(reply, 200, MonthsPage({ view, person, months }));
  });

  app.get(routes.monthsCsv, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'see');
    if (visitor === null) return reply;
    const { person } = visitor;
    const months = await monthTotals(web.db, person.companyId, monthsBack(web.clock(), MONTHS - 1).from);
    const encoding = CSV_ENCODINGS.find((one) => one === field(request.query, 'encoding')) ?? 'utf-8';
    const text = monthTexts[viewOf(web, request, reply, person).locale];
    const file = csvText([
      [text.month, text.messages, text.parts, text.delivered],
      ...months.map((one) => [one.month, one.messages, one.parts, one.delivered]),
    ]);
    return sendFile(reply, 'months', encoding, encodeCsv(file, encoding, { isFirst: true }));
  });
}
