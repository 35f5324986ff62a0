import type { ServerResponse } from 'node:http';
import { answerNode, type NodeRequest, type NodeRoutes } from './node.ts';

export type { UnifiedSignInFailure } from '../routes/failure-page.ts';

/**
 * The kit's addresses as a middleware of Express (4 or 5; any that calls `(request, response, next)`). Mount it at the root and before body parsers:
 * `app.use(consoleKit({ kit, onSignedIn }))`. Every other request goes on untouched. What the console's functions throw goes to `next`. Call `kit.start()` when the console starts
 * and `kit.stop()` when it ends.
 */
export function consoleKit<Request extends NodeRequest, Response extends ServerResponse>(
  routes: NodeRoutes<Request, Response>,
): (request: Request, response: Response, next: (error?: unknown) => void) => void {
  return (request, response, next) => {
    answerNode(routes, request, response).then((answered) => {
      if (!answered) next();
    }, next);
  };
}
