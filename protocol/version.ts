/**
 * The version of the words exchanged between agent and receiver. It is sent with every request and
 * checked at first contact; a receiver that does not know it answers 426 and lists what it knows.
 * Within one version fields may be added: unknown fields are ignored by both sides.
 */
export const PROTOCOL_VERSION = 1;
