import { headText } from '#support/audit/head.ts';
import type { AuditFault, AuditVerdict } from '#support/audit/verify.ts';

/** What `audit verify` says to people. */
export function verdictText(verdict: AuditVerdict): string {
  const count = (n: number): string => n.toLocaleString('en');
  const seen = `${count(verdict.events)} events in ${count(verdict.batches)} links were looked at.`;
  if (!verdict.ok) return `BROKEN. ${sentence(verdict)}\n${seen}`;
  return [
    `Nothing that was sealed was altered, removed or put in. ${seen}`,
    `Events that wait for their seal: ${count(verdict.unsealed)}. Events with erased personal parts: ${count(verdict.erasedEvents)}. Removed by retention: ${count(verdict.removedEvents)}.`,
    `Head, to be kept elsewhere: ${headText(verdict.head)}`,
  ].join('\n');
}

function sentence(fault: AuditFault): string {
  switch (fault.fault) {
    case 'event-missing':
      return `Event ${fault.eventId} of link ${fault.batch} is gone.`;
    case 'event-altered':
      return `Event ${fault.eventId} of link ${fault.batch} is not what was sealed.`;
    case 'seal-altered':
      return `The seal of event ${fault.eventId} in link ${fault.batch} was altered.`;
    case 'erasure-forged':
      return `Parts of event ${fault.eventId} in link ${fault.batch} are gone, and this server did not erase them.`;
    case 'batch-missing':
      return `Link ${fault.batch} is gone.`;
    case 'batch-altered':
      return `Link ${fault.batch} was altered, or does not hang on the one before it.`;
    case 'batch-forged':
      return `Link ${fault.batch} was not made with the key of this server (HITOKAGI_SECRET).`;
    case 'removal-forged':
      return `The links up to ${fault.batch} are gone, and retention did not remove them.`;
    case 'event-unsealed':
      return `Event ${fault.eventId} was never sealed: somebody put it in or kept it back, or no server has sealed for a while.`;
    case 'event-missing-unsealed':
      return `Event ${fault.eventId} was taken away before it was sealed.`;
    case 'head-missing':
      return `Link ${fault.batch}, which the given head names, is gone: the end was cut off.`;
    case 'head-differs':
      return `Link ${fault.batch} is not the one that the given head names: the chain was written anew.`;
    case 'head-too-old':
      return `The given head is of link ${fault.batch}, which retention has removed: it can say nothing. Nothing else is wrong.`;
  }
}
