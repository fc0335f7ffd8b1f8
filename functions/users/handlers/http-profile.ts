import { ok } from '../../shared/kernel/result.ts';
import { conditionally, versionAsked, type RequestHeaders } from '../../shared/runtime/conditional.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveTo } from '../../shared/runtime/http.ts';
import { openTable } from '../../shared/table/client.ts';
import { openOwnAccount, showProfile, type OpenedAccount } from '../app/show-profile.ts';
import { updateProfile } from '../app/update-profile.ts';
import { confirmPhoneCode, sendPhoneCode } from '../app/verify-phone.ts';
import { personalDataIn } from '../personal-data.ts';
import { confirmPhone, me, profileEnv, updateMe, verifyPhone } from '../profile-contract.ts';
import { snsSender } from '../sms.ts';

const env = readEnv(profileEnv);
const table = openTable(env.TABLE_NAME);
const personalData = personalDataIn(table, env);
const phone = { table, personalData, sms: snsSender(), hashKey: env.EMAIL_INDEX_KEY_PARAMETER };

const shown = async (headers: RequestHeaders, opened: OpenedAccount) => {
  const body = await showProfile(table, personalData, opened);
  return ok(conditionally(headers, { status: 200, body }, 'never', opened.account.ver));
};

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveTo(me, async ({ session: { userId }, headers }) =>
    shown(headers, await openOwnAccount(table, personalData, userId)),
  ),
  serveTo(updateMe, async ({ session: { userId }, body: patch, headers, occasion }) => {
    const update = { userId, patch, ifMatch: versionAsked(headers['if-match']), occasion };
    const updated = await updateProfile(table, personalData, update);
    return updated.ok ? shown({}, updated.value) : updated;
  }),
  serveTo(verifyPhone, async ({ session: { userId }, now }) => {
    const sent = await sendPhoneCode(phone, userId, now);
    return sent.ok ? ok({ status: 202, body: sent.value }) : sent;
  }),
  serveTo(confirmPhone, async ({ session: { userId }, body: { code }, occasion }) => {
    const confirmed = await confirmPhoneCode(phone, userId, code, occasion);
    return confirmed.ok ? shown({}, confirmed.value) : confirmed;
  }),
]);
