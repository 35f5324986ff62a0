/** The part of npm `smpp` 0.5 that the simulator and its tests use; the package ships no types. */
import type { EventEmitter } from 'node:events';
import type { Server, Socket } from 'node:net';

/** A decoded text with its user data header, one Buffer per information element (3GPP TS 23.040, 9.2.3.24). */
export interface DecodedMessage {
  message: string | Buffer;
  udh?: Buffer[];
}

/** Fields as they stand in SMPP 3.4; which of them are there depends on the command and on what the peer sent. */
export interface PduFields {
  command_status?: number;
  system_id?: string;
  password?: string;
  source_addr?: string;
  destination_addr?: string;
  esm_class?: number;
  data_coding?: number;
  registered_delivery?: number;
  validity_period?: string | Date;
  message_id?: string;
  receipted_message_id?: string;
  message_state?: number;
  source_addr_ton?: number;
  source_addr_npi?: number;
  dest_addr_ton?: number;
  dest_addr_npi?: number;
  sar_msg_ref_num?: number;
  sar_total_segments?: number;
  sar_segment_seqnum?: number;
  sc_interface_version?: number;
}

export interface Pdu extends PduFields {
  command: string;
  command_id: number;
  command_status: number;
  sequence_number: number;
  short_message?: DecodedMessage;
  message_payload?: DecodedMessage;
  isResponse(): boolean;
  response(fields?: PduFields): Pdu;
}

export interface OutgoingFields extends PduFields {
  short_message?: string | Buffer | { udh: Buffer; message: string | Buffer };
  message_payload?: string | Buffer;
}

type Request = (fields: OutgoingFields, onResponse?: (response: Pdu) => void) => boolean;

export interface Session extends EventEmitter {
  readonly socket: Socket;
  send(pdu: Pdu): boolean;
  close(): void;
  destroy(): void;
  bind_transceiver: Request;
  bind_transmitter: Request;
  bind_receiver: Request;
  submit_sm: Request;
  query_sm: Request;
  deliver_sm: Request;
  enquire_link: Request;
  unbind: Request;
}

export interface SmppLibrary {
  createServer(onSession: (session: Session) => void): Server;
  connect(options: { host: string; port: number }): Session;
  readonly errors: Readonly<Record<string, number>>;
}
