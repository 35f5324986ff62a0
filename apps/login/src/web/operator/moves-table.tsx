import { Name, Share, Table, TextLink } from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import { includesRole } from '#domain/operators/rights.ts';
import { nextMoment } from './next-moment.ts';
import type { Move } from './moves.ts';
import { texts } from './overview/text.ts';
import { PhaseChip } from './phase-chip.tsx';
import type { Visit } from './visit.ts';
import { grouped, percent } from './words.ts';
import { movePath } from './addresses.ts';

/** Consoles, how far each has come and what comes next. */
export function MovesTable({ moves, visit }: { moves: readonly Move[]; visit: Visit }) {
  const { locale } = visit.shell;
  const t = texts[locale];
  return (
    <Table
      caption={t.consoles}
      captionHidden
      narrow="scroll-stack"
      columns={[
        { label: t.console, rowHeader: true },
        { label: t.phase },
        { label: t.next },
        { label: t.progress },
        { label: t.notMoved, align: 'end' },
      ]}
      rows={moves.map(({ console, plan, phase, summary }) => {
        const path = movePath(console);
        const { people, states } = summary.progress;
        const moved = states['signed-in-unified'];
        const next = nextMoment(plan, visit.now, locale);
        return {
          key: console.id,
          cells: [
            <Name>
              <TextLink href={path}>{consoleName(console, locale)}</TextLink>
            </Name>,
            <PhaseChip phase={phase} closed={plan.closedAt !== null} locale={locale} />,
            next,
            <Share
              part={moved}
              whole={people}
              label={t.movedLabel(percent(moved, people))}
              words={t.movedWords(grouped(moved), grouped(people), percent(moved, people))}
            />,
            includesRole(visit.operator.role, 'support') ? (
              <TextLink href={`${path}/people?state=not-moved`}>{t.count(grouped(people - moved))}</TextLink>
            ) : (
              t.count(grouped(people - moved))
            ),
          ],
        };
      })}
      empty={t.noConsoles}
    />
  );
}
