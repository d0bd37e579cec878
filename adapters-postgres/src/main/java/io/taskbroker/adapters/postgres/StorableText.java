package io.taskbroker.adapters.postgres;

import org.jspecify.annotations.Nullable;

/**
 * Texts as Postgres takes them: it has no character U+0000, and no half of a surrogate pair. Both
 * may come from outside, in an id for example, and must come back as they were. They are written as
 * a mark and four hex digits; the mark is a character of private use, which is written so, too.
 */
final class StorableText {
  private static final char MARK = '\uE0F7';
  private static final int DIGITS = 4;

  private StorableText() {}

  /** The text as it is stored: nearly always itself. */
  static @Nullable String encode(@Nullable String text) {
    if (text == null) {
      return null;
    }
    for (int i = 0; i < text.length(); i++) {
      if (isMarked(text, i)) {
        return encodeFrom(text, i);
      }
    }
    return text;
  }

  private static String encodeFrom(String text, int first) {
    StringBuilder encoded = new StringBuilder(text.length() + 16).append(text, 0, first);
    for (int i = first; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isMarked(text, i)) {
        encoded.append(MARK).append("%04x".formatted((int) c));
      } else {
        encoded.append(c);
      }
    }
    return encoded.toString();
  }

  private static boolean isMarked(String text, int at) {
    char c = text.charAt(at);
    if (c == 0 || c == MARK) {
      return true;
    }
    if (!Character.isSurrogate(c)) {
      return false;
    }
    return Character.isHighSurrogate(c)
        ? at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1))
        : at == 0 || !Character.isHighSurrogate(text.charAt(at - 1));
  }

  /**
   * The text that was stored.
   *
   * @throws IllegalArgumentException if this is no text that {@link #encode} makes
   */
  static @Nullable String decode(@Nullable String stored) {
    if (stored == null || stored.indexOf(MARK) < 0) {
      return stored;
    }
    StringBuilder decoded = new StringBuilder(stored.length());
    for (int i = 0; i < stored.length(); i++) {
      char c = stored.charAt(i);
      if (c == MARK) {
        int end = i + 1 + DIGITS;
        if (end > stored.length()) {
          throw new IllegalArgumentException("a marked character is cut off");
        }
        decoded.append((char) Integer.parseInt(stored.substring(i + 1, end), 16));
        i += DIGITS;
      } else {
        decoded.append(c);
      }
    }
    return decoded.toString();
  }
}
