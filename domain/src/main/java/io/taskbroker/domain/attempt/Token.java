package io.taskbroker.domain.attempt;

/**
 * Names one hand-out of one row: 64 bit, never used again in one store.
 *
 * <p>The upper 48 bits are the number of the <em>round</em> in which the row was handed out, the
 * lower 16 are those of its key. A round is used by one process only, and in it no two hand-outs
 * share their lower bits. So a store has to keep the round beside each row, and rows that are
 * handed out together share it.
 */
public final class Token {
  /** Names no hand-out. */
  public static final long NONE = 0;

  private static final int KEY_BITS = 16;

  private Token() {}

  /**
   * The token of a hand-out.
   *
   * @param round 0 if nobody has the row; then this is {@link #NONE}
   */
  public static long of(long round, long key) {
    return round == 0 ? NONE : round << KEY_BITS | slotOf(key);
  }

  /** The round of a hand-out; 0 for {@link #NONE}. */
  public static long roundOf(long token) {
    return token >>> KEY_BITS;
  }

  /** What a row has to have for itself within a round; 0 to 65,535. */
  public static int slotOf(long key) {
    return (int) (key & (1 << KEY_BITS) - 1);
  }

  /** How many rows fit into one round. */
  public static int slots() {
    return 1 << KEY_BITS;
  }
}
