import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  createDirectory,
  createDirectoryToken,
  directories,
  DIRECTORY_TOKEN_DAYS,
  domainIn,
  LONGEST_DIRECTORY_TOKEN_DAYS,
  revokeDirectoryToken,
  type DirectoryEntry,
  type WantedDirectories,
} from '#domain/provisioning/directory-tokens.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { field, sendPage } from '#web/http/request.ts';
import { consoleInAddress, consolePath } from '../addresses.ts';
import { isBack, visitOf, type OperatorArea } from '../visit.ts';
import {
  LONGEST_COMPANY,
  LONGEST_NAME,
  madePage,
  makePage,
  MOST_DOMAINS,
  registerPage,
  revokePage,
  type Fault,
  type Typed,
} from './directory-pages.tsx';

type Found = { console: ConsoleRow; directory: DirectoryEntry };

/** Registers customers' directories, makes their tokens, each shown once, and revokes them. */
export const directoryPagesArea: OperatorArea = (app, context) => {
  const { db } = context;

  app.get('/operator/consoles/:clientId/directories/new', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const typed = isBack(request)
      ? typedIn(request)
      : { name: '', company: '', domains: '', consoleIds: false };
    return sendPage(reply, await registerPage(context, visitOf(request), { console, typed, faults: [] }));
  });

  app.post('/operator/consoles/:clientId/directories/new', async (request, reply) => {
    const console = await consoleInAddress(context, request, reply);
    if (!console) return reply;
    const visit = visitOf(request);
    const typed = typedIn(request);
    const domains = typed.domains.split(/[\s,、]+/).filter((one) => one !== '');
    const faults = faultsOf(typed, domains);
    const wanted = {
      consoleId: console.id,
      name: typed.name,
      company: typed.company === '' ? null : typed.company,
      domains,
      consoleIds: typed.consoleIds,
    };
    const by = { actor: visit.operator.actor, now: visit.now };
    if (faults.length > 0 || !(await createDirectory(db, wanted, by)).ok)
      return sendPage(reply, await registerPage(context, visit, { console, typed, faults }), 422);
    return reply.redirect(`${consolePath(console)}/directories?done=registered`, 303);
  });

  app.get('/operator/directories/:id/token', async (request, reply) => {
    const found = await foundIn(request, reply, 'directory');
    if (!found) return reply;
    const view = {
      ...found,
      days: isBack(request) ? daysIn(request) : String(DIRECTORY_TOKEN_DAYS),
      isWrong: false,
    };
    return sendPage(reply, await makePage(context, visitOf(request), view));
  });

  app.post('/operator/directories/:id/token', async (request, reply) => {
    const found = await foundIn(request, reply, 'directory');
    if (!found) return reply;
    const visit = visitOf(request);
    const days = daysIn(request);
    const isDays =
      /^\d{1,3}$/.test(days) && Number(days) >= 1 && Number(days) <= LONGEST_DIRECTORY_TOKEN_DAYS;
    if (!isDays)
      return sendPage(reply, await makePage(context, visit, { ...found, days, isWrong: true }), 422);
    const by = { actor: visit.operator.actor, now: visit.now };
    const made = await createDirectoryToken(db, found.directory.id, Number(days), by);
    if (!made.ok) throw new Error('A directory that was just found has no token: none is ever deleted.');
    return sendPage(reply, await madePage(context, visit, { ...found, made }), 201);
  });

  app.get('/operator/directory-tokens/:id/revoke', async (request, reply) => {
    const found = await foundIn(request, reply, 'token');
    return found ? showRevoke(request, reply, found, 200) : reply;
  });

  app.post('/operator/directory-tokens/:id/revoke', async (request, reply) => {
    const found = await foundIn(request, reply, 'token');
    if (!found) return reply;
    const { operator, now } = visitOf(request);
    if (field(request, 'step') !== 'act') return showRevoke(request, reply, found, 200);
    const result = await revokeDirectoryToken(db, idIn(request), { actor: operator.actor, now });
    if (result.ok) return reply.redirect(`${consolePath(found.console)}/directories?done=revoked`, 303);
    const fresh = await foundIn(request, reply, 'token');
    return fresh ? showRevoke(request, reply, fresh, 409) : reply;
  });

  async function showRevoke(
    request: FastifyRequest,
    reply: FastifyReply,
    found: Found,
    status: number,
  ): Promise<FastifyReply> {
    const token = found.directory.tokens.find(({ id }) => id === idIn(request));
    if (!token) throw new Error('A directory found by its token has it.');
    return sendPage(reply, await revokePage(context, visitOf(request), { ...found, token }), status);
  }

  /** The directory that the address names, or whose token it names, and its console; when there is none, the page for that has been sent. */
  async function foundIn(
    request: FastifyRequest,
    reply: FastifyReply,
    what: 'directory' | 'token',
  ): Promise<Found | undefined> {
    const id = idIn(request);
    const wanted: WantedDirectories = what === 'directory' ? { id } : { tokenId: id };
    const [directory] = await directories(db, wanted, visitOf(request).now);
    const console = (await context.consoles.all()).find((one) => one.id === directory?.consoleId);
    if (directory && console) return { directory, console };
    reply.callNotFound();
    return undefined;
  }
};

function idIn(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}

function typedIn(request: FastifyRequest): Typed {
  return {
    name: field(request, 'name').trim(),
    company: field(request, 'company').trim(),
    domains: field(request, 'domains').replaceAll('\r\n', '\n'),
    consoleIds: field(request, 'consoleIds') !== '',
  };
}

function daysIn(request: FastifyRequest): string {
  return field(request, 'days').normalize('NFKC').trim();
}

function faultsOf({ name, company }: Typed, domains: readonly string[]): Fault[] {
  const isText = (text: string, longest: number): boolean => text.length <= longest && text.isWellFormed();
  const wrong = domains.filter((one) => domainIn(one) === undefined);
  return [
    ...(name !== '' && isText(name, LONGEST_NAME) ? [] : [{ field: 'name' as const, wrong: '' }]),
    ...(isText(company, LONGEST_COMPANY) ? [] : [{ field: 'company' as const, wrong: '' }]),
    ...(wrong.length === 0 && domains.length <= MOST_DOMAINS
      ? []
      : [{ field: 'domains' as const, wrong: wrong[0] ?? '' }]),
  ];
}
