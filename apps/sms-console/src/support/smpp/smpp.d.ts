/** The part of npm `smpp` 0.5 that the console uses; the package ships no types. Fields are named as in SMPP 3.4. */
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

/** A decoded text with its user data header, one Buffer per information element (3GPP TS 23.040, 9.2.3.24). */
export interface DecodedMessage {
  message: string | Buffer;
  udh?: Buffer[];
}

/** Which of them are there depends on the command and on what the peer sent. */
export interface PduFields {
  command_status?: number;
  system_id?: string;
  password?: string;
  system_type?: string;
  interface_version?: number;
  service_type?: string;
  source_addr?: string;
  source_addr_ton?: number;
  source_addr_npi?: number;
  destination_addr?: string;
  dest_addr_ton?: number;
  dest_addr_npi?: number;
  esm_class?: number;
  data_coding?: number;
  registered_delivery?: number;
  validity_period?: string | Date;
  message_id?: string;
  receipted_message_id?: string;
  message_state?: number;
  sar_msg_ref_num?: number;
  sar_total_segments?: number;
  sar_segment_seqnum?: number;
  short_message?: string | Buffer | { udh: Buffer; message: string | Buffer };
  message_payload?: string | Buffer;
}

export interface Pdu extends Omit<PduFields, 'short_message' | 'message_payload'> {
  command: string;
  command_id: number;
  command_status: number;
  sequence_number: number;
  short_message?: DecodedMessage;
  message_payload?: DecodedMessage;
  isResponse(): boolean;
  response(fields?: PduFields): Pdu;
}

type OnAnswer = (response: Pdu) => void;
/** False: the socket cannot be written to, and nothing was. */
type Request = (fields: PduFields, onAnswer?: OnAnswer) => boolean;

export interface Session extends EventEmitter {
  readonly socket: Socket;
  send(pdu: Pdu): boolean;
  destroy(): void;
  bind_transceiver: Request;
  submit_sm: Request;
  enquire_link: Request;
  unbind: Request;
}

interface Coder {
  encode(text: string): Buffer;
  decode(octets: Buffer): string;
}

export interface SmppLibrary {
  connect(options: { host: string; port: number; tls?: boolean; ca?: string; servername?: string }): Session;
  /** Command status by name (SMPP 3.4, 5.1.3). */
  readonly errors: Readonly<Record<string, number>>;
  readonly encodings: { readonly ASCII: Coder; readonly UCS2: Coder };
  /** GSM 03.38: charRegex matches texts of its basic and extension table, extChars lists the extension table. */
  readonly gsmCoder: { readonly GSM: { readonly charRegex: RegExp; readonly extChars: string } };
}
