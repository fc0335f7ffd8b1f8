import { describe, expect, it } from 'vitest';

import { mailboxOf } from '../../functions/users/domain/email.ts';

describe('the mailbox of an address', () => {
  it.each([
    ['anna+concert@example.com', 'anna@example.com'],
    ['Anna+A+B@Example.com', 'anna@example.com'],
    ['an.na+x@gmail.com', 'anna@gmail.com'],
    ['A.N.N.A@googlemail.com', 'anna@gmail.com'],
    ['anna@bücher.example', 'anna@xn--bcher-kva.example'],
  ])('of %s is %s', (alias, mailbox) => {
    expect(mailboxOf(alias)).toBe(mailbox);
  });

  it.each([
    ['an.na@example.com', 'anna@example.com'],
    ['anna@example.com', 'anna@mail.example.com'],
    ['+anna@example.com', '+bert@example.com'],
  ])('keeps %s and %s apart, which nobody is known to deliver to one place', (one, other) => {
    expect(mailboxOf(one)).not.toBe(mailboxOf(other));
  });
});
