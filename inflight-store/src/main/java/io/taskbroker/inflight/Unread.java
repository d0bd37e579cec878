package io.taskbroker.inflight;

/**
 * Why a payload was not read.
 *
 * @param reason for people
 * @param isDamage whether its row is known to be damaged, so that reading it again would not help;
 *     if not, the disk may only be in trouble for a while
 */
record Unread(String reason, boolean isDamage) {
  static Unread of(JournalException failure) {
    return new Unread(
        String.valueOf(failure.getMessage()), failure instanceof JournalException.Unreadable);
  }
}
