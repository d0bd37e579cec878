package io.taskbroker.browser;

import java.util.List;
import java.util.Locale;

/**
 * What has to be said of something that does not move, wherever somebody looks.
 *
 * @param line words that one line of the log has; none for any line
 * @param what as the feed, the command and the page call it
 * @param why words of the cause
 * @param remedy words of what to do
 * @param verdict words of the page's heading, in small letters; empty for any
 */
record Said(List<String> line, String what, String why, String remedy, String verdict) {
  private static final String STALLED = " is stalled: ";

  /** Of something that nobody has asked for: the log calls it stalled. */
  static Said standstill(String what, String why, String remedy) {
    return new Said(List.of(what + STALLED, why, remedy), what, why, remedy, "still");
  }

  /** The same, below another heading. */
  Said below(String heading) {
    return new Said(line, what, why, remedy, heading);
  }

  boolean isStandstill() {
    return line.contains(what + STALLED);
  }

  /** Whether a text says all of it. */
  boolean isIn(String text) {
    return text.contains(what) && text.contains(why) && text.contains(remedy);
  }

  /** Whether one box of the overview does, below a heading that is the verdict. */
  boolean isOn(Browser overview) {
    Object isThere =
        overview.script(
            """
            return [...document.querySelectorAll('.stall')].map(one => one.innerText.toLowerCase())
              .some(text => [...arguments].every(part => text.includes(part)))
            """,
            small(what), // sentences begin with a large letter there
            small(why),
            small(remedy));
    return Boolean.TRUE.equals(isThere) && small(overview.text("h1")).contains(verdict);
  }

  private static String small(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
