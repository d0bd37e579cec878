package io.taskbroker.inflight;

/**
 * The bucket of an activation, which other readers of the store expect beside it: the last byte of
 * an id that is a UUID, else 0.
 */
public final class Bucket {
  private static final String URN = "urn:uuid:";
  private static final int PLAIN_LENGTH = 32;
  private static final int HYPHENATED_LENGTH = 36;

  private Bucket() {}

  /** The bucket of {@code id}, 0 to 255. */
  public static int of(String id) {
    int from = 0;
    int to = id.length();
    if (id.regionMatches(true, 0, URN, 0, URN.length())) {
      from = URN.length();
    } else if (to == HYPHENATED_LENGTH + 2 && id.charAt(0) == '{' && id.charAt(to - 1) == '}') {
      from = 1;
      to--;
    }
    boolean hyphenated = to - from == HYPHENATED_LENGTH;
    if (!hyphenated && to - from != PLAIN_LENGTH) {
      return 0;
    }
    for (int i = from; i < to; i++) {
      boolean hyphenHere = hyphenated && isHyphen(i - from);
      if (hyphenHere ? id.charAt(i) != '-' : digit(id.charAt(i)) < 0) {
        return 0;
      }
    }
    return digit(id.charAt(to - 2)) << 4 | digit(id.charAt(to - 1));
  }

  private static boolean isHyphen(int index) {
    return index == 8 || index == 13 || index == 18 || index == 23;
  }

  private static int digit(char c) {
    return c < 128 ? Character.digit(c, 16) : -1;
  }
}
