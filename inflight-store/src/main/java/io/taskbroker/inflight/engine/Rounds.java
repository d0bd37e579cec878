package io.taskbroker.inflight.engine;

import io.taskbroker.domain.attempt.Token;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Numbers hand-outs: each gets a {@link Token} that the store never gives again.
 *
 * <p>A group of commands takes one round, or one more where two of its rows would share a token.
 * Rounds are reserved in blocks: the end of the block is a standing order, written before the block
 * is used or with the first group that uses it, so that the next process begins behind it.
 */
final class Rounds {
  /** Of one block: some hours of a busy store. A process that ends wastes what is left of it. */
  static final long BLOCK = 1L << 24;

  /** With fewer than these it is time for the next block: some minutes of a busy store. */
  static final long FEW = BLOCK / 16;

  private static final String NAME = "rounds";

  /** Milliseconds since 1970 stay below this until the year 2527. */
  private static final long LATEST_CLOCK = 1L << 44;

  private long next = 1;

  /** What was next before the group in progress. */
  private long nextBefore = 1;

  /** Rounds below this are reserved, or are with the group in progress. */
  private long reserved = 1;

  /** What is written of it. */
  private long settled = 1;

  /** The round of the group in progress; 0 if it has none yet. */
  private long current;

  /** The slots that the current round has given. */
  private final BitSet taken = new BitSet(Token.slots());

  /**
   * Rounds of earlier processes are not used again, also where the file is an old copy: no process
   * uses more than one round in a millisecond, so the clock tells where to begin, too.
   */
  void begin(long wallMs) {
    beginAbove(Math.clamp(wallMs, 0, LATEST_CLOCK));
  }

  /** A row bears this round, so it was used. */
  void used(long round) {
    beginAbove(round);
  }

  private void beginAbove(long round) {
    next = Math.max(next, round + 1);
    nextBefore = next;
    reserved = Math.max(reserved, next);
    settled = reserved;
  }

  /** Takes in the standing order, if it is this one. */
  void restore(String name, String text) {
    if (name.equals(NAME) && text.matches("[0-9]{1,14}")) {
      beginAbove(Long.parseLong(text) - 1);
    }
  }

  /** The token of a hand-out of this row. */
  long next(long key) {
    int slot = Token.slotOf(key);
    if (current == 0 || taken.get(slot)) {
      beginRound();
    }
    taken.set(slot);
    return Token.of(current, key);
  }

  private void beginRound() {
    taken.clear();
    if (next >= reserved) {
      reserve();
    }
    current = next++;
  }

  /** Whether few rounds are left that are reserved. */
  boolean areFew() {
    return reserved - next < FEW;
  }

  /** Reserves another block, which is written with the group in progress. */
  void reserve() {
    reserved = Math.max(next, reserved) + BLOCK;
  }

  /** What is not written yet; null almost always. */
  @Nullable StandingOrder change() {
    return reserved == settled ? null : new StandingOrder(NAME, Long.toString(reserved));
  }

  /** The group is written, and the next one takes another round. */
  void settle() {
    settled = reserved;
    nextBefore = next;
    current = 0;
  }

  /** The order was not written. */
  void undoOrder() {
    reserved = settled;
  }

  /** The group was not written, so nobody has its tokens. */
  void undo() {
    undoOrder();
    next = nextBefore;
    current = 0;
  }
}
