import { err, ok, type Result } from '../shared/kernel/result.ts';
import { snsTexter, type Texter } from '../shared/runtime/text-messages.ts';

/** Why a text message was not sent. REFUSED: this number gets none. UNAVAILABLE: try again later. */
export type SmsNotSent = 'REFUSED' | 'UNAVAILABLE';

/** Hands a text to a phone number (E.164). */
export type SmsSender = (to: string, text: string) => Promise<Result<void, SmsNotSent>>;

/** Sends a code, once: its reader asks for another where none comes. */
export function snsSender(texter: Texter = snsTexter()): SmsSender {
  return async (to, text) => {
    const sent = await texter(to, text);
    if (sent.ok) return ok(undefined);
    const { code } = sent.error;
    return err(code === 'OPTED_OUT' || code === 'UNUSABLE_NUMBER' ? 'REFUSED' : 'UNAVAILABLE');
  };
}
