import { Panel } from '@hitokagi/design-system';
import type { WebContext } from '#web/http/context.ts';
import type { Move } from '../moves.ts';
import { MovesTable } from '../moves-table.tsx';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { texts } from './text.ts';

/** The consoles to choose from. */
export function indexPage(context: WebContext, visit: Visit, moves: readonly Move[]): Promise<string> {
  const t = texts[visit.shell.locale];
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'migration',
    lead: t.indexLead,
    children: (
      <Panel>
        <MovesTable moves={moves} visit={visit} />
      </Panel>
    ),
  });
}
