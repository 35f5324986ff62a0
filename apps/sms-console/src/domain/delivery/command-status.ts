/**
 * What a gateway's refusal of a submit_sm means (SMPP 3.4, 5.1.3):
 * - slow-down: too much at once; the message goes again in a moment, everything to this gateway slower.
 * - passing: not now; the message goes again after a while, a few times.
 * - gateway: the gateway or our settings of it are at fault, whatever the message; it rests, and the message goes again.
 * - number, content: this message will never be taken.
 */
export type Verdict = 'slow-down' | 'passing' | 'gateway' | 'number' | 'content';

const TABLE: readonly (readonly [status: number, name: string, verdict: Verdict])[] = [
  [0x01, 'ESME_RINVMSGLEN', 'content'],
  [0x02, 'ESME_RINVCMDLEN', 'content'],
  [0x03, 'ESME_RINVCMDID', 'gateway'],
  [0x04, 'ESME_RINVBNDSTS', 'gateway'],
  [0x05, 'ESME_RALYBND', 'gateway'],
  [0x06, 'ESME_RINVPRTFLG', 'gateway'],
  [0x07, 'ESME_RINVREGDLVFLG', 'gateway'],
  [0x08, 'ESME_RSYSERR', 'passing'],
  [0x0a, 'ESME_RINVSRCADR', 'gateway'],
  [0x0b, 'ESME_RINVDSTADR', 'number'],
  [0x0d, 'ESME_RBINDFAIL', 'gateway'],
  [0x0e, 'ESME_RINVPASWD', 'gateway'],
  [0x0f, 'ESME_RINVSYSID', 'gateway'],
  [0x14, 'ESME_RMSGQFUL', 'slow-down'],
  [0x15, 'ESME_RINVSERTYP', 'gateway'],
  [0x40, 'ESME_RINVDESTFLAG', 'gateway'],
  [0x42, 'ESME_RINVSUBREP', 'gateway'],
  [0x43, 'ESME_RINVESMCLASS', 'gateway'],
  [0x44, 'ESME_RCNTSUBDL', 'gateway'],
  [0x45, 'ESME_RSUBMITFAIL', 'passing'],
  [0x48, 'ESME_RINVSRCTON', 'gateway'],
  [0x49, 'ESME_RINVSRCNPI', 'gateway'],
  [0x50, 'ESME_RINVDSTTON', 'gateway'],
  [0x51, 'ESME_RINVDSTNPI', 'gateway'],
  [0x53, 'ESME_RINVSYSTYP', 'gateway'],
  [0x54, 'ESME_RINVREPFLAG', 'gateway'],
  [0x58, 'ESME_RTHROTTLED', 'slow-down'],
  [0x61, 'ESME_RINVSCHED', 'gateway'],
  [0x62, 'ESME_RINVEXPIRY', 'content'],
  [0x64, 'ESME_RX_T_APPN', 'passing'],
  [0x65, 'ESME_RX_P_APPN', 'content'],
  [0x66, 'ESME_RX_R_APPN', 'content'],
  [0xc0, 'ESME_RINVOPTPARSTREAM', 'gateway'],
  [0xc1, 'ESME_ROPTPARNOTALLWD', 'gateway'],
  [0xc2, 'ESME_RINVPARLEN', 'gateway'],
  [0xc3, 'ESME_RMISSINGOPTPARAM', 'gateway'],
  [0xc4, 'ESME_RINVOPTPARAMVAL', 'gateway'],
  [0xfe, 'ESME_RDELIVERYFAILURE', 'number'],
  [0xff, 'ESME_RUNKNOWNERR', 'passing'],
];
const BY_STATUS = new Map(TABLE.map(([status, name, verdict]) => [status, { name, verdict }]));

/** Reads a command status other than 0. What no specification names (a carrier's own, 0x400 to 0x4FF) is tried again, as far as anybody knows it may pass. */
export function readStatus(status: number): { readonly name: string; readonly verdict: Verdict } {
  const name = `0x${status.toString(16).toUpperCase().padStart(8, '0')}`;
  return BY_STATUS.get(status) ?? { name, verdict: 'passing' };
}
